"""Which records of a JSON source need not be read in full: those that no action can be about.

What becomes of such a record depends on few of its fields (who, what, failed or not) apart from its time and id. So these
alone are decoded, what became of the first record with the same values is remembered, and the others with them are
counted at once. Every record that may be an act, or that is odd in any way, is read exactly.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from typing import Any

import msgspec

from tracer.evidence.declarations import Declaration
from tracer.evidence.exact import quick
from tracer.evidence.formats._json_windows import Decoders, Window, decoders
from tracer.evidence.hooks import hook
from tracer.evidence.inputs import map_record
from tracer.evidence.mapping import candidates, index_of, moment
from tracer.evidence.paths import look_up, text_of
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


EXACT, SKIPPED, QUIET = "exact", "skipped", "quiet"

Known = Acted | str
"""What becomes of a record: a use, or it must be read exactly, or is skipped, also with its time."""


Scalar = str | int | float | bool | None
"""What a field may hold that is compared as it is; a window in which one holds something else is read in full."""

Tree = dict[str, Any]
"""The fields of an object by their names: None for one that is taken whole, else the fields within it."""

Layout = tuple[tuple[str, Any], ...]
"""The same of a decoded head: attributes, each with the layout within it."""


@dataclass(frozen=True)
class Heads:
    """The decoders of the fields that matter, and where in a decoded head they lie.

    `scalars` gives the deciding scalars (`deciding` of them), then those of the time, then those of the id; `raws` gives
    the deciding fields that may hold anything, and each of `nodes` an object, what decides within it, and what that is where it
    is null. `must` is the place, in both together, of what no
    record may lack; `names` are those on whose values nothing else has an influence; `later` says that a record without any of
    these times may have another one.
    """

    decoders: Decoders
    index: bytes | None
    scalars: Callable[[Any], tuple[Any, ...]]
    deciding: int
    times: tuple[str, ...]
    ids: tuple[str, ...]
    raws: Callable[[Any], tuple[Any, ...]]
    nodes: tuple[tuple[Callable[[Any], Any], Callable[[Any], tuple[Any, ...]], tuple[bytes, ...]], ...]
    layout: Layout
    must: int
    names: frozenset[str] = frozenset()
    later: bool = False


NOTHING = msgspec.Raw(b"")


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
        or any("." in one or "[" in one for one in (*declaration.time[:1], *declaration.id))
    ):
        return None
    reads = (*named.reads, *named.wraps)
    whens = [action.when for action in declaration.actions]
    whens = [when for when in whens if not any(one.path == index for one in when)]
    conditions = [one for when in (*whens, *(row.when for row in rows)) for one in when]
    conditions += [*declaration.failure_when, *declaration.failure_unless]
    paths = [index, *declaration.failure, *(one.path for one in conditions)]
    paths += parts([*declaration.system, *declaration.actor, *declaration.actor_kind, *declaration.action])
    must = named.reads[0] if named.reads else index
    places = [place for place in map(_place, (must, *paths)) if place not in named.gives]
    whole = {place.split(".")[0] for place in (*places, *reads) if "." in place} | set(reads[1:])
    scalars = [place for place in places if "." not in place and place not in whole]
    tree: Tree = {}
    for place in (*places, *reads):
        if place not in scalars:
            _plant(tree, place.split("."))
    # What is taken whole comes first: so it comes out of a head with one call.
    tree = dict(sorted(tree.items(), key=lambda one: one[1] is not None))
    times = tuple(takewhile(lambda one: _place(one) == one and "." not in one, declaration.time))
    if set(tree) & {*times, *declaration.id} or (not named.reads and _place(index) != index):
        return None
    # A key may have dots of its own.
    dotted = [place for place in (*places, *reads) if "." in place]
    names = frozenset((*places, *reads, *named.gives))
    guarded = index in scalars and index not in named.gives
    deciding = list(dict.fromkeys((*scalars, *dotted)))
    found = _heads(deciding, times, declaration.id, tree, must, index if guarded else None)
    return replace(found, names=names, later=len(times) < len(declaration.time) or named.prepare is not None)


def _place(path: str) -> str:
    """What of a record a path reads: without filters, and of a list that is searched the whole."""
    return path.partition("|")[0].partition("[")[0]


def _plant(tree: Tree, steps: list[str]) -> None:
    """Add a path; what is taken whole is not taken apart."""
    for step in steps[:-1]:
        if tree.setdefault(step, {}) is None:
            return
        tree = tree[step]
    tree[steps[-1]] = None


def _heads(
    deciding: list[str],
    times: tuple[str, ...],
    ids: tuple[str, ...],
    tree: Tree,
    must: str,
    index: str | None,
) -> Heads:
    scalars = [*deciding, *times, *ids]
    fields: dict[str, tuple[str, Any, Any]] = {}
    for name in scalars:
        fields.setdefault(name, (f"f{len(fields)}", Scalar, None))
    begin = len(fields)
    layout, more = _fields(tree, begin)
    head = msgspec.defstruct(
        "Head",
        [*fields.values(), *(field for _, field in more)],
        rename={field[0]: name for name, field in (*fields.items(), *more)},
        gc=False,
    )
    leaves = dict(_leaves(tree, layout))
    nodes = [
        (f"f{number}", within, inner)
        for number, (within, (_, inner)) in enumerate(zip(tree.values(), layout, strict=True), begin)
    ]
    return Heads(
        decoders(head),
        b'"%b"' % index.encode() if index else None,
        _getter([fields[name][0] for name in scalars]),
        len(deciding),
        times,
        ids,
        _getter([one for one in leaves.values() if "." not in one]),
        tuple(
            (
                operator.attrgetter(field),
                _getter([place for _, place in _leaves(within, inner)]),
                (b"",) * len(list(_leaves(within, inner))),
            )
            for field, within, inner in nodes
            if within is not None
        ),
        layout,
        len(deciding) + list(leaves).index(must) if must in leaves else deciding.index(must),
    )


def _fields(tree: Tree, begin: int = 0) -> tuple[Layout, list[tuple[str, tuple[str, Any, Any]]]]:
    """The layout of an object, and its fields by name: attribute, type, default."""
    layout, found = [], []
    for number, (name, within) in enumerate(tree.items(), begin):
        inner: Layout | None = None
        kind: Any = msgspec.Raw
        default: Any = NOTHING
        if within is not None:
            inner, more = _fields(within)
            rename = {field[0]: name for name, field in more}
            part = msgspec.defstruct(
                "Part", [field for _, field in more], rename=rename, frozen=True, gc=False
            )
            kind, default = part | Scalar | list[msgspec.Raw], part()
        layout.append((f"f{number}", inner))
        found.append((name, (f"f{number}", kind, default)))
    return tuple(layout), found


def _leaves(tree: Tree, layout: Layout, path: str = "", attribute: str = "") -> Iterator[tuple[str, str]]:
    """What is taken whole: its path, and where it lies in a head."""
    for (name, within), (field, inner) in zip(tree.items(), layout, strict=True):
        if within is None:
            yield path + name, attribute + field
        else:
            yield from _leaves(within, inner, f"{path}{name}.", f"{attribute}{field}.")


def _flatten(value: Any, layout: Layout, found: list[bytes]) -> bool:
    """Add what is taken whole, nothing for what a null stands for; False where something else stands for an object."""
    for field, inner in layout:
        within = NOTHING if value is None else getattr(value, field)
        if inner is None:
            found.append(bytes(within))
        elif isinstance(within, msgspec.Struct):
            if not _flatten(within, inner, found):
                return False
        elif within is not None and within is not NOTHING:
            return False
        else:
            _flatten(None, inner, found)
    return True


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
                key = (*found[:first_time], *whole) if _flatten(head, heads.layout, whole) else ()
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
        except (ValueError, RecursionError):
            found = EXACT
        self.memory.keep(key, found)
        return found

    def _decided(self, parts_of: list[dict[str, Any]]) -> bool:
        """Whether no row applies whatever the other fields say: each has a condition that the names of the heads rule out."""
        rows = (*self.declaration.facts, *self.declaration.holdings)
        whens = [row.when for row in rows]
        return all(
            any(_place(one.path) in self.heads.names and not one.holds(part) for one in when)
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
