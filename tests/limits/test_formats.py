"""Limits of formats: at the limit a record is read, one beyond it is a reject that says so, and what follows is read."""

import pytest
from tests.evidence.formats.build import read
from tests.limits.lowered import lowered

LONGEST = "evidence.formats._lines.LONGEST"


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_row_of_a_table(end: bytes) -> None:
    with lowered("evidence.formats._lines.LONGEST", 10):
        found = read(
            "csv", end.join([b"a,b", b"1,345678x"[:9], b"1,3456789", b"1," + b"2" * 40, b"3,4", b""])
        )
    assert [piece.problem is None for piece in found] == [True, True, False, True]


def test_the_values_of_a_row() -> None:
    with lowered("evidence.formats.csv.MOST_COLUMNS", 3):
        found = read("csv", b"a,b,c\n1,2,3\n1,2,3,4\n5,6,7\n")
    assert [piece.problem for piece in found] == [None, "the row has more than 3 values", None]


def test_the_lines_of_a_row() -> None:
    with lowered("evidence.formats.csv.MOST_LINES", 4):
        found = read("csv", b'a,b\n1,"x\n\n\ny"\n1,"x\n\n\n\ny"\n5,6\n')
    assert [piece.problem is None for piece in found] == [True, False, False, True]


@pytest.mark.parametrize("options", [{}, {"start": "="}])
def test_a_record_of_text(options: dict[str, str]) -> None:
    with lowered("evidence.formats._lines.LONGEST", 10):
        found = read("text", b"=23456789\n=234567890\n=" + b"2" * 40 + b"\n=3\n", **options)
    assert [piece.problem is None for piece in found] == [True, False, False, True]


def test_a_record_of_several_lines_of_text() -> None:
    with lowered("evidence.formats._lines.LONGEST", 10):
        found = read("text", b"=234\n678\n=234\n6789\n1\n1\n=3\n", start="=")
    assert [piece.problem is None for piece in found] == [True, False, True]
    assert "longer than 10 bytes" in str(found[1].problem)
