"""The root-cause query: why did this identity have this access, which control failed, and who owned it then?"""

import sqlite3
from typing import Any

from tracer.case.functions import add_functions
from tracer.judgement.catalogue import catalogue_of
from tracer.judgement.checks import unchecked
from tracer.questions.answers import finding_shape, missing_of
from tracer.questions.lineage_of import lineage_of
from tracer.questions.names import grants_named

WORST_FIRST = ("wrong-access", "control-weakness", "undetermined", "conforming")


def why(
    connection: sqlite3.Connection,
    identity: str,
    entitlement: str | None = None,
    *,
    at: str | None = None,
    system: str | None = None,
) -> list[dict[str, Any]]:
    """One answer per grant in the JSON shape of the contract; with an entitlement, the one in force at `at`.

    Without `at` the latest counts; of several independent paths in force the earliest wrong one answers and the others
    stand under `paths`. Raises UsageError for an ambiguous name, CaseError where nothing is found.
    """
    found = grants_named(connection, identity, entitlement, system)
    rows = [connection.execute("SELECT * FROM grants WHERE id = ?", (grant,)).fetchone() for grant in found]
    if at is not None:
        rows = [
            row
            for row in rows
            if row["first_sign_at"] <= at and (row["ended_at"] is None or at < row["ended_at"])
        ] or rows
    if entitlement is not None:
        in_force = _latest(rows)
        chosen = min(
            in_force, key=lambda row: (row["verdict"] != "wrong-access", row["first_sign_at"], row["id"])
        )
        others = [row["id"] for row in in_force if row["id"] != chosen["id"]]
        return [grant_of(connection, chosen["id"], others)]
    ordered = sorted(
        rows, key=lambda row: (WORST_FIRST.index(row["verdict"]), row["first_sign_at"], row["id"])
    )
    return [grant_of(connection, row["id"]) for row in ordered]


def _latest(rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The grants in force when the latest of them began or last was held: it, and all that overlap with it."""
    still = [row for row in rows if row["ended_at"] is None]
    last = max(still or rows, key=lambda row: (row["first_sign_at"], row["id"]))
    return still or [
        row for row in rows if row["id"] == last["id"] or (row["ended_at"] or "") > last["first_sign_at"]
    ]


def grant_of(connection: sqlite3.Connection, grant_id: str, paths: list[str] | None = None) -> dict[str, Any]:
    """The answer for one grant. `paths` are other grants of the same access; left out, those that overlap with it."""
    add_functions(connection)
    grant = connection.execute(
        """SELECT g.*, e.system, e.name AS entitlement, a.name AS account, i.kind, c.held_until
           FROM grants g JOIN entitlements e ON e.id = g.entitlement_id JOIN accounts a ON a.id = g.account_id
           LEFT JOIN identities i ON i.id = g.identity_id LEFT JOIN circumstances c ON c.grant_id = g.id WHERE g.id = ?""",
        (grant_id,),
    ).fetchone()
    findings = connection.execute("SELECT * FROM findings WHERE grant_id = ?", (grant_id,)).fetchall()
    root = next((row for row in findings if row["is_root"]), None)
    judged = catalogue_of(connection)
    order = {mode: position for position, mode in enumerate(judged.modes)}
    rest = sorted((row for row in findings if not row["is_root"]), key=lambda row: order[row["mode"]])
    since = root["wrong_since"] if root is not None else None
    return {
        "grant": {
            "id": grant["id"],
            "identity": grant["identity_id"],
            "kind": grant["kind"],
            "account": grant["account"],
            "system": grant["system"],
            "entitlement": grant["entitlement"],
            "granted_at": grant["granted_at"],
            "ended_at": grant["ended_at"],
            "wrong_since": since,
            "basis": grant["basis"],
            "still_open": grant["ended_at"] is None,
        },
        "verdict": grant["verdict"],
        "root": finding_shape(connection, root) if root is not None else None,
        "contributing": [finding_shape(connection, row) for row in rest],
        "lineage": lineage_of(connection, grant_id),
        "paths": _paths(connection, grant, paths),
        "unchecked": sorted(unchecked()),
        "missing": missing_of(connection, grant_id),
        "blast_radius": _blast(connection, grant, root),
        "uses": _uses(connection, grant, since),
        "judged": {"checks": len(judged.checks), "of": len(judged.modes)},
    }


def _paths(
    connection: sqlite3.Connection, grant: sqlite3.Row, chosen: list[str] | None
) -> list[dict[str, Any]]:
    rows = connection.execute(
        """SELECT g.id, g.granted_at, g.first_sign_at, g.ended_at, g.basis, g.verdict, f.mode FROM grants g
           LEFT JOIN findings f ON f.id = g.root_finding_id
           WHERE g.identity_id = ? AND g.entitlement_id = ? AND g.id <> ? ORDER BY g.first_sign_at, g.id""",
        (grant["identity_id"], grant["entitlement_id"], grant["id"]),
    ).fetchall()
    if chosen is None:
        end = grant["ended_at"] or "9999"
        rows = [
            row
            for row in rows
            if row["first_sign_at"] < end and (row["ended_at"] or "9999") > grant["first_sign_at"]
        ]
    else:
        rows = [row for row in rows if row["id"] in chosen]
    return [dict(row) for row in rows]


def _blast(connection: sqlite3.Connection, grant: sqlite3.Row, root: sqlite3.Row | None) -> dict[str, int]:
    """Other grants in which the same control failed in the same way."""
    if root is None:
        return {"grants": 0, "identities": 0}
    row = connection.execute(
        """SELECT count(DISTINCT f.grant_id) AS grants, count(DISTINCT g.identity_id) AS identities FROM findings f
           JOIN grants g ON g.id = f.grant_id
           WHERE f.mode = ? AND f.control IS ? AND f.grant_id <> ?""",
        (root["mode"], root["control"], grant["id"]),
    ).fetchone()
    return {"grants": row["grants"], "identities": row["identities"]}


def _uses(connection: sqlite3.Connection, grant: sqlite3.Row, since: str | None) -> dict[str, Any]:
    """What the account did while the access was wrong (or held); null where no source logs uses of the system."""
    logged = connection.execute(
        "SELECT 1 FROM spans WHERE fold(system) = fold(?) AND uses = 1 LIMIT 1", (grant["system"],)
    ).fetchone()
    if logged is None:
        return {"count": None, "first_at": None, "last_at": None}
    row = connection.execute(
        """SELECT coalesce(sum(count), 0) AS count, min(first_at) AS first_at, max(last_at) AS last_at FROM uses
           WHERE account_id = ? AND last_at >= ? AND (? IS NULL OR first_at < ?)""",
        (grant["account_id"], since or grant["first_sign_at"], grant["ended_at"], grant["ended_at"]),
    ).fetchone()
    return {"count": row["count"], "first_at": row["first_at"], "last_at": row["last_at"]}
