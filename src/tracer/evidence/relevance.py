"""Which records of a JSON source need not be read in full: those that no action can be about.

What becomes of such a record depends on few of its fields (who, what, failed or not) apart from its time and id. So these
alone are decoded, what became of the first record with the same values is remembered, and the others with them are
counted at once. Every record that may be an act, or that is odd in any way, is read exactly.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from tracer.evidence.conditions import Condition
from tracer.evidence.declarations import Declaration
from tracer.evidence.exact import quick
from tracer.evidence.formats._json_windows import Decoders, Window, decoders
from tracer.evidence.hooks import hook
from tracer.evidence.inputs import map_record
from tracer.evidence.mapping import candidates, index_of, moment
from tracer.evidence.paths import text_of
from tracer.evidence.tally import Hour, Tally, Use
from tracer.evidence.templates import parts

MOST = 20_000
"""Remembered records; beyond them remembering begins anew."""

MUCH = 8 << 20
"""Bytes of what is remembered."""


@dataclass(frozen=True, eq=False, slots=True)
class Acted:
    """An account acted: the use, and whether it failed. The same object stands for all records that are alike."""

    use: Use
    failed: bool


Known = Acted | bool
"""What becomes of a record; True: skipped; False: to be read exactly."""


Scalar = str | int | float | bool | None
"""What a field may hold that is compared as it is; a window in which one holds something else is read in full."""


@dataclass(frozen=True)
class Heads:
    """The decoders of the fields that matter, and where in a decoded head they lie.

    `scalars` gives the deciding scalars (`deciding` of them, the index first), then those of the time, then those of the
    id, then what holds further deciding fields (`nested`); `raws` gives deciding fields that may hold anything.
    """

    decoders: Decoders
    index: bytes
    scalars: Callable[[Any], tuple[Any, ...]]
    deciding: int
    times: tuple[str, ...]
    ids: tuple[str, ...]
    nested: int
    raws: Callable[[Any], tuple[Any, ...]]


NOTHING = msgspec.Raw(b"")
WITHIN = re.compile(r"(\w+)\.(\w+)")


@cache
def heads(declaration: Declaration) -> Heads | None:
    """What to decode of this source's records; None where only a whole record tells."""
    named = hook(declaration.hook)
    index = index_of(declaration)
    rows = (*declaration.facts, *declaration.holdings)
    if (
        declaration.format != "json"
        or declaration.reader != "actions"
        or declaration.options
        or ((named.prepare or named.principal) and not named.reads)
        or index is None
        or not declaration.id
        or any(not row.when for row in rows)
    ):
        return None
    conditions: list[Condition] = []
    for when in (*(action.when for action in declaration.actions), *(row.when for row in rows)):
        if not any(condition.path == index for condition in when):
            conditions += when
    paths = [index, *declaration.failure, *(one.path for one in conditions), *named.reads]
    paths += parts([*declaration.system, *declaration.actor, *declaration.actor_kind, *declaration.action])
    failures = [one.path for one in (*declaration.failure_when, *declaration.failure_unless)]
    tops = {path.split(".")[0] for path in paths}
    within = [m for path in failures if (m := WITHIN.fullmatch(path)) and m[1] not in tops]
    paths += [path for path in failures if path not in {m[0] for m in within}]
    inner: dict[str, list[str]] = {}
    for match in within:
        inner.setdefault(match[1], []).append(match[2])
    places = [path.partition("|")[0] for path in paths]
    whole = {place for place in places if "." in place or "[" in place} | set(named.reads)
    raws = tuple(dict.fromkeys(place.split(".")[0].split("[")[0] for place in whole))
    if any("." in one or "[" in one for one in (index, *declaration.time, *declaration.id)) or index in raws:
        return None
    # A key may have dots of its own.
    scalars = tuple(dict.fromkeys((index, *(place for place in (*places, *whole) if place not in raws))))
    return _heads(scalars, declaration.time, declaration.id, inner, raws)


def _heads(
    deciding: tuple[str, ...],
    times: tuple[str, ...],
    ids: tuple[str, ...],
    inner: dict[str, list[str]],
    raws: tuple[str, ...],
) -> Heads:
    names = [*deciding, *times, *ids, *inner]
    kinds: list[Any] = [Scalar] * len((*deciding, *times, *ids))
    kinds += [_part(listed) for listed in inner.values()]
    fields: dict[str, tuple[str, Any, Any]] = {}
    for name, kind in zip(names, kinds, strict=True):
        fields.setdefault(name, (f"f{len(fields)}", kind, None))
    for name in raws:
        fields[name] = (f"f{len(fields)}", msgspec.Raw, NOTHING)
    head = msgspec.defstruct(
        "Head", list(fields.values()), rename={field[0]: name for name, field in fields.items()}, gc=False
    )
    return Heads(
        decoders(head),
        b'"' + deciding[0].encode() + b'"',
        _getter([fields[name][0] for name in names]),
        len(deciding),
        times,
        ids,
        len(inner),
        _getter([fields[name][0] for name in raws]),
    )


def _part(names: list[str]) -> Any:
    """An object of which these fields decide, or anything else."""
    part = msgspec.defstruct("Part", [(name, msgspec.Raw, NOTHING) for name in names], gc=False)
    return part | Scalar | list[msgspec.Raw]


def _within(values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The deciding fields within fields; None where something else lies there."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, msgspec.Struct):
            found.append(tuple(bytes(getattr(value, name)) for name in value.__struct_fields__))
        elif value is not None:
            return None
        else:
            found.append(None)
    return tuple(found)


def _getter(fields: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if not fields:
        return lambda head: ()
    if len(fields) == 1:
        only = operator.attrgetter(fields[0])
        return lambda head: (only(head),)
    return operator.attrgetter(*fields)


Key = tuple[Any, ...]


class Memory:
    """What became of records, by their deciding fields, and what moment their time is; for all files of a source."""

    def __init__(self) -> None:
        self.known: dict[Key, Known] = {}
        self.moments: dict[Key, str | None] = {}
        self.size = 0

    def keep(self, key: Key, told: Known) -> None:
        """Remember a record; where it becomes too much, remembering begins anew."""
        self.size += sum(len(one) for one in key if isinstance(one, str | bytes))
        if len(self.known) >= MOST or self.size > MUCH:
            self.known.clear()
            self.size = 0
        self.known[key] = told


@cache
def memory(declaration: Declaration) -> Memory:
    """What is remembered of this source's records."""
    del declaration
    return Memory()


class Relevance:
    """Counts what can be counted of a window, and names the records that must be read exactly."""

    def __init__(self, declaration: Declaration, known: Heads, tally: Tally) -> None:
        self.declaration = declaration
        self.heads = known
        self.tally = tally
        self.memory = memory(declaration)
        self.hours: dict[tuple[Acted, str], Hour] = {}
        self.counted = 0
        self.skipped = 0

    def sift(self, window: Window) -> list[tuple[int, int, bytes]]:
        """Number (in the window), place and bytes of the records that must be read exactly; the others are counted."""
        heads = self.heads
        data, values = window.data, window.values
        if not _is_text(data):
            return [(number, *border) for number, border in enumerate(window.borders())]
        first_time = heads.deciding
        first_id = first_time + len(heads.times)
        first_nested = first_id + len(heads.ids)
        known, moments, hours = self.memory.known, self.memory.moments, self.hours
        scalars, raws, nested = heads.scalars, heads.raws, NONE[: heads.nested]
        wanted: list[int] = []
        if data.count(heads.index) != len(values):
            # The deciding key stands elsewhere too, perhaps twice in one record.
            borders = window.borders()
            wanted = [number for number, (_, raw) in enumerate(borders) if raw.count(heads.index) > 1]
        apart = set(wanted)
        for number, head in enumerate(values):
            found = scalars(head)
            key = (*found[:first_time], *map(bytes, raws(head)))
            if nested and found[first_nested:] != nested:
                within = _within(found[first_nested:])
                key = () if within is None else (*key, *within)
            told = known.get(key) if key and found[0] is not None and number not in apart else False
            if told is None:
                told = self._learn(key, window.at([number])[0][1])
            if told is False:
                wanted.append(number)
                continue
            time = found[first_time:first_id]
            at = moments.get(time) or self._moment(time)
            if at is None or told is True:
                self.skipped += 1
                if at is not None:
                    self.tally.time(at)
                continue
            name = found[first_id]
            name = (
                name.encode("utf-8", "surrogatepass")
                if name.__class__ is str and name
                else self._key(found[first_id:first_nested])
            )
            if name is None:
                wanted.append(number)
                continue
            self.counted += 1
            place = (told, at[:13])
            hour = hours.get(place)
            if hour is None:
                hour = hours[place] = self.tally.hour(told.use, at, window.ordinal + number)
            hour.add(at, told.failed, name)
        numbers = sorted(set(wanted))
        return [(number, *border) for number, border in zip(numbers, window.at(numbers), strict=True)]

    def _learn(self, key: Key, raw: bytes) -> Known:
        """What becomes of a record, and of all that are like it."""
        found: Known = False
        try:
            record = quick(raw)
            prepared = hook(self.declaration.hook).prepare
            parts_of = [record] if prepared is None else prepared(record)
            if isinstance(record, dict) and not any(candidates(self.declaration, one) for one in parts_of):
                told = map_record(self.declaration, record, raw)
                if told.counted is not None:
                    system, account, session, action, failed, _ = told.counted
                    found = Acted((system, account, session, action), failed)
                elif not (told.keep or told.reject) and told.at is not None:
                    found = True
        except (ValueError, RecursionError):
            found = False
        self.memory.keep(key, found)
        return found

    def _moment(self, time: Key) -> str | None:
        if time in self.memory.moments:
            return self.memory.moments[time]
        if len(self.memory.moments) >= MOST:
            self.memory.moments.clear()
        value = next((one for one in time if one not in (None, "")), None)
        at = self.memory.moments[time] = moment(self.declaration, value)
        return at

    def _key(self, ids: Key) -> bytes | None:
        """The vendor's id as bytes; None where there is none."""
        for one in ids:
            if one is not None and one != "":
                text = one if isinstance(one, str) else text_of(one)
                return text.encode("utf-8", "surrogatepass") if text else None
        return None


NONE = (None,) * 64


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
