"""How a JSON file is laid out: where its arrays of records begin, or whether its objects are the records."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, Literal

from tracer.evidence.containers import HEAD
from tracer.evidence.formats._json_skip import skip_string
from tracer.evidence.formats._source import Source

LONG_LINE = 1 << 20
"""Bytes of a first line that are looked at whole."""

TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[{}\[\]]', re.DOTALL)
KEPT = 64
"""Bytes kept before a token, to see whether it is the value of a key."""

LONG_STRING = 1 << 20
"""Bytes of a string that are waited for."""

SEARCHED = 1 << 20
"""Bytes in which further arrays are looked for, if the first one holds no known records."""

Shape = Literal["arrays", "lines", "objects"]


def shape(source: Source, names: tuple[str, ...]) -> Shape:
    """What follows the brace at the beginning: arrays under one of these dotted names, or objects that are records."""
    text = source.peek(HEAD)[:HEAD].decode("latin-1")
    try:
        first, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        head = Source(io.BytesIO(source.buffer[:HEAD]))
        if Arrays(head, names).next():
            return "arrays"
        return _of_lines(source) or ("arrays" if any(names) else "objects")
    if any(_holds(first, name.split(".")) for name in names if name):
        return "arrays"
    rest = text[end:]
    gap = rest[: len(rest) - len(rest.lstrip())]
    return "lines" if "\n" not in text[:end] and ("\n" in gap or not rest.strip()) else "objects"


def _holds(value: Any, steps: list[str]) -> bool:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return isinstance(value, list)


def _of_lines(source: Source) -> Shape | None:
    """Whether the first line, which is no record or a long one, looks like one beside others."""
    line, _, rest = source.peek(LONG_LINE).partition(b"\n")
    line = line.strip()
    if rest.strip()[:1] == b"{" and line.endswith(b"}") and line not in (b"{}", b"}"):
        return "lines"
    return "lines" if line not in (b"{", b"[") and are_records(rest) else None


def are_records(text: bytes) -> bool:
    """Whether every line that ends in this text could be a record, and the first of them is one: the line before broke off."""
    *whole, _ = text[:HEAD].split(b"\n")
    lines = [line.strip() for line in whole if line.strip()]
    if not lines or not all(line.startswith(b"{") and line.endswith(b"}") for line in lines):
        return False
    try:
        return isinstance(json.loads(lines[0].decode("latin-1")), dict)
    except (ValueError, RecursionError):
        return False


def layouts(source: Source, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Under which of these dotted names records may lie, the likeliest first; an empty tuple: under none of them."""
    if source.at(0) == b"[":
        yield ()
        return
    try:
        text = source.peek(HEAD)[:HEAD].decode("latin-1")
        first, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        head = Source(io.BytesIO(source.peek(SEARCHED)[:SEARCHED]))
        arrays = Arrays(head, names)
        found = False
        while arrays.next():
            found = True
            yield (arrays.name,)
            # What stands in this array is not searched for others.
            arrays.path.append(b"[")
        if not found or _of_lines(source) is not None:
            yield ()
        return
    for name in names:
        if name and _holds(first, name.split(".")):
            yield (name,)
    yield ()


class Arrays:
    """Finds the arrays of records in one document or in several, whatever stands around them."""

    def __init__(self, source: Source, names: tuple[str, ...]) -> None:
        self.source = source
        self.wanted = {tuple(name.encode() for name in one.split(".")) for one in names if one}
        self.deepest = max(map(len, self.wanted), default=0)
        self.path: list[bytes] = []
        self.below = 0
        """Brackets that are open further in than any array that is wanted."""
        self.last = b""
        self.name = ""

    def next(self) -> bool:
        """Go to just behind the bracket that opens the next one; False where there is none."""
        source, start = self.source, 0
        while True:
            place, skipped = start, False
            for match in TOKEN.finditer(source.buffer, start):
                token = match[0]
                if token[:1] == b'"' and not match[1]:
                    if len(source.buffer) - match.start() > LONG_STRING:
                        # No array has such a name.
                        source.drop(match.start())
                        skip_string(source)
                        start, self.last, skipped = 0, b"", True
                    break
                place = match.end()
                if (
                    token == b"["
                    and not self.below
                    and (*self.path[1:], self.last) in self.wanted
                    and self._is_value(match.start())
                ):
                    source.drop(place)
                    self.name = b".".join((*self.path[1:], self.last)).decode()
                    return True
                self._step(token)
            if skipped:
                continue
            # A token may go on in what was not read yet.
            dropped = max(place - KEPT, 0)
            source.drop(dropped)
            start = place - dropped
            if not source.more():
                return False

    def _step(self, token: bytes) -> None:
        if token in (b"{", b"["):
            if self.below or len(self.path) > self.deepest:
                self.below += 1
            else:
                self.path.append(self.last if token == b"{" else token)
        elif token in (b"}", b"]"):
            if self.below:
                self.below -= 1
            else:
                del self.path[-1:]
        else:
            self.last = token[1:-1]

    def _is_value(self, place: int) -> bool:
        """Whether the bracket follows a colon: an array in an array has no name of its own."""
        return self.source.buffer[max(place - KEPT, 0) : place].rstrip()[-1:] == b":"
