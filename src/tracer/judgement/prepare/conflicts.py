"""Access that the catalogue says conflicts, held by one identity at the time of a decision."""

import json
import sqlite3

from tracer.case.entitlement_names import EntitlementNames
from tracer.case.stage import Stage


def build_conflicts(connection: sqlite3.Connection) -> None:
    """Pairs of grants of one identity that the catalogue says conflict: this one, and one held when it was decided.

    A conflict holds both ways, whichever of the two rows of the catalogue names the other.
    """
    entitlements = connection.execute("SELECT id, system, name FROM entitlements ORDER BY id").fetchall()
    rows = connection.execute(
        """SELECT DISTINCT g.entitlement_id, r.conflicts FROM grants g JOIN roles r ON r.id = g.role_id
           WHERE r.conflicts IS NOT NULL"""
    ).fetchall()
    names = EntitlementNames(connection)
    named = {text: _matched(text, entitlements, names) for text in {row["conflicts"] for row in rows}}
    pairs = {
        pair
        for row in rows
        for other in named[row["conflicts"]]
        if other != row["entitlement_id"]
        for pair in ((row["entitlement_id"], other), (other, row["entitlement_id"]))
    }
    connection.execute("DROP TABLE IF EXISTS temp.conflicting")
    connection.execute("CREATE TEMP TABLE conflicting (one, other, PRIMARY KEY (one, other))")
    connection.executemany("INSERT INTO conflicting VALUES (?, ?)", sorted(pairs))
    connection.execute(
        """INSERT INTO conflicts
           SELECT c.grant_id, o.grant_id, o.system, o.entitlement, o.granted_at, o.record_id
           FROM conflicting p CROSS JOIN grants g ON g.entitlement_id = p.one
           CROSS JOIN circumstances c ON c.grant_id = g.id
           CROSS JOIN grants h ON h.identity_id = g.identity_id AND +h.entitlement_id = p.other
           CROSS JOIN circumstances o ON o.grant_id = h.id
           WHERE o.granted_at <= CASE WHEN c.basis = 'ticket' THEN coalesce(c.decided_at, c.granted_at) ELSE c.granted_at END
             AND (o.is_open = 1 OR o.held_until > c.granted_at)"""
    )


def _matched(conflicts: str, entitlements: list[sqlite3.Row], names: EntitlementNames) -> list[str]:
    """The entitlements that a row of the catalogue names as conflicting."""
    listed = json.loads(conflicts)
    globs = [
        (one.get("system"), one.get("entitlement")) for one in (listed if isinstance(listed, list) else [])
    ]
    return [
        row["id"]
        for row in entitlements
        if any(names.means(system, glob, row["system"], row["name"]) for system, glob in globs)
    ]


STAGE = Stage(
    "conflicts",
    reads=(
        "circumstances",
        "entitlement_aliases",
        "entitlements",
        "grants",
        "roles",
    ),
    writes=("conflicts",),
    run=lambda work: build_conflicts(work.connection),
)
