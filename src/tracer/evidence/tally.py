"""What accounts did, counted while a file is read: memory grows by eight bytes for each record, not with its text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tracer.sources.characters import plain

Use = tuple[str, str, str, str]
"""System, account, session, action."""


@dataclass(slots=True)
class Hour:
    """The uses of one kind within one hour."""

    first_at: str
    last_at: str
    first_ordinal: int
    count: int = 0
    failed: int = 0
    digests: bytearray = field(default_factory=bytearray)
    failures: bytearray = field(default_factory=bytearray)

    def add(self, at: str, failed: bool, key: bytes) -> None:
        """A use; `key` is what tells it from others in any export."""
        if at < self.first_at:
            self.first_at = at
        elif at > self.last_at:
            self.last_at = at
        digest = sha256(key).digest()[:8]
        self.count += 1
        self.digests += digest
        if failed:
            self.failed += 1
            self.failures += digest


@dataclass(slots=True)
class Span:
    """From when to when a system's records go, and how many they are."""

    first_at: str
    last_at: str
    count: int = 0


class Tally:
    """Uses per hour, and the span of each system; `every` is the span of all records that have a time."""

    def __init__(self) -> None:
        self.hours: dict[tuple[Use, str], Hour] = {}
        self.spans: dict[str, Span] = {}
        self.every: Span | None = None

    def time(self, at: str) -> None:
        """A record of this moment, whatever becomes of it."""
        if self.every is None:
            self.every = Span(at, at)
        elif at < self.every.first_at:
            self.every.first_at = at
        elif at > self.every.last_at:
            self.every.last_at = at

    def seen(self, system: str, at: str) -> None:
        """A kept record of a system."""
        self._span(system, at, at, 1)

    def hour(self, use: Use, at: str, ordinal: int) -> Hour:
        """Where the uses of this kind in the hour of this moment are counted; `ordinal` is that of the use at hand."""
        hour = self.hours.get((use, at[:13]))
        if hour is None:
            hour = self.hours[use, at[:13]] = Hour(at, at, ordinal)
        elif ordinal < hour.first_ordinal:
            # What is read exactly comes after the records of its window that are only counted.
            hour.first_ordinal = ordinal
        return hour

    def close(self, evidence: str) -> list[tuple[Any, ...]]:
        """Rows of the table `counted` of all hours so far, which are forgotten; the same hour may come again."""
        for (use, _), one in self.hours.items():
            self._span(use[0], one.first_at, one.last_at, one.count)
            self.time(one.first_at)
            self.time(one.last_at)
        rows = list(self._counted(evidence))
        self.hours = {}
        return rows

    def _span(self, system: str, first_at: str, last_at: str, count: int) -> None:
        span = self.spans.setdefault(system, Span(first_at, last_at))
        span.first_at = min(span.first_at, first_at)
        span.last_at = max(span.last_at, last_at)
        span.count += count

    def _counted(self, evidence: str) -> Iterator[tuple[Any, ...]]:
        """Rows of the table `counted`."""
        for (use, hour), one in sorted(self.hours.items()):
            yield (
                evidence, *map(plain, use), hour + ":00:00.000Z", one.count, one.failed, one.first_at, one.last_at,
                one.first_ordinal, _distinct(one.digests), _distinct(one.failures),
            )  # fmt: skip

    def spanned(self, evidence: str, uses: bool) -> Iterator[tuple[Any, ...]]:
        """Rows of the table `spans`."""
        for system, one in sorted(self.spans.items()):
            yield evidence, plain(system), one.first_at, one.last_at, one.count, int(uses)


def merged(one: bytes, other: bytes) -> bytes:
    """The digests of both, each once, in order."""
    return _distinct(bytearray(one + other))


def _distinct(digests: bytearray) -> bytes:
    data = bytes(digests)
    return b"".join(sorted({data[place : place + 8] for place in range(0, len(data), 8)}))
