"""Which records of a JSON source need not be read in full: those that no action can be about.

What becomes of such a record depends on few of its fields (who, what, failed or not) apart from its time and id. So these
alone are decoded, what became of the first record with the same values is remembered, and the others with them are
counted at once. Every record that may be an act, or that is odd in any way, is read exactly.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
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

Known = tuple[Use, bool] | bool
"""What becomes of a record: a use and whether it failed; True: skipped; False: to be read exactly."""


@dataclass(frozen=True)
class Heads:
    """The decoders of the deciding fields, and what takes from a decoded head those that decide, the time's and the id's."""

    decoders: Decoders
    index: bytes
    deciding: Callable[[Any], tuple[Any, ...]]
    time: Callable[[Any], tuple[Any, ...]]
    times: tuple[str, ...]
    id: Callable[[Any], tuple[Any, ...]]
    ids: tuple[str, ...]


def heads(declaration: Declaration) -> Heads | None:
    """What to decode of this source's records; None where only a whole record tells."""
    named = hook(declaration.hook)
    index = index_of(declaration)
    rows = (*declaration.facts, *declaration.holdings)
    if (
        declaration.format != "json"
        or declaration.reader != "actions"
        or declaration.options
        or named.prepare is not None
        or (named.principal is not None and not named.reads)
        or index is None
        or not declaration.id
        or any(not row.when for row in rows)
    ):
        return None
    conditions: list[Condition] = [*declaration.failure_when, *declaration.failure_unless]
    for when in (*(action.when for action in declaration.actions), *(row.when for row in rows)):
        if not any(condition.path == index for condition in when):
            conditions += when
    paths = [index, *declaration.failure, *(one.path for one in conditions), *named.reads]
    paths += parts([*declaration.system, *declaration.actor, *declaration.actor_kind, *declaration.action])
    deciding, times, ids = _names(paths), _names(declaration.time), _names(declaration.id)
    names = list(dict.fromkeys((*deciding, *times, *ids)))
    fields = {name: f"f{number}" for number, name in enumerate(names)}
    kind = msgspec.defstruct(
        "Head",
        [(field, msgspec.Raw, msgspec.Raw(b"")) for field in fields.values()],
        rename={field: name for name, field in fields.items()},
        gc=False,
    )
    return Heads(
        decoders(kind),
        b'"' + _names([index])[0].encode() + b'"',
        _getter([fields[name] for name in deciding]),
        _getter([fields[name] for name in times]),
        times,
        _getter([fields[name] for name in ids]),
        ids,
    )


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


class Relevance:
    """Counts what can be counted of a window, and names the records that must be read exactly."""

    def __init__(self, declaration: Declaration, known: Heads, tally: Tally) -> None:
        self.declaration = declaration
        self.heads = known
        self.tally = tally
        self.known: dict[tuple[bytes, ...], Known] = {}
        self.moments: dict[tuple[bytes, ...], str | None] = {}
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
        known = self.known
        for number, head in enumerate(values):
            key = tuple(map(bytes, deciding(head)))
            told = known.get(key)
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
            at = self.moments[raw]
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
        if len(self.known) >= MOST:
            self.known.clear()
        found: Known = False
        try:
            record = quick(raw)
            if isinstance(record, dict) and not candidates(self.declaration, record):
                told = map_record(self.declaration, record, raw)
                if told.counted is not None:
                    system, account, session, action, failed, _ = told.counted
                    found = (system, account, session, action), failed
                elif not (told.keep or told.reject) and told.at is not None:
                    found = True
        except (ValueError, RecursionError):
            found = False
        self.known[key] = found
        return found

    def _moment(self, raw: tuple[bytes, ...]) -> str | None:
        if len(self.moments) >= MOST:
            self.moments.clear()
        partial = _partial(self.heads.times, raw)
        at = moment(self.declaration, first(partial, self.declaration.time))
        self.moments[raw] = at
        return at

    def _key(self, raw: tuple[bytes, ...]) -> bytes | None:
        """The vendor's id as bytes; None where there is none."""
        for name, value in zip(self.heads.ids, raw, strict=True):
            if name == self.declaration.id[0] and value[:1] == b'"' and b"\\" not in value and len(value) > 2:
                return value[1:-1]
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
