"""Windows event logs as Windows keeps them (EVTX). A record's raw text is its rendering as JSON; it has no offset.

Such a log is a header and chunks, each of which is whole in itself: each is read alone, so that a broken one costs only
its own records, and a broken header none. Needs the extra `evtx`.
"""

import io
import struct
from collections.abc import Iterator
from typing import Any
from zlib import crc32

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece, missing
from tracer.evidence.formats._lines import too_long
from tracer.limits import Limit
from tracer.sources.declarations import Declaration

HEADER, CHUNK = 1 << 12, 1 << 16
MAGIC, BEGINS = b"ElfFile\x00", b"ElfChnk\x00"
CHUNKS_AT = 42
"""Where the header says how many chunks there are."""

MOST_RECORDS = Limit(
    4_096,
    "records",
    bounds="the records of one chunk of a Windows event log",
    why="a chunk has 64 KiB, and the smallest record 28 bytes",
    beyond="one reject says so, and the next chunk is read",
)


def looks(content: Content) -> bool:
    """Whether it begins as such a log does."""
    return content.head.startswith(MAGIC)


def called(content: Content) -> str | None:
    """What the file is called."""
    return "Windows event log (EVTX)" if looks(content) else None


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The records in the order of the log."""
    del declaration
    try:
        from evtx import PyEvtxParser
    except ImportError as error:
        raise missing(content, "a Windows event log (EVTX)", "evtx") from error
    ordinal, place, said = 0, HEADER, 0
    with content.open() as stream:
        header = stream.read(HEADER)
        if len(header) >= CHUNKS_AT + 2:
            (said,) = struct.unpack_from("<H", header, CHUNKS_AT)
        while chunk := stream.read(CHUNK):
            for raw, problem in _chunk(PyEvtxParser, chunk):
                yield Piece(ordinal, place if problem else 0, raw, problem)
                ordinal += 1
            place += len(chunk)
    if ordinal == 0 and (said or len(header) < HEADER):
        yield Piece(0, 0, header[:64], "the event log is broken: it holds no chunk that can be read")


def _chunk(parser: Any, chunk: bytes) -> Iterator[tuple[bytes, str | None]]:
    """The records of one chunk, and what is wrong with it; nothing where it is not in use."""
    if not chunk.strip(b"\x00"):
        return
    if not chunk.startswith(BEGINS):
        yield chunk[:64], "a chunk of the event log is broken: it does not begin as one"
        return
    alone = _header() + chunk.ljust(CHUNK, b"\x00")
    for number, one in enumerate(
        _each(lambda: parser(io.BytesIO(alone), number_of_threads=1).records_json())
    ):
        if number >= MOST_RECORDS:
            yield (
                chunk[:64],
                f"a chunk of the event log is broken: it tells of more than {MOST_RECORDS} records",
            )
            return
        if isinstance(one, BaseException):
            yield b"", f"the record is broken ({' '.join(str(one).split())})"[:300]
        else:
            raw = str(one["data"]).encode("utf-8", "replace")
            yield raw, too_long(len(raw))
    if len(chunk) < CHUNK:
        yield chunk[:64], "the event log is cut off in this chunk; what of it is left was read"


def _header() -> bytes:
    """The header of a log of one chunk."""
    begin = MAGIC + struct.pack("<QQQIHHHH", 0, 0, 1, 128, 1, 3, HEADER, 1)
    begin = begin.ljust(120, b"\x00")
    return (begin + struct.pack("<II", 0, crc32(begin))).ljust(HEADER, b"\x00")


def _each(begin: Any) -> Iterator[Any]:
    """Records, and what went wrong where one could not be read."""
    try:
        found = begin()
    except BaseException as error:
        yield _of_library(error)
        return
    while True:
        try:
            one = next(found)
        except StopIteration:
            return
        except BaseException as error:
            one = _of_library(error)
        yield one


def _of_library(error: BaseException) -> BaseException:
    """An error of the library, whose panics are no `Exception`; raised again if it is none of its own."""
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        return error
    raise error
