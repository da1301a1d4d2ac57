"""Globs as registers and scopes use them: `*` for anything, `?` for one character; names compare case-folded.

Tickets and logs hold scopes, so nothing here goes back on its steps: matching takes time linear in the text for each
stretch of the pattern, and whether one scope is wider than another is found by walking both once, side by side.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from tracer.limits import Limit

BLURRED = Limit(
    512,
    "characters",
    bounds="a stretch of a glob between asterisks that holds question marks",
    why="it is tried at every place of the text, so the work is the product of both lengths; names are half as long",
    beyond="its question marks stand for themselves; the register refuses such a glob",
)
COMPARED = Limit(
    16_384,
    "characters",
    bounds="a scope, and the one that was decided, to tell whether it is wider",
    why="each character of one is a step over all characters of the other, and scopes that people approve are a hundredth",
    beyond="whether it is wider is not known, but where no glob of the two stands for others",
)
STEPS = Limit(
    100_000,
    "steps",
    bounds="the work to tell whether a scope is wider than the one that was decided",
    why="lists of globs can be built in which every asterisk doubles it; six of the longest scopes with few asterisks are as many",
    beyond="whether it is wider is not known",
)
REMEMBERED = 1000
"""Characters of the longest text whose result is kept in memory for the next time."""

Piece = str | re.Pattern[str]
"""A stretch between asterisks: text, or a pattern of fixed length where it has question marks."""


class _Shape(NamedTuple):
    """A glob taken apart at its asterisks, with the length of each piece; one piece: it has no asterisk."""

    pieces: tuple[Piece, ...]
    lengths: tuple[int, ...]
    shortest: int


def blurred(pattern: str) -> bool:
    """Whether a stretch with question marks is longer than is taken."""
    return any("?" in piece and len(piece) > BLURRED for piece in pattern.split("*"))


def _shape(pattern: str) -> _Shape:
    first, *rest = pattern.casefold().split("*")
    texts = [first, *(text for text in rest[:-1] if text), *rest[-1:]]
    return _Shape(tuple(map(_piece, texts)), tuple(map(len, texts)), sum(map(len, texts)))


_known_shape = lru_cache(maxsize=65_536)(_shape)


def _piece(text: str) -> Piece:
    if "?" not in text or len(text) > BLURRED:
        return text
    return re.compile("".join("." if char == "?" else re.escape(char) for char in text), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` matches `pattern`."""
    shape = _known_shape(pattern) if len(pattern) <= REMEMBERED else _shape(pattern)
    pieces, lengths, shortest = shape
    folded = text.casefold()
    end = len(folded)
    if len(pieces) == 1:
        return end == shortest and _stands(pieces[0], folded, 0)
    if end < shortest or not _stands(pieces[0], folded, 0):
        return False
    here, end = lengths[0], end - lengths[-1]
    if not _stands(pieces[-1], folded, end):
        return False
    # Each piece at its first place: what comes after it never has less room than after a later one.
    for piece, length in zip(pieces[1:-1], lengths[1:-1], strict=True):
        if isinstance(piece, str):
            here = folded.find(piece, here, end)
        else:
            found = piece.search(folded, here, end)
            here = found.start() if found else -1
        if here < 0:
            return False
        here += length
    return True


def _stands(piece: Piece, text: str, at: int) -> bool:
    if isinstance(piece, str):
        return text.startswith(piece, at)
    return piece.match(text, at) is not None


def literal_length(pattern: str) -> int:
    """How many characters of a pattern stand for themselves: the measure of how specific it is."""
    return len(pattern) - pattern.count("*") - pattern.count("?")


def wider(delivered: str | None, decided: str | None) -> bool | None:
    """Whether `delivered` matches something that `decided` does not; None (no scope) means `*`.

    Several globs may be given with commas, semicolons or line breaks between them; they stand for their union.
    None as the answer: they are too long or too intricate to tell.
    """
    others = _globs(decided)
    own = [] if "*" in others else [glob for glob in _globs(delivered) if glob not in others]
    if not own or not any("*" in glob or "?" in glob for glob in others):
        return bool(own)
    if max(len(delivered or ""), len(decided or "")) > COMPARED:
        return None
    places = _Places(others)
    found = [places.hold(glob) for glob in own]
    return True if False in found else None if None in found else False


def _globs(scope: str | None) -> dict[str, None]:
    found = {
        re.sub(r"\*+", "*", one.strip().casefold()): None
        for one in re.split(r"[,;\n]", scope or "*")
        if one.strip()
    }
    return found or {"*": None}


class _Places:
    """Places in several globs, one bit for each: those at which one may stand after reading some text.

    Every glob has a bit for each of its characters, before which it stands, and one for its end.
    """

    def __init__(self, globs: dict[str, None]) -> None:
        line = "\0".join([*globs, ""])
        self._left = int(STEPS)
        self.start = self.ends = 0
        here = 0
        for glob in globs:
            self.start |= 1 << here
            here += len(glob) + 1
            self.ends |= 1 << (here - 1)
        bits: dict[str, list[int]] = {}
        for place, char in enumerate(line):
            bits.setdefault(char, []).append(place)
        # A separator stands at the end of each glob and is never read, also where a text holds one.
        self._chars = {char: _bits(places) for char, places in bits.items()}
        self._chars["\0"] = self._chars.get("\0", 0) & ~self.ends
        self._any, self._one = self._chars.pop("*", 0), self._chars.pop("?", 0)
        self.start = self._passed(self.start)

    def _passed(self, places: int) -> int:
        """With those that can be reached without reading: an asterisk may stand for nothing."""
        return places | (places & self._any) << 1

    def _read(self, places: int, char: str | None) -> int:
        """The places after one more character; None: one that stands in no glob."""
        fits = self._one | (self._chars.get(char, 0) if char is not None else 0)
        return self._passed(places & self._any | (places & fits) << 1)

    def hold(self, glob: str) -> bool | None:
        """Whether every text that matches `glob` matches one of these; None where that takes too many steps.

        Where `glob` leaves a character open, one that stands in none of these is the worst for them: whatever they
        read it with reads any other as well. So only how many an asterisk stands for makes a difference.
        """
        ways = {self.start}
        for char in glob:
            if self._left <= 0:
                return None
            self._left -= len(ways)
            if char == "*":
                ways = self._stretched(ways)
            else:
                ways = {self._read(places, None if char == "?" else char) for places in ways}
            if 0 in ways:
                return False
        return all(places & self.ends for places in ways) if self._left > 0 else None

    def _stretched(self, ways: set[int]) -> set[int]:
        """Every way on after any number of other characters; those that hold another whole are left out."""
        found, todo = set(ways), list(ways)
        while todo and self._left > 0:
            self._left -= 1
            further = self._read(todo.pop(), None)
            if further not in found:
                found.add(further)
                todo.append(further)
        least: list[int] = []
        for places in sorted(found, key=int.bit_count):
            self._left -= len(least)
            if self._left > 0 and not any(places & one == one for one in least):
                least.append(places)
        return set(least)


def _bits(places: list[int]) -> int:
    """The number in which these bits are set."""
    row = bytearray(places[-1] // 8 + 1)
    for place in places:
        row[place // 8] |= 1 << place % 8
    return int.from_bytes(row, "little")
