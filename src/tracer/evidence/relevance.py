"""Which records of a JSON source need not be read in full: those that no action can be about.

What becomes of such a record depends on few of its fields (who, what, failed or not) apart from its time and id. So these
alone are decoded, what became of the first record with the same values is remembered, and the others with them are
counted at once. Every record that may be an act, or that is odd in any way, is read exactly.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from tracer.evidence.formats._json_windows import Window
from tracer.evidence.heads import Heads, flatten, place_of
from tracer.evidence.inputs import map_record
from tracer.evidence.tally import Hour, Tally, Use
from tracer.sources.declarations import Declaration
from tracer.sources.exact import quick
from tracer.sources.hooks import hook
from tracer.sources.mapping import candidates, moment
from tracer.sources.paths import look_up, text_of

MOST = 20_000
"""Remembered records; beyond them remembering begins anew."""

MUCH = 8 << 20
"""Bytes of what is remembered."""


@dataclass(frozen=True, eq=False, slots=True)
class Acted:
    """An account acted: the use, and whether it failed. The same object stands for all records that are alike."""

    use: Use
    failed: bool


EXACT, SKIPPED, QUIET = "exact", "skipped", "quiet"

Known = Acted | str
"""What becomes of a record: a use, or it must be read exactly, or is skipped, also with its time."""


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
        first_time, must = heads.deciding, heads.must
        first_id = first_time + len(heads.times)
        known, moments, hours = self.memory.known, self.memory.moments, self.hours
        scalars, raws = heads.scalars, heads.raws
        wanted: list[int] = []
        if heads.index and data.count(heads.index) != len(values):
            # The deciding key stands elsewhere too, perhaps twice in one record.
            borders = window.borders()
            wanted = [number for number, (_, raw) in enumerate(borders) if raw.count(heads.index) > 1]
        apart = set(wanted)
        for number, head in enumerate(values):
            found = scalars(head)
            try:
                key = (*found[:first_time], *map(bytes, raws(head)))
                for node_of, within, nothing in heads.nodes:
                    node = node_of(head)
                    key += nothing if node is None else tuple(map(bytes, within(node)))
            except AttributeError:
                whole: list[bytes] = []
                key = (*found[:first_time], *whole) if flatten(head, heads.layout, whole) else ()
            told = known.get(key) if key and key[must] and number not in apart else EXACT
            if told is None:
                told = self._learn(key, window.at([number])[0][1])
            if isinstance(told, str):
                at = self._moment(found[first_time:first_id]) if told is SKIPPED else None
                quiet = told is QUIET and self._key(found[first_id:]) is not None
                if quiet or (told is SKIPPED and (at or not heads.later)):
                    self.skipped += 1
                    if at is not None:
                        self.tally.time(at)
                else:
                    wanted.append(number)
                continue
            time = found[first_time:first_id]
            at = moments.get(time) or self._moment(time)
            if at is None:
                if heads.later:
                    wanted.append(number)
                else:
                    self.skipped += 1
                continue
            name = found[first_id]
            if name.__class__ is str and name:
                name = name.encode("utf-8", "surrogatepass")
            elif (name := self._key(found[first_id:])) is None:
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
        found: Known = EXACT
        try:
            record = quick(raw)
            told = map_record(self.declaration, record, raw)
            named = hook(self.declaration.hook)
            wrapped = any(look_up(record, name) is not None for name in named.wraps)
            if isinstance(record, dict) and not (told.keep or told.reject or wrapped):
                parts_of = [record] if named.prepare is None else named.prepare(record)
                if not parts_of:
                    found = QUIET
                elif told.counted is not None and self._decided(parts_of):
                    system, account, session, action, failed, _ = told.counted
                    found = Acted((system, account, session, action), failed)
                elif told.at is not None and self._decided(parts_of):
                    found = SKIPPED
        except Exception:
            # The exact reader says what is wrong with it.
            found = EXACT
        self.memory.keep(key, found)
        return found

    def _decided(self, parts_of: list[dict[str, Any]]) -> bool:
        """Whether no row applies whatever the other fields say: each has a condition that the names of the heads rule out."""
        rows = (*self.declaration.facts, *self.declaration.holdings)
        whens = [row.when for row in rows]
        return all(
            any(place_of(one.path) in self.heads.names and not one.holds(part) for one in when)
            for part in parts_of
            for when in (*whens, *(action.when for action in candidates(self.declaration, part)))
        )

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


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
