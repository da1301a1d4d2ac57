"""A window: bytes that hold many whole records, decoded at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec

from tracer.evidence.formats import Piece

SMALLEST = 1 << 12
LARGEST = 1 << 18
"""Bytes of a window: smaller after a break, then growing again."""

REFUSED = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What decoding a window may raise: then its records are read one by one."""


class Decoders(NamedTuple):
    """What makes a list, one value per record, of an array or of values one after another. They may raise REFUSED."""

    array: Callable[[bytes], list[Any]]
    row: Callable[[bytes], list[Any]]


def decoders(kind: Any) -> Decoders:
    """Decoders of records of a msgspec type."""
    return Decoders(msgspec.json.Decoder(list[kind]).decode, msgspec.json.Decoder(kind).decode_lines)


BORDERS = decoders(msgspec.Raw)


@dataclass(frozen=True)
class Window:
    """Records from `ordinal` on; `data` begins at `offset`; `values` are what the decoders made of each.

    Where `kind` is lines each line between blanks is one record.
    """

    ordinal: int
    offset: int
    data: bytes
    values: list[Any]
    kind: str

    def pieces(self) -> Iterator[Piece]:
        """Each record with its bytes."""
        for number, (place, raw) in enumerate(self.borders()):
            yield Piece(self.ordinal + number, self.offset + place, raw)

    def at(self, numbers: list[int]) -> list[tuple[int, bytes]]:
        """Where the records of these numbers begin in `data`, and their bytes."""
        if not numbers:
            return []
        starts, raws = self._parts
        if starts is None:
            borders = self.borders()
            return [borders[number] for number in numbers]
        found = [(starts[number], bytes(raws[number])) for number in numbers]
        # Whether all gaps are of one length is seen at the places that this gives.
        if all(self.data.startswith(raw, place) for place, raw in found):
            return [(place, raw.rstrip(b" \t\r")) for place, raw in found]
        borders = self.borders()
        return [borders[number] for number in numbers]

    @cached_property
    def _parts(self) -> tuple[list[int] | None, list[Any]]:
        """Where each record begins if all gaps between them are of one length (None: they are not), and the records."""
        if self.kind == "lines":
            body = self.data.lstrip(b" \t\r\n")
            raws: list[Any] = body.rstrip(b" \t\r\n").split(b"\n")
            lead, gap, rest = len(self.data) - len(body), 1, 0
        elif self.kind == "array":
            raws = BORDERS.array(b"[%b]" % self.data)
            gap, rest = divmod(len(self.data) - sum(map(len, raws)), max(len(raws) - 1, 1))
            lead = 0
        else:
            return None, []
        if rest:
            return None, raws
        return list(accumulate((len(raw) + gap for raw in raws[:-1]), initial=lead)), raws

    def borders(self) -> list[tuple[int, bytes]]:
        """Where each record begins in `data`, and its bytes."""
        if self.kind == "lines":
            return self._lines()
        found, place = [], 0
        raws = BORDERS.array(b"[%b]" % self.data) if self.kind == "array" else BORDERS.row(self.data)
        for raw in map(bytes, raws):
            place = self.data.index(raw, place)
            found.append((place, raw))
            place += len(raw)
        return found

    def _lines(self) -> list[tuple[int, bytes]]:
        found, place = [], 0
        for line in self.data.split(b"\n"):
            raw = line.strip(b" \t\r")
            if raw:
                found.append((place + line.index(raw), raw))
            place += len(line) + 1
        return found
