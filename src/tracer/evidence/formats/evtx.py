"""Windows event logs as Windows keeps them (EVTX). A record's raw text is its rendering as JSON; it has no offset.

Needs the extra `evtx`.
"""

from collections.abc import Iterator
from typing import Any

from tracer.evidence.containers import Content
from tracer.evidence.declarations import Declaration
from tracer.evidence.formats import Piece, missing


def looks(content: Content) -> bool:
    """Whether it begins as such a log does."""
    return content.head.startswith(b"ElfFile\x00")


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The records in the order of the log."""
    del declaration
    try:
        from evtx import PyEvtxParser
    except ImportError as error:
        raise missing(content, "a Windows event log (EVTX)", "evtx") from error
    with content.file() as path:
        try:
            found = PyEvtxParser(str(path)).records_json()
        except (RuntimeError, OSError) as error:
            yield Piece(0, 0, content.head[:64], f"the event log is broken ({error})"[:300])
            return
        for ordinal, one in enumerate(_each(found)):
            if isinstance(one, Exception):
                yield Piece(ordinal, 0, b"", f"the record is broken ({one})"[:300])
            else:
                yield Piece(ordinal, 0, one["data"].encode())


def _each(found: Any) -> Iterator[Any]:
    """Records, and what went wrong where one could not be read."""
    while True:
        try:
            one = next(found)
        except StopIteration:
            return
        except (RuntimeError, OSError, ValueError) as error:
            yield error
            continue
        yield one
