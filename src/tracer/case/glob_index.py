"""Which of many globs match a text, without trying them all: a register may hold a hundred thousand."""

import re
from collections.abc import Iterable, Sequence

from tracer.case.globs import matches

LEADING = re.compile(r"[^*?]*")
LONGEST = 24
"""Characters of a beginning by which globs are looked up."""


class GlobIndex:
    """Globs by what they begin with, or else by what they end with; those that do neither are tried one by one."""

    def __init__(self, globs: Iterable[str]) -> None:
        self._globs = list(globs)
        self._exact: dict[str, list[int]] = {}
        self._begin: dict[int, dict[str, list[int]]] = {}
        self._end: dict[int, dict[str, list[int]]] = {}
        for number, glob in enumerate(self._globs):
            folded = glob.casefold()
            begin, end = LEADING.match(folded), LEADING.match(folded[::-1])
            assert begin and end  # also nothing is a beginning
            if begin.end() == len(folded):
                self._exact.setdefault(folded, []).append(number)
            elif begin[0] or not end[0]:
                part = begin[0][:LONGEST]
                self._begin.setdefault(len(part), {}).setdefault(part, []).append(number)
            else:
                part = end[0][:LONGEST]
                self._end.setdefault(len(part), {}).setdefault(part, []).append(number)

    def of(self, text: str) -> list[int]:
        """The places, in no order, of the globs that match the whole of `text`."""
        folded = text.casefold()
        found = list(self._exact.get(folded, ()))
        turned = folded[: -LONGEST - 1 : -1]
        for parts, read in ((self._begin, folded), (self._end, turned)):
            for length, of_length in parts.items():
                near = of_length.get(read[:length], ())
                found += [number for number in near if matches(self._globs[number], text)]
        return found


class PairIndex:
    """Pairs of a glob for the system and one for the entitlement; None stands for any."""

    def __init__(self, pairs: Sequence[tuple[str | None, str | None]]) -> None:
        within: dict[str, list[int]] = {}
        for number, (system, _) in enumerate(pairs):
            within.setdefault(system or "*", []).append(number)
        self._systems = GlobIndex(within)
        self._within = [
            (numbers, GlobIndex(pairs[one][1] or "*" for one in numbers)) for numbers in within.values()
        ]

    def of(self, system: str, names: Iterable[str]) -> list[int]:
        """The places, in order, of the pairs that match this system and one of these names."""
        found: set[int] = set()
        names = list(names)
        for place in self._systems.of(system):
            numbers, entitlements = self._within[place]
            for name in names:
                found.update(numbers[one] for one in entitlements.of(name))
        return sorted(found)
