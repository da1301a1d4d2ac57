"""Stretches of a stream from an opening mark to a closing one, whatever stands between them."""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tracer.evidence.formats._lines import SHOWN, too_long

CHUNK = 1 << 18
LONGEST_MARK = 256


class Block(NamedTuple):
    """Where a stretch begins, its bytes (of one that is too long the first), whether it has its end, and how long it is."""

    offset: int
    raw: bytes
    whole: bool
    size: int


def blocks(stream: BinaryIO, opening: re.Pattern[bytes], either: re.Pattern[bytes]) -> Iterator[Block]:
    """Every stretch; `either` finds an opening mark, or a closing one as its group `end`.

    One without an end goes as far as the next opening, or to the end of the stream.
    """
    source = _Stream(stream)
    while source.find(opening):
        begin, parts, size, whole = source.base, list[bytes](), 0, False
        start = 1
        while True:
            found = either.search(source.buffer, start)
            if found is None and not source.ended:
                # A mark may go on in what was not read yet.
                done = max(len(source.buffer) - LONGEST_MARK, start)
                size += _take(parts, source, done, size)
                start = 0
                source.more()
                continue
            whole = found is not None and found["end"] is not None
            end = len(source.buffer) if found is None else found.end() if whole else found.start()
            size += _take(parts, source, end, size)
            break
        yield Block(begin, b"".join(parts).rstrip(), whole, size)


def _take(parts: list[bytes], source: "_Stream", end: int, size: int) -> int:
    """Move bytes from the stream to a stretch that has `size` already; of one that is too long only the first are held."""
    if not too_long(size + end):
        parts.append(source.buffer[:end])
    elif parts or size == 0:
        first = b"".join([*parts, source.buffer[:end]])[:SHOWN]
        parts[:] = [first]
    source.drop(end)
    return end


class _Stream:
    """What was read and not dropped; `base` is where it begins."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.buffer = b""
        self.base = 0
        self.ended = False

    def more(self) -> None:
        more = self.stream.read(CHUNK)
        self.ended = not more
        self.buffer += more

    def drop(self, size: int) -> None:
        self.buffer = self.buffer[size:]
        self.base += size

    def find(self, opening: re.Pattern[bytes]) -> bool:
        """Drop what stands before the next opening; False where there is none."""
        while (found := opening.search(self.buffer)) is None:
            if self.ended:
                return False
            self.drop(max(len(self.buffer) - LONGEST_MARK, 0))
            self.more()
        self.drop(found.start())
        return True
