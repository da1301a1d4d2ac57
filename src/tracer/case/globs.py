"""Globs as registers and scopes use them: `*` for anything, `?` for one character; names compare case-folded."""

import re
from functools import lru_cache


@lru_cache(maxsize=65_536)
def _compiled(pattern: str) -> re.Pattern[str]:
    words = (
        ".*" if char == "*" else "." if char == "?" else re.escape(char)
        for char in re.sub(r"\*+", "*", pattern.casefold())
    )
    return re.compile("".join(words), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` matches `pattern`."""
    return _compiled(pattern).fullmatch(text.casefold()) is not None


def literal_length(pattern: str) -> int:
    """How many characters of a pattern stand for themselves: the measure of how specific it is."""
    return sum(char not in "*?" for char in pattern)


def wider(delivered: str | None, decided: str | None) -> bool:
    """Whether `delivered` matches something that `decided` does not; None (no scope) means `*`.

    Several globs may be given with commas, semicolons or line breaks between them; they stand for their union.
    """
    own, others = _globs(delivered), _globs(decided)
    return any(not _within(glob, others) for glob in own)


def _globs(scope: str | None) -> tuple[str, ...]:
    found = tuple(
        re.sub(r"\*+", "*", one.strip().casefold())
        for one in re.split(r"[,;\n]", scope or "*")
        if one.strip()
    )
    return found or ("*",)


def _within(inner: str, outer: tuple[str, ...]) -> bool:
    """Whether every text that matches `inner` matches one of `outer`, by walking both as automata.

    The alphabet is the characters that occur and one that stands for all others, so the answer is exact.
    """
    alphabet = [*sorted({char for glob in (inner, *outer) for char in glob if char not in "*?"}), ""]
    start = (_closure({0}, inner), tuple(_closure({0}, glob) for glob in outer))
    seen, todo = {start}, [start]
    while todo:
        mine, theirs = todo.pop()
        accepted = any(len(glob) in states for glob, states in zip(outer, theirs, strict=True))
        if len(inner) in mine and not accepted:
            return False
        for char in alphabet:
            step = _step(mine, inner, char)
            if not step:
                continue
            state = (
                step,
                tuple(_step(states, glob, char) for glob, states in zip(outer, theirs, strict=True)),
            )
            if state not in seen:
                seen.add(state)
                todo.append(state)
    return True


def _closure(states: set[int], glob: str) -> frozenset[int]:
    """The places that can be reached without reading: a `*` may stand for nothing."""
    found = set(states)
    for place in sorted(states):
        here = place
        while here < len(glob) and glob[here] == "*":
            here += 1
            found.add(here)
    return frozenset(found)


def _step(states: frozenset[int], glob: str, char: str) -> frozenset[int]:
    moved = set()
    for place in states:
        if place < len(glob):
            if glob[place] == "*":
                moved.add(place)
            elif glob[place] == "?" or glob[place] == char:
                moved.add(place + 1)
    return _closure(moved, glob)
