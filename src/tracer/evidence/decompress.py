"""Decompression as a stream that gives all that can be read before a break, and says where it broke.

A stream never raises for broken data: it ends there, and the break is noted once.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Any, BinaryIO

from isal import isal_zlib

from tracer.evidence.allowance import Meter
from tracer.evidence.zstd_frames import Frames
from tracer.limits import Limit

IsalError: Any = isal_zlib.error

Opener = Callable[[], BinaryIO]
"""Opens a fresh stream from the beginning."""

Note = Callable[[str], None]
"""Takes the sentence that says where reading broke off."""

CHUNK = 1 << 18
"""Compressed bytes that are read at a time."""

FIRST = 1 << 14
"""Compressed bytes that are given to a decompressor at first: to recognise a file its beginning is enough."""

AT_ONCE = 1 << 24
"""Bytes that are unpacked at a time: of zeros packed in few bytes not all are held."""

STEP = 4096
"""Compressed bytes per step when a broken member is salvaged."""

MEMORY = Limit(
    1 << 28,
    "bytes",
    bounds="memory that a compressed file (xz) may ask for to be unpacked",
    why="the strongest of the usual settings (xz -9) asks for a quarter of it; zstd has its own limit, which is half of it",
    beyond="the file is rejected as broken, with that reason",
)

BEYOND = "the decompressed data would grow beyond the limit; what came before was read"
GZIP, RAW = 31, -15
"""How zlib calls a gzip member, and deflated data without anything around it."""

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
        self._given = 0

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
        self._given += size
        return size

    def tell(self) -> int:
        """Bytes given so far."""
        return self._given

    def close(self) -> None:
        """Close what it reads from."""
        self._opened.close()
        super().close()


def decompressed(kind: str, opener: Opener, note: Note, meter: Meter | None = None) -> BinaryIO:
    """A fresh stream of what `opener` opens, decompressed as far as `meter` allows."""
    source = opener()
    chunks = DECOMPRESSORS[kind](source, opener, note)
    if meter is not None:
        chunks = _limited(chunks, note, meter)
    return io.BufferedReader(Stream(chunks, source), CHUNK)


def _limited(chunks: Iterator[bytes], note: Note, meter: Meter) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        allowed = meter.reach(size + len(chunk)) - size
        if allowed < len(chunk):
            yield chunk[:allowed]
            note(BEYOND)
            return
        size += len(chunk)
        yield chunk


class _Packed:
    """Compressed bytes in pieces; what a decompressor did not need of the last one is given back."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._held = b""
        self._at = 0
        self.place = 0

    def read(self, size: int) -> bytes:
        """At most so many bytes, at least one before the end."""
        if self._at >= len(self._held):
            self._held, self._at = self._source.read(CHUNK if self.place else FIRST), 0
        piece = self._held[self._at : self._at + size] if self._at or size < len(self._held) else self._held
        self._at += len(piece)
        self.place += len(piece)
        return piece

    def back(self, count: int) -> None:
        """The last bytes of the last piece belong to what follows."""
        self._at -= count
        self.place -= count

    def begins(self, magic: bytes) -> bool:
        """Whether what follows begins like this."""
        if len(self._held) - self._at < len(magic):
            self._held, self._at = self._held[self._at :] + self._source.read(CHUNK), 0
        return self._held.startswith(magic, self._at)


def _gunzip(source: BinaryIO, opener: Opener, note: Note) -> Iterator[bytes]:
    """All members of a gzip file, as far as they can be read."""
    packed = _Packed(source)
    while packed.begins(b"\x1f\x8b"):
        if not (yield from _inflated(packed, opener, note, "gzip", GZIP)):
            return
    trailing = 0
    while rest := packed.read(CHUNK):
        trailing += len(rest.strip(b"\0"))
    if trailing:
        note(f"{trailing} bytes of something else follow the gzip data")


def _inflate(source: BinaryIO, opener: Opener, note: Note) -> Iterator[bytes]:
    """The data of a member of a zip archive."""
    yield from _inflated(_Packed(source), opener, note, "deflate", RAW)


def _inflated(
    packed: _Packed, opener: Opener, note: Note, kind: str, window: int
) -> Generator[bytes, None, bool]:
    """One deflated run, as far as it can be read; gives whether that is all of it."""
    reader, begin, given, size = isal_zlib.decompressobj(wbits=window), packed.place, 0, FIRST
    while not reader.eof:
        data = packed.read(size)
        ends, size = not data, CHUNK
        while data or ends:
            try:
                out = reader.decompress(data, AT_ONCE)
            except IsalError as error:
                yield from _salvage(opener, begin, given, window)
                note(BROKEN.format(kind, error))
                return False
            given += len(out)
            if out:
                yield out
            elif ends:
                note(CUT.format(kind))
                return False
            data = reader.unconsumed_tail
    packed.back(len(reader.unused_data))
    return True


def _salvage(opener: Opener, begin: int, given: int, window: int) -> Iterator[bytes]:
    """What can be inflated of the run at `begin` beyond the `given` bytes: byte by byte where it breaks."""
    reader, seen = zlib.decompressobj(wbits=window), 0
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
        packed, reader, size = _Packed(source), make(), FIRST
        while data := packed.read(size):
            if reader.eof:
                if not data.strip(b"\0"):
                    continue
                reader, size = make(), FIRST
                packed.back(len(data))
                data = packed.read(size)
            try:
                out = reader.decompress(data, CHUNK)
                while out:
                    yield out
                    out = b"" if reader.eof or reader.needs_input else reader.decompress(b"", CHUNK)
            except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
                note(BROKEN.format(kind, error))
                return
            size = CHUNK
            if reader.eof:
                packed.back(len(reader.unused_data))
        if not reader.eof:
            note(CUT.format(kind))

    return chunks


def _zstd(source: BinaryIO, opener: Opener, note: Note) -> Iterator[bytes]:
    import zstandard

    del opener
    frames: Any = Frames(source)
    try:
        with zstandard.ZstdDecompressor().stream_reader(
            frames, read_across_frames=True, closefd=False
        ) as reader:
            while chunk := reader.read(CHUNK):
                yield chunk
    except zstandard.ZstdError as error:
        note(BROKEN.format("zstd", error))
        return
    if not frames.whole:
        note(CUT.format("zstd"))


DECOMPRESSORS: dict[str, Callable[[BinaryIO, Opener, Note], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "bzip2": _stepwise("bzip2", bz2.BZ2Decompressor),
    "xz": _stepwise("xz", lambda: lzma.LZMADecompressor(memlimit=MEMORY)),
    "lzma": _stepwise("lzma", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY)),
    "zstd": _zstd,
    "deflate": _inflate,
}
"""By the name of the compression: what makes chunks of it."""

MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
"""How each begins."""
