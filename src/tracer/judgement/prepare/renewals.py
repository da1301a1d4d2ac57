"""Extensions of each grant, and whether a new approval stood behind them. Times are UTC text."""

import sqlite3

from tracer.case.policy import limit
from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.completeness.coverage import missing, ticket_spans


def build_renewals(connection: sqlite3.Connection) -> None:
    """Extensions of each grant, and whether a new approval stood behind them: 1, 0, or null where that is not known.

    Where no approved request is found, it is not known unless tickets cover the time in which it would have been made.
    """
    rows = connection.execute(
        """SELECT g.id AS grant_id, v.id, v.at, v.expires_at, v.ticket, x.approved, v.record_id
           FROM extensions x CROSS JOIN events v ON v.id = x.event_id CROSS JOIN accounts a ON a.id = v.subject_id
           CROSS JOIN grants g ON g.identity_id = a.identity_id AND g.account_id = a.id AND +g.entitlement_id = v.entitlement_id
           CROSS JOIN circumstances c ON c.grant_id = g.id
           WHERE v.at >= c.granted_at AND (c.is_open OR v.at <= c.held_until) ORDER BY g.id, v.at, v.id"""
    ).fetchall()
    window, spans = limit(connection, "request_window"), ticket_spans(connection)
    found = []
    for row in rows:
        hole = (
            None
            if row["approved"]
            else missing(spans, plus(row["at"], -window) if window else row["at"], row["at"])
        )
        known = None if hole else row["approved"]
        since, until, need = hole or (None, None, None)
        found.append((*row[:5], known, need, since, until, row["record_id"]))
    connection.executemany("INSERT INTO renewals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", found)


STAGE = Stage(
    "renewals",
    reads=(
        "accounts",
        "circumstances",
        "entries",
        "events",
        "evidence",
        "exports",
        "extensions",
        "grants",
        "lateness",
        "policy",
        "records",
        "requests",
        "unread",
    ),
    writes=("renewals",),
    run=lambda work: build_renewals(work.connection),
)
