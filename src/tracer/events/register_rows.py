"""The register as rows: from the entries of all files in evidence to controls, rules, roles and the rest."""

import json
import sqlite3
from typing import Any

from tracer.case.ids import account_id, content_id
from tracer.case.stage import Stage
from tracer.rules.names import same
from tracer.rules.translate import translate
from tracer.sources.characters import loads

ABSENT = "0000-01-01T00:00:00.000Z"


def build_register(connection: sqlite3.Connection) -> None:
    """Fill the register's tables, and identities and accounts that it names; superseded entries are left out."""
    for row in _standing(connection):
        content: dict[str, Any] = loads(row["content"])
        BUILDERS[row["section"]](connection, content, row["record_id"])
    _translate(connection)


def _translate(connection: sqlite3.Connection) -> None:
    """Give every rule its CEL, or the reason why its text does not translate."""
    rows = connection.execute(
        "SELECT id, version, language, expression FROM rules ORDER BY id, version"
    ).fetchall()
    foreign = any(row["language"].strip().casefold() != "cel" for row in rows)
    known = attributes_known(connection) if foreign else set()
    found = []
    for row in rows:
        done = translate(row["language"], row["expression"], known)
        found.append((done.cel, done.refused, row["id"], row["version"]))
    connection.executemany("UPDATE rules SET cel = ?, refused = ? WHERE id = ? AND version = ?", found)


def attributes_known(connection: sqlite3.Connection) -> set[str]:
    """What source data call their attributes; what the engines call them, where source data have no such name."""
    held = {
        row[0] for row in connection.execute("SELECT DISTINCT attribute FROM claims WHERE attribute <> ''")
    }
    for name in ("email", "worker_id"):
        if connection.execute(f"SELECT 1 FROM claims WHERE {name} <> '' LIMIT 1").fetchone():
            held.add(name)
    logged = connection.execute(
        """SELECT DISTINCT j.key FROM acts a,
             json_each(CASE WHEN json_valid(a.inputs) THEN a.inputs ELSE '{}' END) j
           WHERE a.inputs IS NOT NULL AND typeof(j.key) = 'text'"""
    )
    return held | {row[0] for row in logged if same(row[0], held) is None}


def _standing(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Entries that no other file supersedes: by id, or by section where entries have none."""
    rows = connection.execute(
        """SELECT n.record_id, n.section, n.key, n.content, f.id AS evidence_id, f.sha256 FROM entries n
           JOIN records r ON r.id = n.record_id JOIN evidence f ON f.id = r.evidence_id
           ORDER BY n.section, n.key, f.sha256, r.ordinal"""
    ).fetchall()
    replaced: dict[str, list[str]] = {}
    for row in connection.execute("SELECT evidence_id, sha256 FROM supersedes"):
        replaced.setdefault(row["sha256"], []).append(row["evidence_id"])
    says = {(row["evidence_id"], row["section"], (row["key"] or "").casefold()) for row in rows}
    found = []
    for row in rows:
        key = (row["section"], (row["key"] or "").casefold())
        if not any((other, *key) in says for other in replaced.get(row["sha256"], [])):
            found.append(row)
    return [row for row in found if row["section"] in BUILDERS]


def _insert(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    names = ", ".join(values)
    connection.execute(
        f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})",
        list(values.values()),
    )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True)


def _control(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    _insert(
        connection,
        "controls",
        {
            "id": one["id"],
            "point": one["point"],
            "covers": _json(one.get("covers")),
            "responder": one.get("responder"),
            "record_id": record,
        },
    )
    for seat in one.get("owners", []):
        _insert(
            connection,
            "control_owners",
            {
                "control_id": one["id"],
                "owner": seat.get("owner"),
                "role": seat.get("role"),
                "owner_from": seat.get("from", ABSENT),
                "owner_to": seat.get("to"),
            },
        )


def _rule(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    _insert(
        connection,
        "rules",
        {
            "id": one["id"],
            "version": one["version"],
            "valid_from": one.get("from"),
            "valid_to": one.get("to"),
            "owner": one.get("owner"),
            "language": one.get("language") or "cel",
            "expression": one["expression"],
            "reviewed_at": _json(one.get("reviewed_at")),
            "tested_at": one.get("tested_at"),
            "grants": _json(one.get("grants")),
            "record_id": record,
        },
    )


def _role(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    _insert(
        connection,
        "roles",
        {
            "id": content_id("role", one),
            "system": one.get("system"),
            "entitlement": one.get("entitlement"),
            "eligible": one.get("eligible"),
            "cel": one.get("eligible"),
            "privileged": int(bool(one.get("privileged"))),
            "max_duration": one.get("max_duration"),
            "approval": one.get("approval"),
            "justification": one.get("justification"),
            "cost": _json(one.get("cost")),
            "conflicts": _json(one.get("conflicts")),
            "owner": one.get("owner"),
            "provisioners": _json(one.get("provisioners")),
            "record_id": record,
        },
    )


def _authority(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    _insert(
        connection,
        "authorities",
        {
            "id": content_id("authority", one),
            "approver": one["approver"],
            "system": one.get("system"),
            "entitlement": one.get("entitlement"),
            "valid_from": one.get("from"),
            "valid_to": one.get("to"),
            "delegated_by": one.get("delegated_by"),
            "record_id": record,
        },
    )


def _exception(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    columns = [
        "id",
        "kind",
        "identity",
        "system",
        "entitlement",
        "recorded_by",
        "recorded_at",
        "approved_by",
        "expires_at",
        "cleanup_owner",
    ]
    _insert(connection, "exceptions", {name: one.get(name) for name in columns} | {"record_id": record})


def _exposure(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    columns = ["system", "credential", "identity", "exposed_at", "reported_at", "source"]
    _insert(
        connection,
        "exposures",
        {"id": content_id("exposure", one)}
        | {name: one.get(name) for name in columns}
        | {"record_id": record},
    )


def _identity(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    _insert(
        connection,
        "identities",
        {
            "id": one["id"],
            "kind": one.get("kind"),
            "name": one["id"],
            "owner": one.get("owner"),
            "on_behalf_of": one.get("on_behalf_of"),
            "purpose": one.get("purpose"),
            "purpose_ends_at": one.get("purpose_ends_at"),
            "record_id": record,
        },
    )
    for name in one.get("known_to", []):
        _insert(connection, "knowers", {"identity_id": one["id"], "name": name, "record_id": record})
    for account in one.get("accounts", []):
        _insert(
            connection,
            "accounts",
            {
                "id": account_id(account["system"], account["name"]),
                "system": account["system"],
                "name": account["name"],
                "identity_id": one["id"],
                "basis": "register",
            },
        )


def _truth(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    for role, systems in (("authoritative", one.get("authoritative", [])), ("copy", one.get("copies", []))):
        for system in systems:
            _insert(
                connection,
                "sources_of_truth",
                {"attribute": one["attribute"], "system": system, "role": role, "record_id": record},
            )


def _policy(connection: sqlite3.Connection, one: dict[str, Any], record: str) -> None:
    value = one["value"] if isinstance(one["value"], str) else _json(one["value"])
    _insert(connection, "policy", {"name": one["name"], "value": value, "record_id": record})


BUILDERS = {
    "controls": _control,
    "rules": _rule,
    "roles": _role,
    "authorities": _authority,
    "exceptions": _exception,
    "exposures": _exposure,
    "identities": _identity,
    "sources_of_truth": _truth,
    "policy": _policy,
}


STAGE = Stage(
    "register",
    reads=(
        "entries",
        "evidence",
        "records",
        "supersedes",
    ),
    writes=(
        "accounts",
        "authorities",
        "control_owners",
        "controls",
        "exceptions",
        "exposures",
        "identities",
        "knowers",
        "policy",
        "roles",
        "rules",
        "sources_of_truth",
    ),
    run=lambda work: build_register(work.connection),
)
