"""Parquet files, as warehouses and data lakes export tables. A record's raw text is its row as JSON; it has no offset.

A file is groups of rows, each of which is read alone, so that a broken one costs only its own rows. Needs the extra
`parquet`.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece, missing
from tracer.evidence.formats._lines import too_long
from tracer.limits import Limit
from tracer.sources.characters import text
from tracer.sources.declarations import Declaration

MAGIC = b"PAR1"

BATCH = 2_000
"""Rows that are held at a time."""
FEW = 64
"""Rows that are, where a group of rows is large: any value may be as large as the group."""
LARGE = 1 << 26

MOST_COLUMNS = Limit(
    10_000,
    "columns",
    bounds="the columns of a Parquet file, with those inside others",
    why="tables of audit logs have some hundreds; each column costs memory for every group of rows",
    beyond="the file is one reject",
)
LARGEST_GROUP = Limit(
    8 << 30,
    "bytes",
    bounds="what one group of rows of a Parquet file says that it unpacks to",
    why="writers make groups of 128 MB to 1 GB",
    beyond="the group is one reject, and the others are read",
)


def looks(content: Content) -> bool:
    """Whether it begins as such a file does."""
    return content.head.startswith(MAGIC)


def called(content: Content) -> str | None:
    """What the file is called."""
    return "Parquet file" if looks(content) else None


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The rows in the order of the file; each group of rows that is broken gives one record that says so."""
    del declaration
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise missing(content, "a Parquet file", "parquet") from error
    with content.file() as path:
        try:
            file = parquet.ParquetFile(path)
        except Exception as error:
            # The library raises whatever its layers raise on broken data: every one of them means the same here.
            yield Piece(0, 0, content.head[:64], _why("the Parquet file is broken", error))
            return
        with file:
            for ordinal, (raw, problem) in enumerate(_rows(file, content.head[:64])):
                yield Piece(ordinal, 0, raw, problem or too_long(len(raw)))


def _rows(file: Any, head: bytes) -> Iterator[tuple[bytes, str | None]]:
    """Each row as JSON, or why it cannot be read."""
    if file.metadata.num_columns > MOST_COLUMNS:
        yield head, f"the Parquet file has more than {MOST_COLUMNS} columns"
        return
    for group in range(file.num_row_groups):
        try:
            size = file.metadata.row_group(group).total_byte_size
            if size > LARGEST_GROUP:
                yield head, f"group {group} of rows is larger than {LARGEST_GROUP} bytes"
                continue
            for batch in file.iter_batches(batch_size=FEW if size > LARGE else BATCH, row_groups=[group]):
                yield from _batch(batch)
        except Exception as error:
            yield head, _why(f"group {group} of rows of the Parquet file is broken", error)


def _batch(batch: Any) -> Iterator[tuple[bytes, str | None]]:
    """The rows of a batch; where one of them holds what Python has no value for, each by itself."""
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError, ArithmeticError, MemoryError):
        rows = [None] * batch.num_rows
    for number, row in enumerate(rows):
        try:
            found = row or {
                name: _cell(column[number])
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            }
            yield json.dumps(found, default=_text, ensure_ascii=False).encode("utf-8", "replace"), None
        except Exception as error:
            yield b"", _why("a value of the row cannot be read", error)


def _cell(scalar: Any) -> Any:
    """One value; text that is no UTF-8 with its bytes shown."""
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return text(scalar.as_buffer().to_pybytes())


def _why(what: str, error: Exception) -> str:
    return f"{what} ({' '.join(str(error).split())})"[:300]


def _text(value: Any) -> Any:
    """What JSON has no word for: moments as ISO 8601 (without a zone they are UTC), bytes as Base64, exact numbers as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, Decimal) else repr(value)
