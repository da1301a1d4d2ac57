"""Parquet: rows of every type as JSON; what is broken or needs a library says so."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tracer.errors import TracerError
from tracer.evidence.formats import Piece, parquet
from tracer.evidence.handed_in import Handed, contents
from tracer.sources.declarations import declarations

ROWS = [
    {"at": datetime(2026, 4, 1, 8, tzinfo=UTC), "raw": b"\x00\xff", "sum": Decimal("1.10"), "list": [{"a": None}], "text": "é"},
    {"at": None, "raw": None, "sum": None, "list": [], "text": None},
]  # fmt: skip


def read(path: Path) -> list[Piece]:
    (content,) = contents(Handed(str(path)))
    return list(parquet.pieces(content, declarations()["databricks-audit-parquet"]))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A file of both rows."""
    arrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    write_table(arrow.Table.from_pylist(ROWS), tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def test_every_type_becomes_json(table: Path) -> None:
    first, second = read(table)
    assert first.raw.decode() == (
        '{"at": "2026-04-01T08:00:00+00:00", "raw": "AP8=", "sum": "1.10", "list": [{"a": null}], "text": "é"}'
    )
    assert (first.ordinal, second.ordinal) == (0, 1)


def test_a_file_that_breaks_off_is_one_record_that_says_so(table: Path) -> None:
    table.write_bytes(table.read_bytes()[:-20])
    (piece,) = read(table)
    assert piece.problem is not None
    assert piece.problem.startswith("the Parquet file is broken")


def test_without_the_library_one_sentence_says_which_extra(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(TracerError, match=r"tracer-forensics\[parquet\]"):
        read(table)
