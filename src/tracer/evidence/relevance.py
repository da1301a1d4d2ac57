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
from tracer.evidence.mapping import candidates, first, index_of, moment
from tracer.evidence.paths import text_of
from tracer.evidence.tally import Tally, Use
from tracer.evidence.templates import parts

MOST = 20_000
"""Remembered records; beyond them remembering begins anew."""

MUCH = 8 << 20
"""Bytes of what is remembered."""

Known = tuple[Use, bool] | bool
"""What becomes of a record: a use and whether it failed; True: skipped; False: to be read exactly."""


@dataclass(frozen=True)
class Heads:
    """The decoders of the deciding fields, and what takes from a decoded head those that decide, the time's and the id's.

    `deciding` gives the fields themselves and those within fields; the latter are None where something else lies there.
    """

    decoders: Decoders
    index: bytes
    deciding: Callable[[Any], tuple[Any, ...]]
    nested: Callable[[Any], tuple[bytes, ...] | None]
    time: Callable[[Any], tuple[Any, ...]]
    times: tuple[str, ...]
    id: Callable[[Any], tuple[Any, ...]]
    ids: tuple[str, ...]


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
    deciding, times, ids = _names([*paths, *inner]), _names(declaration.time), _names(declaration.id)
    return _heads(index, tuple(name for name in deciding if name not in inner), inner, times, ids)


def _heads(
    index: str,
    deciding: tuple[str, ...],
    inner: dict[str, list[str]],
    times: tuple[str, ...],
    ids: tuple[str, ...],
) -> Heads:
    fields = {name: f"f{number}" for number, name in enumerate(dict.fromkeys((*deciding, *times, *ids)))}
    parts_of = {name: f"n{number}" for number, name in enumerate(inner)}
    kinds: list[tuple[str, Any, Any]] = [(field, msgspec.Raw, NOTHING) for field in fields.values()]
    kinds += [(field, _part(inner[name]), None) for name, field in parts_of.items()]
    head = msgspec.defstruct(
        "Head", kinds, rename={field: name for name, field in {**fields, **parts_of}.items()}, gc=False
    )
    return Heads(
        decoders(head),
        b'"' + _names([index])[0].encode() + b'"',
        _getter([fields[name] for name in deciding]),
        _nested(list(parts_of.values())),
        _getter([fields[name] for name in times]),
        times,
        _getter([fields[name] for name in ids]),
        ids,
    )


def _part(names: list[str]) -> Any:
    """An object of which these fields decide, or anything else."""
    part = msgspec.defstruct("Part", [(name, msgspec.Raw, NOTHING) for name in names], rename=None, gc=False)
    return part | None | str | int | float | list[msgspec.Raw]


def _nested(fields: list[str]) -> Callable[[Any], tuple[bytes, ...] | None]:
    def nested(head: Any) -> tuple[bytes, ...] | None:
        found: list[bytes] = []
        for field in fields:
            value = getattr(head, field)
            if isinstance(value, msgspec.Struct):
                found += (bytes(getattr(value, name)) for name in value.__struct_fields__)
            elif value is not None:
                return None
        return tuple(found)

    return nested


def _getter(fields: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(fields) == 1:
        only = operator.attrgetter(fields[0])
        return lambda head: (only(head),)
    return operator.attrgetter(*fields)


def _names(paths: Any) -> tuple[str, ...]:
    """The keys of a record that these paths may begin with: a key may have dots of its own."""
    found = []
    for path in paths:
        place = path.partition("|")[0]
        if "." in place or "[" in place:
            found.append(place.split(".")[0].split("[")[0])
        found.append(place)
    return tuple(dict.fromkeys(found))


class Memory:
    """What became of records, by their deciding fields, and what moment their time is; for all files of a source."""

    def __init__(self) -> None:
        self.known: dict[tuple[bytes, ...], Known] = {}
        self.moments: dict[tuple[bytes, ...], str | None] = {}
        self.size = 0

    def keep(self, key: tuple[bytes, ...], told: Known) -> None:
        """Remember a record; where it becomes too much, remembering begins anew."""
        self.size += sum(map(len, key))
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
        self.counted = 0
        self.skipped = 0

    def sift(self, window: Window) -> list[int]:
        """Numbers (in the window) of the records that must be read exactly; the others are counted."""
        data, values = window.data, window.values
        if data.count(self.heads.index) != len(values) or not _is_text(data):
            # The deciding key stands elsewhere too, perhaps twice in one record; or the text is none.
            return list(range(len(values)))
        wanted: list[int] = []
        unknown: list[tuple[int, Any, tuple[bytes, ...]]] = []
        deciding = self.heads.deciding
        known = self.memory.known
        nested = self.heads.nested
        for number, head in enumerate(values):
            within = nested(head)
            key = (*map(bytes, deciding(head)), *(within or ()))
            told = known.get(key) if within is not None and key[0] else False
            if told is False:
                wanted.append(number)
            elif told is None:
                unknown.append((number, head, key))
            else:
                self._take(told, head, window.ordinal + number, wanted, number)
        if unknown:
            borders = window.borders()
            for number, head, key in unknown:
                told = known.get(key)
                if told is None:
                    told = self._learn(key, borders[number][1])
                if told is False:
                    wanted.append(number)
                else:
                    self._take(told, head, window.ordinal + number, wanted, number)
        return sorted(wanted)

    def _take(self, told: Known, head: Any, ordinal: int, wanted: list[int], number: int) -> None:
        raw = tuple(map(bytes, self.heads.time(head)))
        try:
            at = self.memory.moments[raw]
        except KeyError:
            at = self._moment(raw)
        if at is None or isinstance(told, bool):
            self.skipped += 1
            if at is not None:
                self.tally.time(at)
            return
        key = self._key(tuple(map(bytes, self.heads.id(head))))
        if key is None:
            wanted.append(number)
            return
        self.counted += 1
        self.tally.time(at)
        self.tally.use(told[0], at, told[1], key, ordinal)

    def _learn(self, key: tuple[bytes, ...], raw: bytes) -> Known:
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
                    found = (system, account, session, action), failed
                elif not (told.keep or told.reject) and told.at is not None:
                    found = True
        except (ValueError, RecursionError):
            found = False
        self.memory.keep(key, found)
        return found

    def _moment(self, raw: tuple[bytes, ...]) -> str | None:
        if len(self.memory.moments) >= MOST:
            self.memory.moments.clear()
        partial = _partial(self.heads.times, raw)
        at = moment(self.declaration, first(partial, self.declaration.time))
        self.memory.moments[raw] = at
        return at

    def _key(self, raw: tuple[bytes, ...]) -> bytes | None:
        """The vendor's id as bytes; None where there is none."""
        for value in raw if self.heads.ids == self.declaration.id else ():
            if value[:1] == b'"' and b"\\" not in value and len(value) > 2:
                return value[1:-1]
            if value not in (b"", b"null"):
                break
        text = text_of(first(_partial(self.heads.ids, raw), self.declaration.id))
        return text.encode("utf-8", "surrogatepass") if text else None


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _partial(names: tuple[str, ...], raw: tuple[bytes, ...]) -> dict[str, Any]:
    return {name: msgspec.json.decode(value) for name, value in zip(names, raw, strict=True) if value}
