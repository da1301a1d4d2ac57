"""What tracer's processes say to each other arrives as it was, and can do nothing."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import CaseError, RegisterError, TracerError
from tracer.evidence.reading import Books, Done, Failed, Rows
from tracer.machine.wire import decoded, encoded
from tracer.show.picture import NoRendererError

TEXTS = st.text(st.characters(codec=None, exclude_categories=()))
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.binary()
)
PLAIN = st.recursive(
    SCALARS | TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)


@given(PLAIN)
def test_every_value_arrives(value: Any) -> None:
    assert decoded(encoded({"value": value}), dict) == {"value": value}


@given(TEXTS, TEXTS)
def test_every_text_arrives_wherever_it_stands(text: str, other: str) -> None:
    rows = Rows({"records": [(text, 1, b"\xff", None, other)]}, 7)
    assert decoded(encoded(rows), Rows) == rows
    done = Done(Books(text, other, source=text, note=None, records=3), (1, text, None, None))
    assert decoded(encoded(done), Done) == done


@pytest.mark.parametrize("text", ["plain", "odd \udc80"])
@pytest.mark.parametrize("kind", [TracerError, CaseError, RegisterError])
def test_a_stated_problem_arrives(kind: type[TracerError], text: str) -> None:
    problem = decoded(encoded(Failed(kind(text, where="a.json", todo="do this"))), Failed).problem
    assert type(problem) is kind
    assert (problem.what, problem.where, problem.todo) == (text, "a.json", "do this")


def test_a_problem_of_another_module_arrives_as_the_nearest() -> None:
    assert type(decoded(encoded(NoRendererError("none")), TracerError)) is TracerError


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"\1",
        b"\2\x01",
        b"\0\xc1",
        b"\0\x01",
        encoded(["OSError", "x", "", ""]),
        encoded({"problem": 1}),
    ],
)
def test_what_is_no_such_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decoded(data, Failed)


def test_no_message_runs_anything(tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "ran",))

    for head in (b"", b"\0", b"\1"):
        with pytest.raises(ValueError):
            decoded(head + pickle.dumps(Runs()), Rows)
    assert not (tmp_path / "ran").exists()
