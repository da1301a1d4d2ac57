"""Decompression as a stream that gives all that can be read before a break, and says where it broke.

A stream never raises for broken data: it ends there, and the break is noted once.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from isal import isal_zlib

from tracer.limits import Limit

IsalError: Any = isal_zlib.error

Opener = Callable[[], BinaryIO]
"""Opens a fresh stream from the beginning."""

Note = Callable[[str], None]
"""Takes the sentence that says where reading broke off."""

CHUNK = 1 << 18
"""Compressed bytes that are read at a time."""

FIRST = 1 << 14
"""Compressed bytes that are read at first: to recognise a file its beginning is enough."""

STEP = 4096
"""Compressed bytes per step when a broken member is salvaged."""

LARGEST = Limit(
    1 << 37,
    "bytes",
    bounds="what one compressed file may grow to",
    why="a year of a large organisation's busiest log stays below it; what grows on is a bomb",
    beyond="what came before is read, and a reject says where it was left",
)

BEYOND = "the decompressed data would grow beyond the limit; what came before was read"
CUT = "the {} data ends before its end: the file is cut off; what came before was read"
BROKEN = "the {} data is broken ({}); what came before it was read"


def compression(head: bytes) -> str | None:
    """What a file's first 512 bytes say it is packed with."""
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    for magic, name in MAGIC.items():
        if head.startswith(magic):
            return name
    return None


class Stream(io.RawIOBase):
    """Chunks as a file; `opened` is closed with it."""

    def __init__(self, chunks: Iterator[bytes], opened: BinaryIO) -> None:
        self._chunks = chunks
        self._opened = opened
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what is at hand; 0 is the end."""
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def close(self) -> None:
        """Close what it reads from."""
        self._opened.close()
        super().close()


def decompressed(kind: str, opener: Opener, note: Note) -> BinaryIO:
    """A fresh stream of what `opener` opens, decompressed."""
    source = opener()
    chunks = _limited(DECOMPRESSORS[kind](source, opener, note), note)
    return io.BufferedReader(Stream(chunks, source), CHUNK)


def _limited(chunks: Iterator[bytes], note: Note) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            note(BEYOND)
            return
        yield chunk


def _gunzip(source: BinaryIO, opener: Opener, note: Note) -> Iterator[bytes]:
    """All members of a gzip file, as far as they can be read."""
    rest, place = source.read(FIRST), 0
    while rest[:2] == b"\x1f\x8b" or (
        len(rest) < 2 and (rest := rest + source.read(CHUNK))[:2] == b"\x1f\x8b"
    ):
        reader, begin, given = isal_zlib.decompressobj(wbits=31), place, 0
        while not reader.eof:
            if not rest and not (rest := source.read(CHUNK)):
                note(CUT.format("gzip"))
                return
            try:
                out = reader.decompress(rest)
            except IsalError as error:
                yield from _salvage(opener, begin, given)
                note(BROKEN.format("gzip", error))
                return
            place += len(rest)
            rest = b""
            if out:
                given += len(out)
                yield out
        rest = reader.unused_data
        place -= len(rest)
        if not rest:
            rest = source.read(CHUNK)
    trailing = len(rest.strip(b"\0"))
    while rest := source.read(CHUNK):
        trailing += len(rest.strip(b"\0"))
    if trailing:
        note(f"{trailing} bytes of something else follow the gzip data")


def _salvage(opener: Opener, begin: int, given: int) -> Iterator[bytes]:
    """What can be inflated of the member at `begin` beyond the `given` bytes: byte by byte where it breaks."""
    reader, seen = zlib.decompressobj(wbits=31), 0
    with opener() as source:
        _skip(source, begin)
        while data := source.read(STEP):
            before = reader.copy()
            try:
                out = reader.decompress(data)
            except zlib.error:
                out = _last_bytes(before, data)
                data = b""
            fresh = out[max(given - seen, 0) :]
            seen += len(out)
            if fresh:
                yield fresh
            if not data:
                return


def _last_bytes(reader: "zlib._Decompress", data: bytes) -> bytes:
    out = bytearray()
    for place in range(len(data)):
        try:
            out += reader.decompress(data[place : place + 1])
        except zlib.error:
            break
    return bytes(out)


def _skip(source: BinaryIO, size: int) -> None:
    while size > 0:
        size -= len(source.read(min(size, CHUNK))) or size


def _stepwise(
    kind: str, make: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]
) -> Callable[[BinaryIO, Opener, Note], Iterator[bytes]]:
    def chunks(source: BinaryIO, opener: Opener, note: Note) -> Iterator[bytes]:
        del opener
        reader, more = make(), source.read(CHUNK)
        while more:
            try:
                out = reader.decompress(more, CHUNK)
                while out:
                    yield out
                    out = b"" if reader.eof or reader.needs_input else reader.decompress(b"", CHUNK)
            except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
                note(BROKEN.format(kind, error))
                return
            more = source.read(CHUNK)
            if reader.eof:
                more = reader.unused_data + more
                if not more.strip(b"\0"):
                    return
                reader = make()
        if not reader.eof:
            note(CUT.format(kind))

    return chunks


def _zstd(source: BinaryIO, opener: Opener, note: Note) -> Iterator[bytes]:
    import zstandard

    del opener
    try:
        with zstandard.ZstdDecompressor().stream_reader(
            source, read_across_frames=True, closefd=False
        ) as reader:
            while chunk := reader.read(CHUNK):
                yield chunk
    except zstandard.ZstdError as error:
        note(BROKEN.format("zstd", error))


DECOMPRESSORS: dict[str, Callable[[BinaryIO, Opener, Note], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "bzip2": _stepwise("bzip2", bz2.BZ2Decompressor),
    "xz": _stepwise("xz", lzma.LZMADecompressor),
    "zstd": _zstd,
}
"""By the name of the compression: what makes chunks of it."""

MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
"""How each begins."""
