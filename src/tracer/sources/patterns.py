"""Patterns of declarations, refused where some text would make them try every division of it: that takes for ever.

What grows with the square of a text stays allowed, for texts on which they are run are short (`LONGEST`).
"""

import re
from importlib import import_module
from typing import Any

from tracer.limits import Limit

LONGEST = Limit(
    100_000,
    "characters",
    bounds="the text of a record in which the patterns of a declaration are looked for",
    why="a pattern with two open stretches grows with the square of it; what says who did what stands in the first thousand",
    beyond="only its beginning is looked through; the record is kept whole",
)
FEW = 10
"""Repetitions up to which the ways to divide a text are few."""

ALPHABET = frozenset(map(chr, range(256))) | {"\u2028", "\u4e00"}
"""Characters that stand for all others."""


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern. Raises ValueError, with a sentence, where it is none or may take for ever."""
    # The parser of the standard library, which has no public name; without it a pattern could not be looked into.
    parser = import_module("re._parser")
    try:
        found = re.compile(pattern, re.DOTALL)
        tree = parser.parse(pattern, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern[:80]!r} is no pattern ({error})") from error
    if _endless(tree):
        raise ValueError(
            f"the pattern {pattern[:80]!r} repeats what can itself be divided in many ways; let a character part the repetitions"
        )
    return found


def looked_through(text: str) -> str:
    """As much of a text as is looked through."""
    return text[:LONGEST]


def _endless(tree: Any) -> bool:
    """Whether somewhere a repetition is repeated, or alternatives are, with nothing that tells where one ends."""
    for kind, value in tree:
        name = str(kind)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            _, most, body = value
            if most > FEW and _ambiguous(body):
                return True
        if any(_endless(part) for part in _parts(name, value)):
            return True
    return False


def _ambiguous(body: Any) -> bool:
    inner = list(_repeated(body))
    parting = [
        _characters([item]) for item in body if str(item[0]) in ("LITERAL", "NOT_LITERAL", "IN", "ANY")
    ]
    if any(not any(part.isdisjoint(chars) for part in parting) for chars in inner):
        return True
    return any(
        not first.isdisjoint(other)
        for branches in _branches(body)
        for place, first in enumerate(branches)
        for other in branches[place + 1 :]
    )


def _parts(name: str, value: Any) -> list[Any]:
    """The sequences that an item holds."""
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return [value[2]]
    if name == "SUBPATTERN":
        return [value[3]]
    if name == "BRANCH":
        return list(value[1])
    if name == "ATOMIC_GROUP":
        return [value]
    if name in ("ASSERT", "ASSERT_NOT"):
        return [value[1]]
    return []


def _repeated(tree: Any) -> Any:
    """The characters of every open repetition in a sequence that may be taken back."""
    for kind, value in tree:
        name = str(kind)
        if name in ("MAX_REPEAT", "MIN_REPEAT") and value[1] > FEW and value[0] != value[1]:
            yield _characters(value[2])
        if name not in ("POSSESSIVE_REPEAT", "ATOMIC_GROUP", "ASSERT", "ASSERT_NOT"):
            for part in _parts(name, value):
                yield from _repeated(part)


def _branches(tree: Any) -> Any:
    """The first characters of each alternative, for every choice in a sequence."""
    for kind, value in tree:
        name = str(kind)
        if name == "BRANCH":
            yield [_characters(part[:1]) for part in value[1]]
        if name in ("SUBPATTERN", "BRANCH"):
            for part in _parts(name, value):
                yield from _branches(part)


def _characters(tree: Any) -> frozenset[str]:
    """All characters that stand in what a sequence matches."""
    found: set[str] = set()
    for kind, value in tree:
        name = str(kind)
        if name == "LITERAL":
            found.add(chr(value))
        elif name == "NOT_LITERAL":
            found |= ALPHABET - {chr(value)}
        elif name == "ANY":
            found |= ALPHABET
        elif name == "IN":
            found |= _of_class(value)
        else:
            for part in _parts(name, value):
                found |= _characters(part)
    return frozenset(found)


def _of_class(items: Any) -> frozenset[str]:
    found: set[str] = set()
    for kind, value in items:
        name = str(kind)
        if name == "LITERAL":
            found.add(chr(value))
        elif name == "RANGE":
            found |= {char for char in ALPHABET if value[0] <= ord(char) <= value[1]}
        elif name == "CATEGORY":
            shape = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[str(value).rpartition("_")[2]]
            shape = shape.upper() if "_NOT_" in str(value) else shape
            found |= {char for char in ALPHABET if re.fullmatch(shape, char)}
    return frozenset(ALPHABET - found if items and str(items[0][0]) == "NEGATE" else found)
