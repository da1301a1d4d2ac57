"""Where something lies in a record: dotted paths, and the filters that make a name of what lies there.

A path is dotted: `target.id`. `target[type=User].id` takes the first element of a list whose `type` is User,
`target[0]` the element of that number, `annotations["a.b/c"]` the key that has dots of its own. Behind it may stand
filters, each after a bar: `requestParameters|json|get:users`, `arn|last`, `dn|match:CN=([^,]+)`.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from tracer.sources.characters import loads

STEP = re.compile(
    r"""([^.\[\]"]+)|\["([^"\]]+)"\]|\[([\w@.]+)=([^\]]*)\]|\[(-?\d+)\]""",
)
"""A key; a quoted key; a choice among the elements of a list; the number of an element."""

Step = tuple[str, str]


@lru_cache(maxsize=8192)
def _steps(path: str) -> tuple[Step, ...]:
    found: list[Step] = []
    for match in STEP.finditer(path):
        if match[1] is not None or match[2] is not None:
            found.append(("key", match[1] if match[1] is not None else match[2]))
        elif match[3] is not None:
            found.append((match[3], match[4]))
        else:
            found.append(("#", match[5]))
    return tuple(found)


def look_up(record: Any, path: str) -> Any:
    """What lies at a dotted path of a record; None where there is nothing. A key with dots of its own is found too."""
    if isinstance(record, dict):
        if path in record:
            return record[path]
        if "." not in path and "[" not in path:
            return None
    current = record
    for kind, name in _steps(path):
        if kind == "key":
            if not isinstance(current, dict):
                return None
            current = current.get(name)
        elif not isinstance(current, list):
            return None
        elif kind == "#":
            number = int(name)
            current = current[number] if -len(current) <= number < len(current) else None
        else:
            current = next(
                (i for i in current if isinstance(i, dict) and text_of(look_up(i, kind)) == name), None
            )
    return current


def text_of(value: Any) -> str | None:
    """A value as text; None for nothing, an empty text, or what is no single value."""
    if value is None or isinstance(value, dict | list) or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def decoded(value: Any) -> Any:
    """An object or a list that a log writes as JSON in a string; any other value, and broken JSON, as it stands."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _json(value: Any, _: str) -> Any:
    """JSON in a string, also where it was quoted twice; other values stay as they are."""
    for _again in range(2):
        if not isinstance(value, str):
            break
        try:
            value = loads(value)
        except (ValueError, RecursionError):
            break
    return value


def _after(value: str, mark: str) -> str | None:
    return value.partition(mark)[2] or None if mark in value else None


def _last(value: str, mark: str) -> str:
    return value.rstrip(mark or "/").rpartition(mark or "/")[2] or value


def _match(value: str, pattern: str) -> str | None:
    found = _pattern(pattern).search(value)
    return (found[1] if found.re.groups else found[0]) if found else None


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _split(value: str, mark: str) -> list[str]:
    return [part.strip() for part in value.split(mark or ",") if part.strip()]


ON_TEXT: dict[str, Callable[[str, str], Any]] = {
    "last": _last,
    "first": lambda value, mark: value.partition(mark or "/")[0],
    "after": _after,
    "before": lambda value, mark: value.partition(mark)[0] or None,
    "match": _match,
    "lower": lambda value, _: value.casefold(),
    "strip": lambda value, marks: value.strip(marks or None) or None,
    "unquote": lambda value, _: unquote(value),
    "split": _split,
    "words": lambda value, _: value.split(),
}
"""What can be made of one text; None where it does not apply."""

ON_ANY: dict[str, Callable[[Any, str], Any]] = {"json": _json, "get": look_up}
"""What can be made of any value."""


def resolve(record: Any, path: str) -> Any:
    """What lies at a path with its filters; `words|minus:PATH` leaves out what also lies at the other path."""
    if "|" not in path:
        return look_up(record, path)
    place, filters = _filters(path)
    value = look_up(record, place)
    for name, argument in filters:
        if value is None:
            return None
        if name == "minus":
            other = look_up(record, argument)
            taken = set(other if isinstance(other, list) else str(other or "").split())
            value = [word for word in (value if isinstance(value, list) else [value]) if word not in taken]
        elif name in ON_ANY:
            value = ON_ANY[name](value, argument)
        else:
            text = text_of(value)
            value = None if text is None else ON_TEXT[name](text, argument)
    return value


@lru_cache(maxsize=16_384)
def _filters(path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The place of a path, and the names and arguments of its filters."""
    place, *filters = path.split("|")
    return place, tuple((name, argument) for name, _, argument in (one.partition(":") for one in filters))


FILTERS = frozenset({"minus", *ON_ANY, *ON_TEXT})
"""Names of all filters."""
