"""What one record tells: acts, other names of accounts, claims about people, holdings, or a use to be counted."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tracer.case.ids import content_id
from tracer.evidence.clock import utc
from tracer.evidence.declarations import VERBS, Action, Declaration
from tracer.evidence.principals import PRINCIPALS
from tracer.evidence.templates import fill, look_up, text_of

NO_TIME = "no time"

FIELDS = [
    "source",
    "at",
    "verb",
    "system",
    "actor",
    "actor_system",
    "actor_kind",
    "subject",
    "subject_system",
    "subject_kind",
    "entitlement",
    "entitlement_kind",
    "scope",
    "expires_at",
    "ticket",
    "exception",
    "rule",
    "rule_version",
    "session",
    "issued",
    "chain",
    "outcome",
    "reason",
    "decision",
    "on_behalf_of",
    "inputs",
]
"""What an act says, in the order of the table."""


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
    holding: tuple[str | None, ...] | None = None
    entry: dict[str, str | None] | None = None
    counted: tuple[str, str, str, str, bool, str] | None = None
    """System, account, session, action, failed, key."""


def first(record: Any, paths: tuple[str, ...]) -> Any:
    """The first of the paths at which something lies."""
    return next((value for path in paths if (value := look_up(record, path)) not in (None, "")), None)


def map_record(declaration: Declaration, record: Any, raw: bytes) -> Told:
    """What a JSON record of this source tells."""
    if not isinstance(record, dict):
        return Told(reject="the record is no object")
    if declaration.reader == "provisioning":
        return provisioning(declaration, record)
    if declaration.reader == "ticket":
        at = utc(first(record, declaration.time))
        return Told(keep=True, at=at, system=declaration.name)
    return _by_actions(declaration, record, raw)


def _by_actions(declaration: Declaration, record: dict[str, Any], raw: bytes) -> Told:
    at = utc(first(record, declaration.time))
    who: dict[str, str | None] = {"actor": None, "actor_kind": None, "session": None, "chain": None}
    if declaration.principal:
        who |= PRINCIPALS[declaration.principal](record)
    else:
        who["actor"] = fill(declaration.actor, record, {})
    told = Told(at=at, system=declaration.system)
    vendor = text_of(first(record, declaration.id)) if declaration.id else None
    chosen = [action for action in candidates(declaration, record) if _applies(action, record)]
    if chosen and at is None:
        return Told(reject=NO_TIME)
    outcome = _outcome(declaration, record)
    reason = text_of(look_up(record, declaration.reason)) if declaration.reason else None
    for action in chosen:
        elements = look_up(record, action.each) if action.each else [None]
        for element in elements if isinstance(elements, list) else [elements]:
            extra = {"actor": who["actor"]}
            scope = record if element is None else {**record, "@": element}
            said = {name: fill(template, scope, extra) for name, template in action.values.items()}
            act = dict.fromkeys(FIELDS) | who | said
            act |= {
                "source": declaration.name,
                "at": at,
                "verb": action.verb,
                "system": declaration.system,
                "outcome": outcome,
                "reason": reason,
            }
            _add(told, act, vendor)
    if told.acts:
        told.keep = True
        name = who["actor"]
        for alias in declaration.aliases:
            other = text_of(look_up(record, alias["path"]))
            if name and other and other != name:
                told.aliases.append((declaration.system or "", name, other, alias["kind"]))
        return told
    action_name = fill(declaration.action, record, {}) if declaration.action else None
    if at and who["actor"] and action_name:
        key = vendor or content_id(raw.decode("latin-1"))
        told.counted = (
            declaration.system or "",
            who["actor"],
            who["session"] or "",
            action_name,
            outcome == "failure",
            key,
        )
    return told


@cache
def _index(name: str, actions: tuple[Action, ...]) -> tuple[str | None, dict[str, tuple[Action, ...]]]:
    """The field that every action asks for, and by its value the actions that may apply."""
    del name
    shared = set.intersection(*(set(action.when) for action in actions)) if actions else set()
    if not shared:
        return None, {}
    path = max(
        shared, key=lambda one: (len({value for action in actions for value in action.when[one]}), one)
    )
    found: dict[str, list[Action]] = {}
    for action in actions:
        for value in action.when[path]:
            found.setdefault(value, []).append(action)
    return path, {value: tuple(listed) for value, listed in found.items()}


def candidates(declaration: Declaration, record: dict[str, Any]) -> tuple[Action, ...]:
    """The actions that one look at the record leaves possible."""
    path, found = _index(declaration.name, declaration.actions)
    if path is None:
        return declaration.actions
    return found.get(text_of(look_up(record, path)) or "", ())


def _applies(action: Action, record: dict[str, Any]) -> bool:
    return all(text_of(look_up(record, path)) in wanted for path, wanted in action.when.items())


def _outcome(declaration: Declaration, record: dict[str, Any]) -> str:
    if declaration.failure and text_of(look_up(record, declaration.failure)) is not None:
        return "failure"
    if declaration.failure_unless:
        value = text_of(look_up(record, declaration.failure_unless["path"]))
        if value is not None and value not in declaration.failure_unless["values"]:
            return "failure"
    return "success"


def _add(told: Told, act: dict[str, str | None], vendor: str | None) -> None:
    """Keep an act under a key that every record of the same act gets."""
    basis = [vendor] if vendor else [act[name] for name in FIELDS]
    key = content_id(
        "act", act["source"], *basis, act["verb"], act["subject"], act["entitlement"], len(told.acts)
    )
    told.acts.append(act)
    told.keys.append(key)


def provisioning(declaration: Declaration, record: dict[str, Any]) -> Told:
    """One line of a provisioning log."""
    unknown = sorted(set(record) - set(declaration.columns))
    if unknown:
        return Told(reject=f"unknown key {unknown[0]!r}")
    at = utc(record.get("at"))
    if at is None:
        return Told(reject=NO_TIME)
    verb = text_of(record.get("action"))
    if verb not in VERBS:
        return Told(reject=f"unknown action {verb!r}")
    system = text_of(record.get("system"))
    if not system or not text_of(record.get("account")):
        return Told(reject="no system or no account")
    expires = record.get("expires_at")
    if expires not in (None, "") and utc(expires) is None:
        return Told(reject="expires_at is no time")
    inputs = record.get("inputs")
    act: dict[str, str | None] = dict.fromkeys(FIELDS)
    names = "ticket exception rule rule_version scope session reason on_behalf_of entitlement"
    act |= {name: text_of(record.get(name)) for name in names.split()}
    act |= {
        "source": declaration.name,
        "at": at,
        "verb": verb,
        "system": system,
        "actor": text_of(record.get("executor")),
        "subject": text_of(record.get("account")),
        "expires_at": utc(expires),
        "outcome": "failure"
        if text_of(record.get("outcome")) in ("failure", "failed", "error")
        else "success",
        "inputs": _inputs(inputs),
    }
    told = Told(keep=True, at=at, system=system)
    _add(told, act, None)
    return told


def _inputs(inputs: Any) -> str | None:
    """Attributes as logged, values as text."""
    if not isinstance(inputs, dict):
        return None
    return json.dumps(
        {str(k): "" if v is None else text_of(v) or "" for k, v in inputs.items()}, sort_keys=True
    )


def map_row(declaration: Declaration, row: dict[str, str], stem: str) -> Told:
    """What one row of one of our CSV inputs tells."""
    return ROWS[declaration.reader](declaration, row, stem)


def _source_data(declaration: Declaration, row: dict[str, str], stem: str) -> Told:
    del declaration
    worker, mail = row.get("worker_id") or None, row.get("email") or None
    if not worker and not mail:
        return Told(reject="neither worker_id nor email")
    system = row.get("system") or stem
    if "as_of" in row:
        at = utc(row["as_of"])
        if at is None:
            return Told(reject="as_of is no time")
        names = [name for name in row if name not in ("as_of", "worker_id", "email", "system")]
        claims = [(worker, mail, name, row[name], system, at, at) for name in names]
        return Told(keep=True, at=at, system=system, claims=list(claims))
    effective, recorded = utc(row["effective_at"]), utc(row["recorded_at"])
    if effective is None or recorded is None:
        return Told(reject="effective_at or recorded_at is no time")
    if not row["attribute"]:
        return Told(reject="no attribute")
    claim = (worker, mail, row["attribute"], row["value"], system, effective, recorded)
    return Told(keep=True, at=recorded, system=system, claims=[claim])


def _reviews(declaration: Declaration, row: dict[str, str], stem: str) -> Told:
    del stem
    at = utc(row["reviewed_at"])
    if at is None:
        return Told(reject=NO_TIME)
    decision = row["decision"].strip().casefold()
    if decision not in ("keep", "remove"):
        return Told(reject="decision is neither keep nor remove")
    if not row["system"] or not row["account"] or not row["entitlement"]:
        return Told(reject="no system, account or entitlement")
    act: dict[str, str | None] = dict.fromkeys(FIELDS)
    act |= {
        "source": declaration.name,
        "at": at,
        "verb": "review",
        "system": row["system"],
        "actor": row["reviewer"] or None,
        "subject": row["account"],
        "entitlement": row["entitlement"],
        "decision": decision,
        "reason": row.get("campaign") or None,
        "outcome": "success",
    }
    told = Told(keep=True, at=at, system=row["system"])
    _add(told, act, None)
    return told


def _snapshot(declaration: Declaration, row: dict[str, str], stem: str) -> Told:
    del declaration, stem
    at = utc(row["as_of"])
    if at is None:
        return Told(reject="as_of is no time")
    if not row["system"] or not row["account"] or not row["entitlement"]:
        return Told(reject="no system, account or entitlement")
    holding = (
        at,
        row["system"],
        row["account"],
        row["entitlement"],
        row.get("scope") or None,
        utc(row.get("expires_at")),
    )
    return Told(keep=True, at=at, system=row["system"], holding=holding)


def _exceptions(declaration: Declaration, row: dict[str, str], stem: str) -> Told:
    del declaration, stem
    if not row["id"]:
        return Told(reject="no id")
    entry: dict[str, str | None] = {name: value for name, value in row.items() if value}
    for name in ("recorded_at", "expires_at"):
        if row.get(name):
            entry[name] = utc(row[name])
            if entry[name] is None:
                return Told(reject=f"{name} is no time")
    return Told(keep=True, entry=entry)


ROWS = {"source-data": _source_data, "reviews": _reviews, "snapshot": _snapshot, "exceptions": _exceptions}
