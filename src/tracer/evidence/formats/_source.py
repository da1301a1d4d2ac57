"""Bytes of a stream from a place on, as far as they are needed: what was dropped is gone, offsets stay those of the stream."""

from typing import BinaryIO

READ = 1 << 18
"""Bytes that are read at a time."""

MOST = 1 << 25
"""Bytes that are read at a time where much is held."""


class Source:
    """`buffer` begins at `base`; `ended` says that nothing follows it."""

    def __init__(self, stream: BinaryIO, step: int | None = None) -> None:
        self.stream = stream
        self.buffer = b""
        self.base = 0
        self.ended = False
        self.step = step or READ
        self.ahead, self.place = b"", 0
        """What was read already behind the buffer, and how much of that is in the buffer again."""

    def peek(self, size: int) -> bytes:
        """The buffer with at least `size` bytes, or fewer where the stream ends."""
        while len(self.buffer) < size and not self.ended:
            # Growing by what is there keeps the copying of long records linear.
            more = self._read(max(self.step, min(len(self.buffer), MOST)))
            if more:
                self.buffer += more
            else:
                self.ended = True
        return self.buffer

    def _read(self, size: int) -> bytes:
        if not self.ahead:
            return self.stream.read(size)
        found = self.ahead[self.place : self.place + size]
        self.place += len(found)
        if self.place >= len(self.ahead):
            self.ahead = b""
        return found

    def settle(self) -> None:
        """Hold less after much was looked at: dropping byte for byte must not copy all of it again and again."""
        if len(self.buffer) > 2 * READ:
            self.ahead, self.place = self.buffer[READ:] + self.ahead[self.place :], 0
            self.buffer, self.ended = self.buffer[:READ], False

    def more(self) -> bool:
        """Read on; says whether there was more."""
        before = len(self.buffer)
        self.peek(before + 1)
        return len(self.buffer) > before

    def at(self, place: int) -> bytes:
        """The byte at a place of the buffer; empty behind the end."""
        return self.peek(place + 1)[place : place + 1]

    def drop(self, size: int) -> None:
        """Forget the first bytes of the buffer."""
        self.buffer = self.buffer[size:]
        self.base += size

    def skip(self, marks: bytes) -> None:
        """Forget leading bytes that are among the marks."""
        while self.peek(1):
            rest = self.buffer.lstrip(marks)
            self.drop(len(self.buffer) - len(rest))
            if rest:
                return
