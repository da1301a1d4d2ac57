"""The root-cause query: why did this identity have this access, which control failed, and who owned it then?"""

import sqlite3
from typing import Any

from tracer.case.functions import add_functions
from tracer.errors import UsageError
from tracer.judgement.checks.catalogue import catalogue_of
from tracer.judgement.checks.files import unchecked
from tracer.questions.answers import finding_shape, missing_of
from tracer.questions.asked import asked_for
from tracer.questions.blast import Radii
from tracer.questions.choice import begin, in_force, latest, of_entitlement, of_system
from tracer.questions.lineage_of import lineage_of
from tracer.questions.names import ambiguous, entitlements_also
from tracer.questions.through import through
from tracer.questions.uses import uses_of

WORST_FIRST = ("wrong-access", "control-weakness", "undetermined", "conforming")


def why(
    connection: sqlite3.Connection,
    identity: str,
    entitlement: str | None = None,
    *,
    at: str | None = None,
    system: str | None = None,
) -> list[dict[str, Any]]:
    """One answer per grant in the JSON shape of the contract, worst first; with an entitlement, the one in force at `at`.

    `identity` may be a name or an id found in evidence (see `asked`). Without `at` the latest counts; of several
    independent paths in force the earliest wrong one answers and the others stand under `paths`. Raises UsageError for
    an ambiguous name, CaseError where nothing is found or nothing was held at `at`.
    """
    asked = asked_for(connection, identity)
    rows = [_grant(connection, grant) for grant in sorted(asked.grants)]
    rows = of_system(rows, system)
    if entitlement is not None:
        rows = of_entitlement(rows, identity, entitlement, entitlements_also(connection, entitlement))
    if at is not None:
        rows = in_force(rows, at)
    if entitlement is None:
        rows = [row for row in rows if row["via"] is None or row["inherited_from"] not in asked.grants]
        ordered = sorted(rows, key=lambda row: (WORST_FIRST.index(row["verdict"]), *begin(row)))
        radii = Radii(connection)
        return [
            grant_of(connection, row["id"], radii=radii) | {"asked": asked.shape(row["id"])}
            for row in ordered
        ]
    holders = sorted({str(row["identity_id"]) for row in rows})
    if len(holders) > 1:
        raise ambiguous("identity", identity, holders)
    together = latest(rows)
    chosen = min(together, key=lambda row: (row["verdict"] != "wrong-access", *begin(row)))
    others = [row["id"] for row in together if row["id"] != chosen["id"]]
    return [grant_of(connection, chosen["id"], others) | {"asked": asked.shape(chosen["id"])}]


def _grant(connection: sqlite3.Connection, grant: str) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute(
        """SELECT g.*, e.system, e.name AS entitlement FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
           WHERE g.id = ?""",
        (grant,),
    ).fetchone()
    return row


def grant_of(
    connection: sqlite3.Connection,
    grant_id: str,
    paths: list[str] | None = None,
    radii: Radii | None = None,
) -> dict[str, Any]:
    """The answer for one grant. `paths` are other grants of the same access; left out, those that overlap with it.
    `radii` are shared by the answers of one question.

    Raises UsageError where there is no such grant.
    """
    add_functions(connection)
    grant = connection.execute(
        """SELECT g.*, e.system, e.name AS entitlement, a.name AS account, i.kind, c.held_until
           FROM grants g JOIN entitlements e ON e.id = g.entitlement_id JOIN accounts a ON a.id = g.account_id
           LEFT JOIN identities i ON i.id = g.identity_id LEFT JOIN circumstances c ON c.grant_id = g.id WHERE g.id = ?""",
        (grant_id,),
    ).fetchone()
    if grant is None:
        raise UsageError(f"no grant {grant_id!r} in this case", todo="take the id that tracer why prints")
    # An inherited path has no findings of its own: its weakest link answers.
    link = grant["inherited_from"] or grant_id
    findings = connection.execute("SELECT * FROM findings WHERE grant_id = ?", (link,)).fetchall()
    root = next((row for row in findings if row["is_root"]), None)
    judged = catalogue_of(connection)
    order = {mode: position for position, mode in enumerate(judged.modes)}
    rest = sorted((row for row in findings if not row["is_root"]), key=lambda row: order[row["mode"]])
    since = root["wrong_since"] if root is not None else None
    if since is not None and grant["via"] is not None:
        since = max(since, grant["first_sign_at"])
    if grant["verdict"] in ("conforming", "undetermined"):
        root, rest = None, []
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
            "via": grant["via"],
            "through": through(connection, grant_id) if grant["via"] else [],
            "link": _link(connection, grant["inherited_from"]),
            "still_open": grant["ended_at"] is None,
            "judged_at": grant["judged_at"],
        },
        "verdict": grant["verdict"],
        "root": finding_shape(connection, root) if root is not None else None,
        "contributing": [finding_shape(connection, row) for row in rest],
        "lineage": lineage_of(connection, link),
        "paths": _paths(connection, grant, paths),
        "unchecked": sorted(unchecked()),
        "missing": missing_of(connection, link),
        "blast_radius": (radii or Radii(connection)).of(root["id"] if root is not None else None),
        "uses": uses_of(connection, grant_id),
        "judged": {"checks": len(judged.checks), "of": len(judged.modes)},
    }


def _link(connection: sqlite3.Connection, grant: str | None) -> dict[str, Any] | None:
    """The grant that decides about an inherited one: a membership, or what the group was granted."""
    row = connection.execute(
        """SELECT g.id, a.name AS account, e.system, e.name AS entitlement FROM grants g
           JOIN accounts a ON a.id = g.account_id JOIN entitlements e ON e.id = g.entitlement_id WHERE g.id = ?""",
        (grant,),
    ).fetchone()
    return dict(row) if row is not None else None


def _paths(
    connection: sqlite3.Connection, grant: sqlite3.Row, chosen: list[str] | None
) -> list[dict[str, Any]]:
    rows = connection.execute(
        """SELECT g.id, g.granted_at, g.first_sign_at, g.ended_at, g.basis, g.via, g.verdict, f.mode FROM grants g
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
    return [dict(row) | {"through": through(connection, row["id"]) if row["via"] else []} for row in rows]
