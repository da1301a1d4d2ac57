"""Limits of formats: at the limit a record is read, one beyond it is a reject that says so, and what follows is read."""

import json
from pathlib import Path

import pytest
from tests.evidence.formats.build import read
from tests.evidence.test_malformed import event, reasons
from tests.evidence.test_malformed import read as ingested
from tests.evidence.test_properties import records
from tests.limits.lowered import lowered


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


@pytest.mark.parametrize(
    ("begin", "between", "end"), [(b"[", b",", b"]"), (b"", b"\n", b""), (b"", b" ", b"")]
)
@pytest.mark.parametrize("inner", [b'"%b"', b"[%b]", b'"%b\\"]}"'], ids=["text", "array", "escaped"])
def test_a_record_of_json(begin: bytes, between: bytes, end: bytes, inner: bytes) -> None:
    """Longer than what is looked at to skip it, so that strings and brackets go over its borders."""
    small = b'{"a": "' + b"x" * 8_100 + b'"}'
    large = b'{"a": ' + inner.replace(b"%b", b"1," * (1 << 18) + b"1") + b"}"
    data = begin + between.join([small, large, b'{"a": 1}', b'{"a": 2}']) + end
    with lowered("evidence.formats._json_skip.LONGEST", 8_192):
        found = records(data, ())
    assert [piece.problem is None for piece in found] == [True, False, True, True]
    assert found[1].offset == len(begin + small + between) and "only the first are kept" in str(found[1].problem)
    assert large.startswith(found[1].raw)


def test_the_values_of_a_record_of_json(tmp_path: Path) -> None:
    data = b"\n".join(json.dumps(event(number, more=[1] * (number * 20))).encode() for number in range(3))
    with lowered("evidence.characters.MOST_VALUES", 40):
        _, connection = ingested(tmp_path, "t.ndjson", data)
    assert reasons(connection) == ["the record cannot be read (it holds more than 40 values)"]


def test_a_string_before_the_array_of_records() -> None:
    data = (
        b'{"before": "'
        + b"x" * 3_000_000
        + b'", "deep": '
        + b"[" * 9
        + b"]" * 9
        + b', "Records": [{"a": 1}]}'
    )
    assert [piece.raw for piece in records(data, ("Records",))] == [b'{"a": 1}']


@pytest.mark.parametrize("filler", [b'{"a" 1},', b'{"a" [,', b'{"b": {"b": ', b'{"a" 1}' + b" " * 90 + b","])
def test_many_broken_records_take_time_linear_in_their_length(filler: bytes) -> None:
    """What is looked at for each of them is bounded, and so is what it takes to drop it."""
    assert records(b"[" + filler * 4_000 + b'\n,{"a": 1}]', ())
