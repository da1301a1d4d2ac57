"""Every file of the corpus is read as far as it can be, says what it is not, and its books balance."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.evidence.hostile.corpus import CASES, Hostile
from tests.evidence.test_malformed import read, reasons
from tests.limits.lowered import lowered

from tracer.judgement.judge import judge


@pytest.fixture
def limits(request: pytest.FixtureRequest) -> Iterator[Hostile]:
    case: Hostile = request.param
    with ExitStack() as stack:
        for place, value in case.lowered.items():
            stack.enter_context(lowered(place, value))
        yield case


@pytest.mark.parametrize("limits", CASES, indirect=True, ids=lambda case: case.name.replace(" ", "-"))
def test_what_is_sound_is_read_and_the_rest_is_said(limits: Hostile, tmp_path: Path) -> None:
    case = limits
    summary, connection = read(tmp_path, case.file, case.data())
    assert summary.problems == []
    books, said = summary.files[0], reasons(connection)
    assert books.source == case.source
    assert (books.kept, books.counted, books.skipped, books.rejected) == (
        case.kept, case.counted, case.skipped, case.rejected,
    ), said  # fmt: skip
    for part in case.said:
        assert any(part in reason for reason in said), said
    assert case.note in (books.note or "")
    assert not any("fault of tracer" in reason for reason in said), said
    judge(connection)
