"""What one record tells: acts, other names of accounts, claims about people, holdings, or a use to be counted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from tracer.case.ids import content_id
from tracer.case.times import iso
from tracer.sources.clock import utc
from tracer.sources.conditions import Condition
from tracer.sources.declarations import FIELDS, Action, Declaration, Rows
from tracer.sources.hooks import Principal, hook
from tracer.sources.paths import look_up, resolve, text_of
from tracer.sources.templates import fill, parts

NO_TIME = "no time"
ENTITLEMENT = "entitlement-"
"""Before the kind of an alias that is one of an entitlement and of no account."""

MOST = 10_000
"""Acts that one record may give: more is a record made to fill the case, and is rejected."""


@dataclass
class Told:
    """What a record tells. `reject` says why it could not be read; nothing else set: it is no evidence and skipped."""

    reject: str | None = None
    keep: bool = False
    at: str | None = None
    system: str | None = None
    acts: list[dict[str, str | None]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    aliases: list[tuple[str, str, str, str]] = field(default_factory=list)
    claims: list[tuple[str | None, ...]] = field(default_factory=list)
    holdings: list[tuple[str | None, ...]] = field(default_factory=list)
    entry: dict[str, Any] | None = None
    section: str = "exceptions"
    """The register's section that `entry` is of, or ticket: a ticket of a format that must be decoded to be read."""
    counted: tuple[str, str, str, str, bool, str] | None = None
    """System, account, session, action, failed, key."""

    def add(self, act: dict[str, str | None], basis: list[str | None], source: str | None = None) -> None:
        """Keep an act under a key that every record of the same act gets, also of `source` in another format."""
        self.acts.append(act)
        self.keys.append(content_id("act", source or act["source"], *basis))


def first(record: Any, paths: tuple[str, ...]) -> Any:
    """The first of the paths at which something lies."""
    return next((value for path in paths if (value := resolve(record, path)) not in (None, "")), None)


def by_table(declaration: Declaration, record: dict[str, Any], raw: bytes) -> Told:
    """What a record tells by the declaration's tables; the hook first says which records it really is."""
    prepare = hook(declaration.hook).prepare
    prepared = [record] if prepare is None else prepare(record)
    if len(prepared) == 1:
        return _one(declaration, prepared[0], raw)
    told = Told()
    counted = None
    for part in prepared:
        one = _one(declaration, part, raw)
        if one.reject:
            return one
        told.at = min(filter(None, (told.at, one.at)), default=None)
        told.system = told.system or one.system
        told.keep = told.keep or one.keep
        counted = counted or one.counted
        told.acts += one.acts
        told.keys += one.keys
        told.aliases += one.aliases
        told.claims += one.claims
        told.holdings += one.holdings
    told.counted = None if told.keep else counted
    return told


def _one(declaration: Declaration, record: dict[str, Any], raw: bytes) -> Told:
    chosen = [
        action for action in candidates(declaration, record) if all(one.holds(record) for one in action.when)
    ]
    at = moment(declaration, first(record, declaration.time))
    told = Told(at=at, system=fill(declaration.system, record, {}))
    rows = [
        row for row in (*declaration.facts, *declaration.holdings) if all(c.holds(record) for c in row.when)
    ]
    # Facts and holdings may bring a time of their own; an act without one is nothing that can be judged.
    if chosen and at is None and not all("at" in action.values for action in chosen):
        return Told(reject=NO_TIME)
    who = _principal(declaration, record)
    vendor = text_of(first(record, declaration.id)) if declaration.id else None
    failed = _failed(declaration, record)
    for action in chosen:
        for scope in elements(record, action.each, action.where):
            if len(told.acts) >= MOST:
                return Told(reject=f"the record tells more than {MOST} acts")
            act = _act(declaration, action, scope, who, told)
            act["outcome"] = act["outcome"] or ("failure" if failed else "success")
            act["reason"] = act["reason"] or text_of(first(record, declaration.reason))
            if act["at"] is None:
                return Told(reject=NO_TIME)
            told.add(act, _basis(action, act, scope, vendor, len(told.acts)), declaration.like)
            _aliases(declaration.aliases, scope, act, told)
    for row in rows:
        for scope in elements(record, row.each, row.where):
            _row(declaration, row, scope, told)
    if told.acts or told.claims or told.holdings:
        told.keep = True
        return told
    if rows and at is None and declaration.kind in ("source-data", "state"):
        return Told(reject=NO_TIME)
    name = fill(declaration.action, record, {}) if declaration.action else None
    if at and told.system and who["actor"] and name:
        key = vendor or content_id(raw.decode("latin-1"))
        told.counted = (told.system, who["actor"], who["session"] or "", name, failed, key)
    return told


def _principal(declaration: Declaration, record: dict[str, Any]) -> Principal:
    who: Principal = {"actor": None, "actor_kind": None, "session": None, "chain": None}
    principal = hook(declaration.hook).principal
    if principal is not None:
        return who | principal(record)
    who["actor"] = fill(declaration.actor, record, {})
    who["actor_kind"] = fill(declaration.actor_kind, record, {})
    return who


def _act(
    declaration: Declaration, action: Action, scope: dict[str, Any], who: Principal, told: Told
) -> dict[str, str | None]:
    extra = {"actor": who["actor"]}
    said = {name: fill(template, scope, extra) for name, template in action.values.items()}
    act: dict[str, str | None] = dict.fromkeys(FIELDS) | who
    # What a row leaves open is what the record says of who acted; a row that names a field has the last word.
    act |= {name: value for name, value in said.items() if value is not None or name not in who}
    act["source"], act["verb"] = declaration.name, action.verb
    act["system"] = act["system"] or told.system
    act["at"] = moment(declaration, act["at"]) if act["at"] else told.at
    act["expires_at"] = moment(declaration, act["expires_at"])
    return act


def _basis(
    action: Action, act: dict[str, str | None], scope: dict[str, Any], vendor: str | None, number: int
) -> list[str | None]:
    """What tells this act from every other: what the row says, else the vendor's id, else all that is told of it."""
    if action.act:
        named = fill(action.act, scope, {"actor": act["actor"]})
        if named is not None:
            return ["named", named, act["verb"]]
    basis = [vendor] if vendor else [act[name] for name in FIELDS]
    return [*basis, act["verb"], act["subject"], act["entitlement"], str(number)]


def _aliases(
    aliases: Iterable[dict[str, Any]], scope: dict[str, Any], act: dict[str, str | None], told: Told
) -> None:
    """Other names of the accounts and the entitlement of this act."""
    for alias in aliases:
        of = alias.get("of", "actor")
        name, system = act.get(of), fill(alias.get("system", ()), scope, {}) or act["system"]
        other = fill(alias["value"], scope, {})
        if name and other and other != name and system:
            kind = f"{ENTITLEMENT}{alias['kind']}" if of == "entitlement" else alias["kind"]
            told.aliases.append((system, name, other, kind))


def _row(declaration: Declaration, row: Rows, scope: dict[str, Any], told: Told) -> None:
    """Claims about a person, or what an account holds at a moment."""
    said = {name: fill(template, scope, {}) for name, template in row.values.items()}
    system = said.get("system") or told.system
    if "account" in row.values:
        at = moment(declaration, said.get("as_of")) or told.at
        held = (at, system, said.get("account"), said.get("entitlement"))
        if all(held):
            told.holdings.append((*held, said.get("scope"), moment(declaration, said.get("expires_at"))))
            of_entitlements = [one for one in declaration.aliases if one.get("of") == "entitlement"]
            _aliases(of_entitlements, scope, {"entitlement": held[3], "system": system}, told)
        return
    effective = moment(declaration, said.get("effective_at")) or told.at
    recorded = moment(declaration, said.get("recorded_at")) or told.at or effective
    worker, mail = said.get("worker_id"), said.get("email")
    if effective is None or not (worker or mail):
        return
    values = {
        name: fill(template, scope, {})
        for name, template in row.attributes.items()
        if _there(template, scope)
    }
    if said.get("attribute"):
        values[str(said["attribute"])] = said.get("value")
    told.claims += [
        (worker, mail, name, value or "", system, effective, recorded) for name, value in values.items()
    ]


def _there(template: Any, scope: dict[str, Any]) -> bool:
    """Whether the record has any field that the template reads: one that it lacks says nothing, an empty one says none."""
    listed = template if isinstance(template, list | tuple) else (template,)
    paths = [path.partition("|")[0] for one in listed for path in parts(str(one))]
    return not paths or any(path in scope or look_up(scope, path) is not None for path in paths)


def elements(
    record: dict[str, Any], each: dict[str, str], where: tuple[Condition, ...]
) -> Iterator[dict[str, Any]]:
    """The record once for each combination of the elements of its lists, under the names that templates know them by.

    A list that is not there counts as one element that is nothing; an empty one gives nothing.
    """
    scopes: list[dict[str, Any]] = [record]
    for name, path in each.items():
        scopes = [
            {**scope, name: element}
            for scope in islice(scopes, MOST + 1)
            for element in _listed(resolve(scope, path))
        ]
    return (scope for scope in scopes if all(one.holds(scope) for one in where))


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


@cache
def _index(
    declaration: Declaration,
) -> tuple[str | None, bool, dict[str, tuple[Action, ...]], tuple[Action, ...]]:
    """The path that most actions ask for with plain values, whether it is loose, by value the actions that may apply,
    and the actions that must be tried on every record.
    """
    shared: dict[str, int] = {}
    for action in declaration.actions:
        for one in action.when:
            if one.values and not one.prefix:
                shared[one.path] = shared.get(one.path, 0) + len(one.values)
    if not shared:
        return None, False, {}, declaration.actions
    path = max(shared, key=lambda one: (shared[one], one))
    found: dict[str, list[Action]] = {}
    always: list[Action] = []
    loose = False
    for action in declaration.actions:
        keyed = next((one for one in action.when if one.path == path and one.values and not one.prefix), None)
        if keyed is None:
            always.append(action)
            continue
        loose = loose or keyed.loose
        for value in keyed.values:
            found.setdefault(value, []).append(action)
    return path, loose, {value: tuple(listed) for value, listed in found.items()}, tuple(always)


def index_of(declaration: Declaration) -> str | None:
    """The path that most actions ask for with plain values; None where there is none."""
    return _index(declaration)[0]


def candidates(declaration: Declaration, record: dict[str, Any]) -> tuple[Action, ...]:
    """The actions that one look at the record leaves possible."""
    path, loose, found, always = _index(declaration)
    if path is None:
        return always
    text = text_of(resolve(record, path)) or ""
    return found.get(text.strip().casefold() if loose else text, ()) + always


def _failed(declaration: Declaration, record: dict[str, Any]) -> bool:
    if any(text_of(resolve(record, path)) is not None for path in declaration.failure):
        return True
    if any(one.holds(record) for one in declaration.failure_when):
        return True
    return any(
        text_of(resolve(record, one.path)) is not None and not one.holds(record)
        for one in declaration.failure_unless
    )


def moment(declaration: Declaration, value: Any) -> str | None:
    """A moment as this source writes it; None where it is none. Its own layouts come first, then the common ones."""
    text = text_of(value)
    for layout in declaration.time_formats if text else ():
        try:
            return iso(datetime.strptime(str(text).strip(), layout))
        except ValueError:
            continue
    return utc(value)
