"""Whether the removal of each grant that was revoked was checked in time. Fills `removals`; times are UTC text."""

import sqlite3

from tracer.case.policy import limit
from tracer.case.spans import gap, joined
from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.completeness.coverage import verification_spans


def build_removals(connection: sqlite3.Connection) -> None:
    """One row per grant that a revocation or deletion ended; none where the policy sets no verification_window."""
    window = limit(connection, "verification_window")
    if window is None:
        return
    spans = {system: joined(known) for system, known in verification_spans(connection).items()}
    connection.execute("DROP TABLE IF EXISTS temp.given")
    connection.execute(
        """CREATE TEMP TABLE given (account_id, entitlement_id, granted_at, PRIMARY KEY (account_id, entitlement_id, granted_at))
           WITHOUT ROWID"""
    )
    connection.execute(
        """INSERT OR IGNORE INTO given SELECT account_id, entitlement_id, granted_at FROM grants
           WHERE granted_at IS NOT NULL ORDER BY 1, 2, 3"""
    )
    rows = connection.execute(
        """SELECT g.id, fold(e.system) AS system, g.ended_at, v.record_id,
             (SELECT min(k.at) FROM verified k WHERE k.account_id = g.account_id AND k.entitlement_id = g.entitlement_id
                AND k.at >= g.ended_at) AS verified_at,
             (SELECT min(n.granted_at) FROM given n WHERE n.account_id = g.account_id AND n.entitlement_id = g.entitlement_id
                AND n.granted_at >= g.ended_at) AS again_at
           FROM grants g JOIN entitlements e ON e.id = g.entitlement_id LEFT JOIN events v ON v.id = g.end_event_id
           WHERE g.ended_by IN ('revoke', 'delete') ORDER BY g.id"""
    )
    connection.executemany(
        "INSERT INTO removals VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row["id"],
                row["ended_at"],
                due := plus(row["ended_at"], window),
                int(bool(known := spans.get(row["system"], [])) and gap(known, row["ended_at"], due) is None),
                row["verified_at"],
                row["again_at"],
                row["record_id"],
            )
            for row in rows
        ),
    )


STAGE = Stage(
    "removals",
    reads=(
        "entitlements",
        "events",
        "evidence",
        "exports",
        "grants",
        "lateness",
        "policy",
        "verified",
    ),
    writes=("removals",),
    run=lambda work: build_removals(work.connection),
)
