"""Parquet files, as warehouses and data lakes export tables. A record's raw text is its row as JSON; it has no offset.

Needs the extra `parquet`.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from tracer.evidence.containers import Content
from tracer.evidence.declarations import Declaration
from tracer.evidence.formats import Piece, missing

MAGIC = b"PAR1"

BATCH = 2_000
"""Rows that are held at a time."""


def looks(content: Content) -> bool:
    """Whether it begins as such a file does."""
    return content.head.startswith(MAGIC)


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The rows in the order of the file; a file that breaks off gives one record that says so."""
    del declaration
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise missing(content, "a Parquet file", "parquet") from error
    with content.file() as path:
        ordinal = 0
        try:
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=BATCH):
                    for row in batch.to_pylist():
                        yield Piece(
                            ordinal,
                            0,
                            json.dumps(row, default=_text, ensure_ascii=False).encode("utf-8", "replace"),
                        )
                        ordinal += 1
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            yield Piece(ordinal, 0, content.head[:64], f"the Parquet file is broken ({error})"[:300])


def _text(value: Any) -> Any:
    """What JSON has no word for: moments as ISO 8601 (without a zone they are UTC), bytes as Base64, exact numbers as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, Decimal) else repr(value)
