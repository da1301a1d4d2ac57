"""What tracer's own inputs tell: provisioning log, source data, access reviews, entitlement snapshot, exceptions."""

import json
from collections.abc import Callable
from typing import Any

from tracer.sources.clock import utc
from tracer.sources.declarations import FIELDS, VERBS, Declaration
from tracer.sources.faults import STATED, fault
from tracer.sources.mapping import NO_TIME, Told, by_table, first, moment
from tracer.sources.paths import text_of


def map_record(declaration: Declaration, record: Any, raw: bytes) -> Told:
    """What a record of this source tells: `record` as decoded, `raw` as it stood."""
    if not isinstance(record, dict):
        return Told(reject="the record is no object")
    try:
        return READERS[declaration.reader](declaration, record, raw)
    except STATED:
        raise
    except Exception as error:
        return Told(reject=fault(error))


def _ticket(declaration: Declaration, record: dict[str, Any], raw: bytes) -> Told:
    """A ticket is kept whole: what its fields mean is said by the register, which may come later."""
    del raw
    at = moment(declaration, first(record, declaration.time))
    decoded = None if declaration.format == "json" else record
    return Told(keep=True, at=at, system=declaration.name, entry=decoded, section="ticket")


def _keep(told: Told, act: dict[str, str | None]) -> Told:
    """An act of which all that is told is what tells it from others."""
    told.add(act, [*(act[name] for name in FIELDS), act["verb"], act["subject"], act["entitlement"], "0"])
    return told


def _provisioning(declaration: Declaration, record: dict[str, Any], raw: bytes) -> Told:
    """One line of a provisioning log."""
    del raw
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
    names = "ticket exception rule rule_version session reason on_behalf_of entitlement"
    act |= {name: text_of(record.get(name)) for name in names.split()}
    act |= {
        "source": declaration.name,
        "at": at,
        "verb": verb,
        "system": system,
        "actor": text_of(record.get("executor")),
        "subject": text_of(record.get("account")),
        "scope": _scope(record.get("scope")),
        "expires_at": utc(expires),
        "outcome": "failure"
        if text_of(record.get("outcome")) in ("failure", "failed", "error")
        else "success",
        "inputs": _inputs(inputs),
    }
    return _keep(Told(keep=True, at=at, system=system), act)


def _inputs(inputs: Any) -> str | None:
    """Attributes as logged, values as text; several values of one have `;` between them."""
    if not isinstance(inputs, dict):
        return None
    return json.dumps({str(k): _input(v) for k, v in inputs.items()}, sort_keys=True)


def _scope(value: Any) -> str | None:
    """A scope as text: of several, all with commas between them."""
    if isinstance(value, list):
        return ", ".join(text for one in value if (text := _scope(one))) or None
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else text_of(value)


def _input(value: Any) -> str:
    many = value if isinstance(value, list) else [value]
    return ";".join(text for one in many if (text := text_of(one)))


def map_row(declaration: Declaration, row: dict[str, str], stem: str) -> Told:
    """What one row of one of our CSV inputs tells."""
    try:
        return ROWS[declaration.reader](declaration, row, stem)
    except STATED:
        raise
    except Exception as error:
        return Told(reject=fault(error))


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
    return _keep(Told(keep=True, at=at, system=row["system"]), act)


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
    return Told(keep=True, at=at, system=row["system"], holdings=[holding])


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

READERS: dict[str, Callable[[Declaration, dict[str, Any], bytes], Told]] = {
    "actions": by_table,
    "provisioning": _provisioning,
    "ticket": _ticket,
}
"""Ways to read a JSON record, by the declaration's `reader`."""
