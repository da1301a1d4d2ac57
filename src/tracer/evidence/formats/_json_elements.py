"""Values one after another, as an array or without commas: windows where they are sound, one by one where they are not."""

import json
import re
from collections.abc import Iterator

from tracer.evidence.formats import Piece, _json_skip
from tracer.evidence.formats._json_skip import (
    DEEP,
    GIVEN_UP,
    MANY,
    SHOWN,
    STRING,
    TOKEN,
    TOO_LONG,
    skip_value,
    skipped,
)
from tracer.evidence.formats._json_windows import LARGEST, REFUSED, SMALLEST, Decoders, Window
from tracer.evidence.formats._source import Source
from tracer.sources.characters import MARK, check_values

BLANK = b" \t\r\n"
NEAR = 1 << 20
"""Bytes in which the brackets of a broken record are matched."""

FAR = 32 << 20
"""Bytes behind a broken record in which the next sound one is looked for."""

UNSURE = 16
"""Bytes before the end of what was read in which an error may only mean that more must be read."""

BROKEN = "the record is no JSON"
CUT = "the record is cut off: the file ends inside it"

PLAIN = re.compile(rb"[\s{}\[\],:0-9+.eEtrufalsn-]*")
FIRST_KEY = re.compile(rb'\{\s*"[^"\\]{0,200}"')
DECODER, WITH_NUL = json.JSONDecoder(), json.JSONDecoder(strict=False)

CREDIT = 1 << 28
RATE = 32
"""Bytes that may be looked at to find where broken records end: so many from the beginning, and for each byte read."""
BY_BRACKETS = 4
"""How much longer it takes to go through a byte by brackets."""
LEAST = 1 << 16
"""Bytes in which a line ends, or a broken record does where there is no credit any more."""


class Elements:
    """The records of an array (`closed`: it ends with a bracket) or of what follows to the end of the stream."""

    def __init__(self, source: Source, decoders: Decoders, *, closed: bool) -> None:
        self.source = source
        self.decode = decoders.array if closed else decoders.row
        self.closed = closed
        self.ordinal = 0
        self.damaged = False
        self.size = SMALLEST
        self.looked = self.tried = 0
        """Bytes that were looked at to find where broken records end, and for the last record."""
        self.border = b""
        self.gap = b""
        self.key = b""
        self.keys: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Window | Piece]:
        """Up to the closing bracket, which is taken, or the end of the stream."""
        while self._begins():
            window = self._window() if self.border else None
            yield window or self._one()

    def _begins(self) -> bool:
        """Whether another record follows; what separates it is dropped."""
        self.source.skip(BLANK + MARK + b",")
        mark = self.source.at(0)
        if mark == b"]" and self.closed and not (self.damaged and self._goes_on()):
            self.source.drop(1)
            return False
        return bool(mark)

    def _goes_on(self) -> bool:
        """Whether this bracket belongs to the broken record before: others like those before it follow."""
        place = self._behind(1, BLANK + b"}")
        return self.source.at(place) == b"," and self._alike(self._behind(place, BLANK + b","))

    def _window(self) -> Window | None:
        """Records up to the last border in reach, if they are sound; else the reach is shorter the next time."""
        while True:
            buffer = self.source.peek(self.size)
            end = buffer.rfind(self.border, 0, self.size) + 1
            if end == 0 and len(buffer) >= self.size:
                # Records that do not begin with the same key: any like gap may be a border.
                end = buffer.rfind(self.gap, 0, self.size) + 1
            if end == 0:
                return None
            data = buffer[:end]
            try:
                values = self.decode(b"[%b]" % data if self.closed else data)
            except REFUSED:
                if self.size == SMALLEST:
                    return None
                self.size = max(self.size // 8, SMALLEST)
                continue
            found = Window(self.ordinal, self.source.base, data, values, "array" if self.closed else "row")
            self.ordinal += len(values)
            self.damaged = False
            self.size = min(self.size * 2, LARGEST)
            self.source.drop(end)
            return found

    def _one(self) -> Piece:
        """The record that begins here, sound or not."""
        end, problem = self._sound(0)
        if problem in GIVEN_UP:
            self.damaged = True
            found = skipped(self.source, self.ordinal, skip_value, str(problem))
            self.ordinal += 1
            return found
        if end is None:
            end, problem = self._broken(problem)
        else:
            self._learn(end)
        self.damaged = problem is not None
        buffer = self.source.peek(end)
        raw = buffer[: SHOWN if problem and end == FAR and len(buffer) > FAR else end].rstrip(BLANK)
        found = Piece(self.ordinal, self.source.base, raw, problem)
        self.ordinal += 1
        self.source.drop(end)
        if self.damaged:
            self.source.settle()
        return found

    def _sound(self, begin: int) -> tuple[int | None, str | None]:
        """Where the value at a place ends, if it is one; else why not."""
        size = SMALLEST
        while True:
            text = self.source.peek(begin + size)[begin : begin + size].decode("latin-1")
            whole = self.source.ended and begin + size >= len(self.source.buffer)
            error = None
            try:
                check_values(text)
            except ValueError:
                return None, MANY
            self.tried = size
            self.looked += size if begin else 0
            try:
                end: int | None = (WITH_NUL if "\x00" in text else DECODER).raw_decode(text)[1]
            except json.JSONDecodeError as problem:
                end, error = None, problem
            except RecursionError:
                return None, DEEP
            if end is not None and (end < len(text) or whole):
                return begin + end, None
            if error is not None:
                unclosed = error.msg.startswith("Unterminated string")
                if whole or not (unclosed or error.pos > len(text) - UNSURE):
                    cut = whole and (unclosed or error.pos >= len(text.rstrip()))
                    return None, CUT if cut else f"{BROKEN} ({error.msg})"
            if size >= _json_skip.LONGEST:
                return None, TOO_LONG
            size = min(size * 4, _json_skip.LONGEST)

    def _broken(self, problem: str | None) -> tuple[int, str | None]:
        """Where a broken record ends: at its own brackets if another record follows, else where the next one begins."""
        self.looked += self.tried
        if self.looked > CREDIT + RATE * self.source.base:
            return self._brackets(0, SMALLEST) or self._line(), problem
        natural = self._brackets(0, NEAR)
        if natural is not None and self._another(natural, _in_phase(self.source.buffer[:natural])):
            return natural, problem
        found = self._next()
        if found is not None and (natural is None or found <= natural or not self._array_ends(natural)):
            return found, problem
        if natural is not None:
            return natural, problem
        return len(self.source.peek(FAR)[:FAR]), problem

    def _line(self) -> int:
        """Where a line ends, not too near: what was looked at in vain must be worth it."""
        near = self.tried // RATE
        return self.source.peek(near + LEAST).find(b"\n", near, near + LEAST) + 1 or near + LEAST

    def _another(self, end: int, any_kind: bool) -> bool:
        """Whether behind this end comes a record like those before, or of any kind."""
        place = self._behind(end, BLANK)
        if self.source.at(place) == b",":
            place = self._behind(place + 1, BLANK)
        elif self.closed:
            return False
        return self._alike(place) or (
            any_kind and self.source.at(place) == b"{" and self._sound(place)[0] is not None
        )

    def _array_ends(self, end: int) -> bool:
        return self.source.at(self._behind(end, BLANK)) in (b"]", b"")

    def _behind(self, place: int, marks: bytes) -> int:
        end = place + NEAR
        while place < end and (buffer := self.source.peek(place + SMALLEST)[place : place + SMALLEST]):
            rest = buffer.lstrip(marks)
            place += len(buffer) - len(rest)
            if rest:
                break
        return place

    def _alike(self, place: int) -> bool:
        """Whether a sound object begins there that has most of the keys of the last sound record."""
        end = self._sound(place)[0]
        if end is None or self.source.at(place) != b"{":
            return False
        keys = _keys(self.source.buffer[place:end])
        return not self.keys or len(keys & self.keys) * 2 >= max(len(self.keys), len(keys))

    def _next(self) -> int | None:
        """Where the next record begins that is like those before, as its first key shows."""
        match = FIRST_KEY.match(self.source.buffer)
        key = self.key or (match and match[0])
        if not key:
            return None
        signature = re.compile(rb"[}\]\w\"]\s*+(?:,\s*+)?+(?=\{\s*" + re.escape(key[1:].lstrip()) + rb"\s*:)")
        start = 0
        while start < FAR:
            match = signature.search(self.source.buffer, start)
            self.looked += (match.end() if match else len(self.source.buffer)) - start
            if match is None:
                start = max(len(self.source.buffer) - 512, start)
                if not self.source.more():
                    return None
            elif self._alike(match.end()):
                return match.start() + 1
            else:
                start = match.start() + 1
        return None

    def _brackets(self, begin: int, most: int) -> int | None:
        """Where the value at a place ends by its brackets: behind the last, or before the comma or bracket that is not its own."""
        while True:
            depth = 0
            buffer = self.source.peek(begin + SMALLEST)
            for match in TOKEN.finditer(buffer, begin, begin + most):
                token = match[0]
                if token[:1] == b'"':
                    if not match[1]:
                        break
                elif token in (b"{", b"["):
                    depth += 1
                elif depth == 0 or (token != b"," and depth == 1):
                    return match.end() if depth else match.start() or 1
                elif token != b",":
                    depth -= 1
            if len(buffer) - begin >= most or not self.source.more():
                self.looked += BY_BRACKETS * min(len(buffer) - begin, most)
                return None

    def _learn(self, end: int) -> None:
        """What stands between two records of this file, from the one that ends here and the one behind it."""
        buffer = self.source.peek(end + 4096)
        match = FIRST_KEY.match(buffer)
        if match:
            self.key, self.keys = match[0], _keys(buffer[:end])
        gap = re.compile(rb"\s*,?\s*").match(buffer, end)
        following = FIRST_KEY.match(buffer, gap.end()) if gap else None
        if following is not None and buffer[end - 1 : end] == b"}":
            self.border = buffer[end - 1 : following.end()]
            self.gap = buffer[end - 1 : following.start() + 1]


def _in_phase(raw: bytes) -> bool:
    """Whether what stands outside quotes may stand there: where a quote is lost, names and texts do."""
    return PLAIN.fullmatch(STRING.sub(b"", raw)) is not None


def _keys(raw: bytes) -> frozenset[str]:
    try:
        found = json.loads(raw.decode("latin-1"))
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(found) if isinstance(found, dict) else frozenset()
