"""Where the frames of zstd data end: the library says nothing where the data is cut off in the middle of one.

Only the lengths that stand in the data are followed (RFC 8878); nothing is decompressed.
"""

from collections.abc import Callable
from typing import BinaryIO

FRAME = 0xFD2FB528

SKIPPED = 0x184D2A5
"""All but the last four bits of the number that begins a frame that holds something else."""

RLE = 1
"""The type of a block that is one byte, which is repeated."""


class Frames:
    """Passes a stream of zstd data on; `whole` says whether it ended where a frame ends."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._held = b""
        self._skip = 0
        self._sum = 0
        self._next: tuple[int, Callable[[int], None]] = (4, self._frame)

    @property
    def whole(self) -> bool:
        """Whether all that was passed on are whole frames."""
        return self._next == (4, self._frame) and not self._held and not self._skip

    def read(self, size: int) -> bytes:
        """What follows in the stream."""
        data = self._source.read(size)
        place = 0
        while place < len(data):
            step = min(self._skip, len(data) - place)
            self._skip -= step
            place += step
            wanted, told = self._next
            found = data[place : place + wanted - len(self._held)] if not self._skip else b""
            place += len(found)
            self._held += found
            if not self._skip and len(self._held) == wanted:
                number, self._held = int.from_bytes(self._held, "little"), b""
                told(number)
        return data

    def _frame(self, number: int) -> None:
        if number == FRAME:
            self._next = (1, self._header)
        elif number >> 4 == SKIPPED:
            self._next = (4, self._skipped)
        # Else it is no zstd, which the library says.

    def _skipped(self, size: int) -> None:
        self._skip = size
        self._next = (4, self._frame)

    def _header(self, flags: int) -> None:
        """The first byte of a frame's header says how long the header is."""
        single = flags >> 5 & 1
        self._sum = 4 * (flags >> 2 & 1)
        self._skip = (1 - single) + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
        self._next = (3, self._block)

    def _block(self, number: int) -> None:
        self._skip = 1 if number >> 1 & 3 == RLE else number >> 3
        if number & 1:
            self._skip += self._sum
            self._next = (4, self._frame)
