"""The transformers themselves: what they change comes back, what they move is not lost."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.transform import shapes
from tests.transform.cases import CASES, Case, copy_of
from tests.transform.documents import files, kind, parse, read, render, text_of
from tests.transform.names import Renaming, _renamed
from tests.transform.times import rezone, shift

WORDS = st.sets(st.text("abcdefghij0123", min_size=1, max_size=8), max_size=30)


@given(WORDS)
def test_renamed_words_keep_length_order_and_common_beginnings(words: set[str]) -> None:
    new = _renamed(words, 3)
    assert [new[word] for word in sorted(words)] == sorted(new.values())
    assert len(set(new.values())) == len(words)
    for one in words:
        assert len(new[one]) == len(one)
        assert all(new[other].startswith(new[one]) == other.startswith(one) for other in words)


@given(st.datetimes(), st.integers(-400, 400))
def test_shifting_back_gives_the_text_again(moment: object, days: int) -> None:
    text = (
        f'{{"at": "{moment}", "n": 1767592800000, "s": 1767592800, "account": "111122223333", "v": "1.10"}}'
    )
    moved = shift(text, days)
    if moved.count("111122223333") == 1:
        assert shift(moved, -days) == text or str(moment) in moved


def test_shifting_knows_every_form() -> None:
    text = "2026-03-01T00:00:00Z 2026-03-01 2026-03-01 09:00:00 2026-03-01T10:00:00.000+0100 1772323200000 1772323200"
    assert shift(text, -1) == (
        "2026-02-28T00:00:00Z 2026-02-28 2026-02-28 09:00:00 2026-02-28T10:00:00.000+0100 1772236800000 1772236800"
    )


def test_another_zone_is_the_same_instant() -> None:
    from tracer.case.times import parse_iso

    for text in ("2026-03-10T18:29:59.000+0530", "2026-03-10T18:29:59Z", "2026-12-31T23:59:59-08:00"):
        assert parse_iso(rezone(text)) == parse_iso(text)
    assert rezone("2026-03-10 2026-03-10 10:00:00") == "2026-03-10 2026-03-10 10:00:00"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_renaming_and_its_inverse_give_the_files_again(case: Case) -> None:
    texts = [(path.name, text_of(path)) for path in files(case.evidence)]
    renaming = Renaming([parse(text, name) for name, text in texts], case.expected)
    back = renaming.inverse()
    for name, text in texts:
        there = renaming.file(text, name)
        assert back.file(there, name) == render(parse(text, name))
        assert case.expected["query"]["identity"] not in there


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize(
    "shape", [shapes.split, shapes.merge, shapes.move, shapes.reorder, shapes.overlap, shapes.pack]
)
def test_no_record_is_lost_or_invented(case: Case, shape: object, tmp_path: Path) -> None:
    def records(folder: Path) -> set[str]:
        found = set()
        for path in files(folder):
            document = parse(text_of(path), path.name)
            entries = (
                [e for s in document.frame.values() for e in (s if isinstance(s, list) else s.items())]
                if document.format == "yaml"
                else document.records
            )
            found |= {f"{kind(document)}{entry}" for entry in entries}
        return found

    folder = copy_of(case, tmp_path)
    for path, document in shapes._documents(folder):
        path.write_text(render(document))
    before = records(folder)
    assert callable(shape)
    shape(folder)
    assert records(folder) == before
    assert all(read(path) for path in files(folder))
