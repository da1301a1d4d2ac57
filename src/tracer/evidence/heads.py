"""What to decode of the records of a JSON source so as to tell those that no action can be about.

What becomes of such a record depends on few of its fields: those that the declaration reads to tell who did what and
whether it failed, those in the conditions of its rows, and those that its hook names in `READS`.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from typing import Any

import msgspec

from tracer.evidence.formats._json_windows import Decoders, decoders
from tracer.sources.declarations import Declaration
from tracer.sources.hooks import hook
from tracer.sources.mapping import index_of
from tracer.sources.templates import parts

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
    the deciding fields that may hold anything, and each of `nodes` an object, what decides within it, and what that is
    where it is null. `must` is the place, in all of them together, of what no record may lack; `names` are those on whose
    values no other field has an influence; `later` says that a record without any of these times may have another one.
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
    places = [place for place in map(place_of, (must, *paths)) if place not in named.gives]
    whole = {place.split(".")[0] for place in (*places, *reads) if "." in place} | set(reads[1:])
    scalars = [place for place in places if "." not in place and place not in whole]
    tree: Tree = {}
    for place in (*places, *reads):
        if place not in scalars:
            _plant(tree, place.split("."))
    # What is taken whole comes first: so it comes out of a head with one call.
    tree = dict(sorted(tree.items(), key=lambda one: one[1] is not None))
    times = tuple(takewhile(lambda one: place_of(one) == one and "." not in one, declaration.time))
    if set(tree) & {*times, *declaration.id} or (not named.reads and place_of(index) != index):
        return None
    # A key may have dots of its own.
    dotted = [place for place in (*places, *reads) if "." in place]
    # Of other names that conditions ask for a hook may make what it likes.
    names = frozenset((*reads, *named.gives) if named.prepare else places)
    guarded = index in scalars and index not in named.gives
    deciding = list(dict.fromkeys((*scalars, *dotted)))
    found = _heads(deciding, times, declaration.id, tree, must, index if guarded else None)
    return replace(found, names=names, later=len(times) < len(declaration.time) or named.prepare is not None)


def place_of(path: str) -> str:
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


def flatten(value: Any, layout: Layout, found: list[bytes]) -> bool:
    """Add what is taken whole, nothing for what a null stands for; False where something else stands for an object."""
    for field, inner in layout:
        within = NOTHING if value is None else getattr(value, field)
        if inner is None:
            found.append(bytes(within))
        elif isinstance(within, msgspec.Struct):
            if not flatten(within, inner, found):
                return False
        elif within is not None and within is not NOTHING:
            return False
        else:
            flatten(None, inner, found)
    return True


def _getter(fields: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if not fields:
        return lambda head: ()
    if len(fields) == 1:
        only = operator.attrgetter(fields[0])
        return lambda head: (only(head),)
    return operator.attrgetter(*fields)
