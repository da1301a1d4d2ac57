"""Text that Windows wrote as UTF-16, read as the UTF-8 that all formats read; places and bytes stay those of the file.

PowerShell's `Out-File`, `>` and `Export-Csv -Encoding Unicode` write UTF-16 with a byte order mark; other programs leave
that out, and then only text can be told that begins with characters of ASCII. UTF-8 needs nothing of this.
"""

import codecs
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from tracer.evidence.decompress import Note, Opener, Stream

CHUNK = 1 << 18
"""Bytes that are read at a time."""

MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
PLAIN = 16
"""Bytes that must all look like ASCII in UTF-16 where there is no byte order mark."""

FOLLOWING = bytes(range(0x80, 0xC0))
OF_FOUR = bytes(range(0xF0, 0xF8))
CUT = "the text ends in the middle of a character: the file is cut off; what came before was read"


def encoding_of(head: bytes) -> str | None:
    """The encoding in which a file that begins with these bytes is text; None for UTF-8 and for what is no text."""
    marked = MARKS.get(head[:2])
    if marked is not None:
        return marked
    first, second = head[:PLAIN:2], head[1:PLAIN:2]
    if len(head) >= PLAIN and b"\x00" not in (text := first if not any(second) else second):
        if not any(second) and text.isascii():
            return "utf-16-le"
        if not any(first) and text.isascii():
            return "utf-16-be"
    return None


def as_file(raw: bytes, encoding: str) -> bytes:
    """The bytes that text (as UTF-8) has in a file of this encoding."""
    return raw.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass")


def transcoded(encoding: str, opener: Opener, note: Note) -> BinaryIO:
    """A fresh stream of the text as UTF-8, without its byte order mark."""
    source = opener()
    return io.BufferedReader(Stream(_chunks(encoding, source, note), source), CHUNK)


def _chunks(encoding: str, source: BinaryIO, note: Note) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    first = True
    while data := source.read(CHUNK):
        text = decoder.decode(data)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        if text:
            yield text.encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        note(CUT)


class Places:
    """Where in the file the places of its UTF-8 lie; asked in their order it reads the text once more, and holds none of it."""

    def __init__(self, encoding: str, opener: Opener) -> None:
        self._opener = opener
        self._open: Callable[[], BinaryIO] = lambda: transcoded(encoding, opener, lambda _: None)
        self._stream: BinaryIO | None = None
        self._asked = self._place = 0

    def of(self, offset: int) -> int:
        """The byte of the file at which the byte `offset` of its UTF-8 begins."""
        if self._stream is None or offset < self._asked:
            self.close()
            self._stream, self._asked, self._place = self._open(), 0, self._mark()
        while self._asked < offset:
            data = self._stream.read(min(offset - self._asked, CHUNK))
            if not data:
                break
            self._asked += len(data)
            units = len(data.translate(None, FOLLOWING)) + len(data) - len(data.translate(None, OF_FOUR))
            self._place += 2 * units
        return self._place

    def close(self) -> None:
        """Close the stream that it reads."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _mark(self) -> int:
        with self._opener() as stream:
            return 2 if stream.read(2) in MARKS else 0
