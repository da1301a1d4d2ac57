"""Tables: delimiters, quoted line breaks, and rows that do not fit."""

from pathlib import Path

import pytest
from tests.evidence.formats.build import declared, read, values

from tracer.evidence.formats import unwrapped
from tracer.evidence.ingest import ingest


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf"])
def test_rows_are_dicts_whatever_the_marks(mark: str, end: str, begin: bytes) -> None:
    rows = [["who", "what"], ["ada", '"a, b; c\td"'], ["bob", '"x""y"'], ["", ""]]
    data = begin + end.join(mark.join(row) for row in rows).encode() + end.encode()
    assert values("csv", data) == [
        {"who": "ada", "what": "a, b; c\td"},
        {"who": "bob", "what": 'x"y'},
        {"who": "", "what": ""},
    ]


def test_a_value_may_hold_line_breaks_and_blank_lines() -> None:
    data = b'who,what\r\nada,"line one\r\n\r\nline three"\r\n\r\nbob,x\r\n'
    assert values("csv", data) == [
        {"who": "ada", "what": "line one\r\n\r\nline three"},
        {"who": "bob", "what": "x"},
    ]


def test_a_row_that_does_not_fit_costs_only_itself() -> None:
    found = read("csv", b"who,what\nada,x,y\nbob,z\n")
    assert found[0].problem == "the row does not have the 2 fields of the header"
    assert found[1].value == {"who": "bob", "what": "z"}


def test_of_columns_of_one_name_the_first_value_counts() -> None:
    """Jira repeats a column for each of several values, and leaves those empty that a ticket has not."""
    data = b"who,what,what,what\nada,x,y,\nbob,,,z\n"
    assert values("csv", data) == [{"who": "ada", "what": "x"}, {"who": "bob", "what": "z"}]


@pytest.mark.parametrize(
    "header",
    [
        "worker_id,email,attribute,value,effective_at,recorded_at,email",
        "as_of,worker_id,email,department,department",
    ],
)
def test_a_column_that_is_there_twice_is_refused_in_tables_of_our_own(tmp_path: Path, header: str) -> None:
    (tmp_path / "people.csv").write_text(f"{header}\n" + "x," * header.count(",") + "x\n")
    (problem,) = ingest(tmp_path / "case.db", [tmp_path / "people.csv"]).problems
    assert "is there twice" in problem.what


def test_a_quote_that_is_never_closed_costs_only_its_row() -> None:
    rows = b"".join(b"p%d,q\n" % number for number in range(100))
    found = read("csv", b'who,what\nada,"x\n' + rows)
    assert [piece.problem is None for piece in found] == [False] + [True] * 100
    assert found[0].raw == b'ada,"x'


def test_columns_of_json_and_the_column_that_is_the_record() -> None:
    data = b'id,AuditData\n7,"{""Operation"": ""Add"", ""n"": {""a"": 1}}"\n8,"{"\n'
    one, two = values("csv", data)
    said = declared("csv", json_columns=["AuditData"])
    assert unwrapped(one, said) == {"id": "7", "AuditData": {"Operation": "Add", "n": {"a": 1}}}
    inner = declared("csv", json_columns=["AuditData"], unwrap="AuditData")
    assert unwrapped(one, inner) == {"Operation": "Add", "n": {"a": 1}}
    with pytest.raises(ValueError, match="the field AuditData holds no JSON"):
        unwrapped(two, inner)


def test_a_file_without_a_header_has_the_declared_columns() -> None:
    assert values("csv", b"a,b\nc,d\n", columns=["x", "y"]) == [{"x": "a", "y": "b"}, {"x": "c", "y": "d"}]
