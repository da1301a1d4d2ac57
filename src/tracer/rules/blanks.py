"""Which attributes without a value decided: those that, had they one, could have turned the outcome.

Tried are the values that the expression itself names, values beyond its numbers and times, and one that stands for
all others.
"""

import itertools
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Run = Callable[[str, Mapping[str, str]], tuple[bool | None, str | None]]
"""Evaluates an expression on attributes: its result, or null and the reason."""

STRING = r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'"
TOKEN = re.compile(STRING + r"|[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|\S")

OTHER = "\u0001any other value"
"""A value that stands for all those that no literal of the expression names."""

MOST_BLANKS = 4
MOST_CANDIDATES = 32
MOST_TRIES = 5000
"""Attributes without a value, values of each, and tries of all together; beyond these each is taken to have decided."""

FAR_NUMBERS = ("999999999999", "-999999999999")
FAR_TIMES = ("0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z")
"""Values on either side of any that an expression compares with."""


def deciding(
    expression: str, known: dict[str, str], empty: list[str], result: bool, run: Run
) -> tuple[str, ...]:
    """Which of the `empty` attributes could, had they a value, have turned the result; sorted."""
    candidates = [*_candidates(expression), OTHER]
    if len(empty) > MOST_BLANKS:
        return tuple(empty)
    open_ended = {name for name in empty if _turned_by_a_pattern(expression, name, known, result, run)}
    for size in range(1, len(empty) + 1):
        if len(candidates) ** size > MOST_TRIES:
            return tuple(empty)
        found = set(open_ended)
        for names in itertools.combinations(empty, size):
            for chosen in itertools.product(candidates, repeat=size):
                other, _ = run(expression, known | dict(zip(names, chosen, strict=True)))
                if other is not None and other != result:
                    found |= set(names)
                    break
        if found:
            return tuple(sorted(found))
    return ()


def _turned_by_a_pattern(expression: str, name: str, known: dict[str, str], result: bool, run: Run) -> bool:
    """Whether the outcome hangs on a regular expression that this attribute, had it a value, might match."""
    call = re.compile(
        rf"""identity(?:\.{re.escape(name)}|\[\s*["']{re.escape(name)}["']\s*\])\.matches\(\s*(?P<text>{STRING})\s*\)"""
    )
    shapes = [match["text"] for match in call.finditer(expression)]
    if all(_texts_of(_unquoted(shape)) for shape in shapes):
        return False
    others = (run(call.sub(value, expression), known)[0] for value in ("true", "false"))
    return any(other is not None and other != result for other in others)


@lru_cache(maxsize=4096)
def _candidates(expression: str) -> tuple[str, ...]:
    """Values that could turn an outcome: the literals of the expression, also out of patterns, numbers and times."""
    found: set[str] = set()
    tokens = TOKEN.findall(expression)
    for token in tokens:
        if token[0] in "\"'" and len(token) > 2:
            value = _unquoted(token)
            found |= set(_texts_of(value)) or {value}
        elif token[0].isdigit():
            found |= {token, FAR_NUMBERS[0], FAR_NUMBERS[1]}
    if "timestamp" in tokens:
        found |= set(FAR_TIMES)
    return tuple(sorted(found))[:MOST_CANDIDATES]


def _unquoted(token: str) -> str:
    """The text that a literal says; an escape that is no JSON stays as it is written."""
    inner = token[1:-1]
    if "\\" not in inner:
        return inner
    try:
        return str(json.loads('"' + inner.replace('"', '\\"').replace('\\\\"', '\\"') + '"', strict=False))
    except ValueError:
        return inner


@lru_cache(maxsize=4096)
def _texts_of(pattern: str) -> tuple[str, ...]:
    """The texts that a regular expression stands for, where it is nothing but texts; empty for any other."""
    body = re.sub(r"^\(\?[a-z]+\)", "", pattern)
    many = re.fullmatch(
        r"(?:\^\\s\*\$\|\^|\(\?:\^\|;\))\\s\*(?:\[\^;\]\*)?(\(\?:.*?\))(?:\[\^;\]\*)?\\s\*\(\?:;.*",
        body,
        re.DOTALL,
    )
    body = many[1] if many else body.removeprefix("^").removesuffix("$")
    if body.startswith("(?:") and body.endswith(")"):
        body = body[3:-1]
    if re.search(r"(?<!\\)(?:\\\\)*[.+*?()\[\]{}^$]|\\[A-Za-z0-9]", body):
        return ()
    return tuple(re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) for text in re.split(r"(?<!\\)\|", body))
