"""How much one thing that is handed in may unpack to, all members and all that lies packed in each other together.

The work is kept in proportion to what was handed in: to keep tracer busy, somebody must hand in much.
"""

from tracer.limits import Limit

LARGEST = Limit(
    1 << 37,
    "bytes",
    bounds="what one compressed file or member of an archive may grow to",
    why="a year of a large organisation's busiest log stays below it; what grows on is a bomb",
    beyond="what came before is read, and a reject says where it was left",
)

AT_LEAST = Limit(
    1 << 34,
    "bytes",
    bounds="what anything handed in may unpack to in total, however small it is",
    why="zeros of that size are unpacked in less than a minute, and no small archive of logs holds so much",
    beyond="what came before is read, and a reject says where it was left",
)

RATIO = Limit(
    250,
    "times",
    bounds="what something larger may unpack to in total, in times its own size",
    why="logs shrink to a tenth or a hundredth, a line that is written every second to a 200th; zeros to a 1000th and less",
    beyond="what came before is read, and a reject says where it was left",
)

MEMBERS = Limit(
    100_000,
    "members",
    bounds="members of an archive and of the archives in it, however small it is",
    why="each is recognised and entered, which takes minutes for so many",
    beyond="those before are read, and a reject says that more follow",
)

OF_A_MEMBER = Limit(
    64,
    "bytes",
    bounds="what each member adds to an archive with more of them, at least",
    why="its name and the place of its content alone take more in every archive that people pack",
    beyond="those before are read, and a reject says that more follow",
)


class Allowance:
    """What is left of it; `spent` says that something met its end."""

    def __init__(self, size: int) -> None:
        """`size` is that of what was handed in, in bytes."""
        self.bytes = max(int(AT_LEAST), RATIO * size)
        self.members = max(int(MEMBERS), size // OF_A_MEMBER)
        self.spent = False

    def takes(self, size: int) -> bool:
        """Whether something of this size may still be unpacked; then it counts."""
        if size > min(self.bytes, LARGEST):
            return False
        self.bytes -= size
        return True

    def takes_member(self) -> bool:
        """Whether one more member may be read; then it counts."""
        self.members -= 1
        return self.members >= 0


class Meter:
    """How far something was unpacked, which may be done several times and counts once."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._counted = 0
        self._end: int | None = None

    def reach(self, place: int) -> int:
        """How far it may be unpacked, if that is to be up to this byte."""
        if self._end is None and place > self._counted:
            most = self._counted + (0 if self._allowance.spent else self._allowance.bytes)
            if place > min(most, LARGEST):
                self._end = place = min(most, int(LARGEST))
                self._allowance.spent = most <= LARGEST
            self._allowance.bytes -= place - self._counted
            self._counted = place
        return place if self._end is None else min(place, self._end)
