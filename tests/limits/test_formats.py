"""Limits of formats: at the limit a record is read, one beyond it is a reject that says so, and what follows is read."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from tests.evidence.formats.build import declared, read
from tests.evidence.test_malformed import event, reasons
from tests.evidence.test_malformed import read as ingested
from tests.evidence.test_properties import records
from tests.limits.lowered import lowered

from tracer.evidence.containers import Content, held
from tracer.evidence.formats import Piece, formats
from tracer.sources.git.registers import Registers
from tracer.sources.git.state import State


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
    assert found[1].offset == len(begin + small + between) and "only the first are kept" in str(
        found[1].problem
    )
    assert large.startswith(found[1].raw)


def test_the_values_of_a_record_of_json(tmp_path: Path) -> None:
    data = b"\n".join(json.dumps(event(number, more=[1] * (number * 20))).encode() for number in range(3))
    with lowered("sources.characters.MOST_VALUES", 40):
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


def test_the_elements_of_a_record_of_xml() -> None:
    data = b"<Event><a/><a/></Event><Event><a/><a b='c'/></Event><Event></Event></Event>"
    with lowered("evidence.formats.xml.MOST_ELEMENTS", 3):
        found = read("xml", data)
    assert [piece.problem is None for piece in found] == [True, False, True]


def test_elements_inside_each_other() -> None:
    with lowered("evidence.formats.xml.DEEPEST", 2):
        found = read("xml", b"<Event><a/></Event><Event><a><b/></a></Event>")
    assert [piece.problem is None for piece in found] == [True, False]


def test_a_record_of_xml() -> None:
    data = (
        b"<Event>12345</Event> <Event>123456</Event><Event>"
        + b"<a/>" * 200_000
        + b"</Event> <Event>1</Event>"
    )
    with lowered("evidence.formats._lines.LONGEST", 20):
        found = read("xml", data)
    assert [piece.problem is None for piece in found] == [True, False, False, True]
    assert "longer than 20 bytes" in str(found[2].problem) and len(found[2].raw) < 5_000


def test_many_openings_without_an_end_take_time_linear_in_their_length() -> None:
    found = read("xml", b"<Event>" * 50_000)
    assert len(found) == 50_000 and all("has no end" in str(piece.problem) for piece in found)


def test_many_elements_of_one_name_take_time_linear_in_their_number() -> None:
    (found,) = read("xml", b"<Event>" + b"<a>1</a>" * 100_000 + b"</Event>")
    assert found.value is not None and len(found.value["Event"]["a"]) == 100_000


def test_a_file_of_terraform() -> None:
    data = b'resource "a" "b" {\n}\n'
    with lowered("sources.git.registers.LARGEST", len(data)):
        assert read("hcl", data)[0].problem is None
        assert "larger than" in str(read("hcl", data + b"\n")[0].problem)


def test_blocks_inside_each_other() -> None:
    with lowered("sources.git.hcl.DEEPEST", 2):
        found = read("hcl", b"locals {\n a {\n }\n}\nlocals {\n a {\n b {\n}\n}\n}\nlocals {\n}\n")
    assert [piece.problem is None for piece in found] == [True, False, True]


def test_comments_without_an_end_take_time_linear_in_their_length() -> None:
    assert read("hcl", b"locals {\n" + b"/*" * 200_000)[0].problem


def state(text: str) -> State:
    options = {"registers": [{"files": ["r.yaml"]}]}
    return Registers(options, "x").state("r.yaml", text.encode())


def test_the_values_of_a_register_file() -> None:
    with lowered("sources.git.documents.MOST_STEPS", 7):
        assert state("team: {members: [a, b]}").holdings
        with pytest.raises(ValueError, match="too large"):
            state("team: {members: [a, b, c, d]}")


def test_values_that_aliases_repeat_count_again_and_again() -> None:
    names = "abcdefghijklmnopqrst"
    text = "a: &a {x: y}\n" + "".join(
        f"{name}: &{name} {{<<: [*{before}, *{before}, *{before}]}}\n" for before, name in pairwise(names)
    )
    with pytest.raises(ValueError, match="aliases written out"):
        state(text)


def test_lists_inside_each_other_in_a_register_file() -> None:
    with lowered("sources.git.yaml_documents.DEEPEST", 3):
        assert state("team: {members: [a]}").holdings
        with pytest.raises(ValueError, match="nested more than 3 deep"):
            state("x: {team: {members: [a]}}")


def test_the_text_of_a_git_log() -> None:
    data = (SOURCES / "git-register/sample-log.txt").read_bytes()
    with lowered("evidence.formats.git.LARGEST", len(data)):
        assert all(piece.problem is None for piece in pieces("git", data))
        (found,) = pieces("git", data + b"\n")
    assert "larger than" in str(found.problem)


SOURCES = Path(__file__).parents[1] / "sources"


def pieces(kind: str, data: bytes) -> list[Piece]:
    return list(formats()[kind].pieces(Content("x", held(data)), declared(kind)))


def test_what_a_c1z_file_holds() -> None:
    data = (SOURCES / "baton/sample.c1z").read_bytes()
    whole = len(pieces("c1z", data))
    for place, value, said in (
        ("evidence.formats.c1z.LARGEST", 100, "limit"),
        ("evidence.formats.c1z.LONGEST", 20, "too big"),
        ("evidence.formats.c1z.MOST_STEPS", 1, "interrupted"),
    ):
        with lowered(place, value):
            found = pieces("c1z", data)
        assert len(found) <= whole and said in str(found[-1].problem), place


def test_the_rows_and_columns_of_a_parquet_file(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"a": ["x", "y"], "b": [1, 2]}), path)
    size = parquet.ParquetFile(path).metadata.row_group(0).total_byte_size
    with (
        lowered("evidence.formats.parquet.MOST_COLUMNS", 2),
        lowered("evidence.formats.parquet.LARGEST_GROUP", size),
    ):
        assert [piece.problem for piece in pieces("parquet", path.read_bytes())] == [None, None]
    with lowered("evidence.formats.parquet.MOST_COLUMNS", 1):
        assert "more than 1 columns" in str(pieces("parquet", path.read_bytes())[0].problem)
    with lowered("evidence.formats.parquet.LARGEST_GROUP", size - 1):
        assert "larger than" in str(pieces("parquet", path.read_bytes())[0].problem)


def test_the_records_of_a_chunk_of_an_event_log() -> None:
    pytest.importorskip("evtx")
    data = (SOURCES / "windows-security-evtx/sample.evtx").read_bytes()
    found = pieces("evtx", data)
    with lowered("evidence.formats.evtx.MOST_RECORDS", len(found)):
        assert pieces("evtx", data) == found
    with lowered("evidence.formats.evtx.MOST_RECORDS", len(found) - 1):
        few = pieces("evtx", data)
    assert few[:-1] == found[:-1] and "more than" in str(few[-1].problem)


def test_a_commit_of_a_git_log() -> None:
    data = (SOURCES / "git-register/sample-log.txt").read_bytes()
    longest = max(len(piece.raw) for piece in pieces("git", data))
    with lowered("evidence.formats._lines.LONGEST", longest):
        assert all(piece.problem is None for piece in pieces("git", data))
    with lowered("evidence.formats._lines.LONGEST", longest - 1):
        assert ["longer than" in str(piece.problem) for piece in pieces("git", data)].count(True) == 1
