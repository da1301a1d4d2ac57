"""Structures as Trino writes them into text (Amazon Athena, CloudTrail Lake): `{type=IAMUser, arn=…, session={mfa=true}}`.

Nothing is quoted there, so a value goes on until a comma, a blank, and what looks like the next name, or until the
bracket that closes it. JSON inside is read as JSON.
"""

import json
import re
from typing import Any

from tracer.sources.characters import whole
from tracer.sources.exact import RecordError

NAME = re.compile(r"\s*([A-Za-z_][\w.:/-]*)=")
NEXT = re.compile(r", (?=[A-Za-z_][\w.:/-]*=)")
DEEPEST = 64

OPENING = {"{": "}", "[": "]"}
DECODER = json.JSONDecoder()


def structure(text: str) -> Any:
    """What the text says, `null` as None and all other values as text; the text itself where it is no structure.

    Raises RecordError where a name stands twice with different values: then nobody can tell which is meant.
    """
    if not _is_structure(text):
        return text
    try:
        found, end = _value(text, 0, 0)
    except (IndexError, RecursionError):
        return text
    return whole(found) if not text[end:].strip() else text


def _is_structure(text: str) -> bool:
    return NAME.match(text, 1) is not None if text[:1] == "{" else text[:1] == "[" and text[1:2] in "{["


def _value(text: str, place: int, depth: int) -> tuple[Any, int]:
    """The value at a place, and where it ends."""
    if depth > DEEPEST:
        raise RecursionError
    if text[place] in '{["':
        try:
            found, end = DECODER.raw_decode(text, place)
        except ValueError:
            pass
        else:
            if text[end : end + 1] in ("", ",", "}", "]"):
                return found, end
    if text[place] == "{" and NAME.match(text, place + 1):
        return _struct(text, place + 1, depth)
    if text[place] == "[":
        return _list(text, place + 1, depth)
    return _plain(text, place, None)


def _struct(text: str, place: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while name := NAME.match(text, place):
        key, place = name[1], name.end()
        if text[place] in '{["':
            value, place = _value(text, place, depth + 1)
        else:
            value, place = _plain(text, place, NEXT)
        if key in found and found[key] != value:
            raise RecordError(f"the name {key[:40]!r} stands twice with different values")
        found[key] = value
        if text[place] == "}":
            return found, place + 1
        place += 1
    raise IndexError


def _list(text: str, place: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    if text[place] == "]":
        return found, place + 1
    while True:
        value, place = _value(text, place, depth + 1)
        found.append(value)
        if text[place] == "]":
            return found, place + 1
        place = place + 2 if text.startswith(", ", place) else place + 1


def _plain(text: str, place: int, after: re.Pattern[str] | None) -> tuple[str | None, int]:
    """A value that is text: to the next name (in a list: comma), or to the bracket that closes what it lies in."""
    start, opened = place, list[str]()
    while True:
        char = text[place]
        if char in OPENING:
            opened.append(OPENING[char])
        elif opened and char == opened[-1]:
            opened.pop()
        elif not opened and (
            char in "}]" or (after.match(text, place) if after else text.startswith(", ", place))
        ):
            value = text[start:place]
            return (None if value == "null" else value), place
        place += 1
