"""What the logs can tell of each grant: whether its making would stand in them, and from when on they are missing.

Completes `circumstances`: `log_covered`, `quiet_from`, `quiet_to`, and `held_until` of open grants. Times are UTC text.
"""

import sqlite3
from datetime import timedelta

from tracer.case.times import plus
from tracer.judgement.changes import limit
from tracer.judgement.coverage import log_spans
from tracer.judgement.silences import log_gaps
from tracer.judgement.spans import gap


def build_logged(connection: sqlite3.Connection) -> None:
    """Complete `circumstances`."""
    _unlogged(connection)
    _quiet(connection)


def _unlogged(connection: sqlite3.Connection) -> None:
    """Whether a log covers the time in which access that only signs show must have been granted.

    That time is the first sign, or all since it is known not to have been there: since its approved request, a
    revocation, or the last snapshot of the system that did not list it. Where nothing says since when, the log has to
    be whole up to the sign and to begin `request_window` before it, and no older request that was approved may show
    that the log of its delivery is missing.
    """
    spans = log_spans(connection)
    window = limit(connection, "request_window") or timedelta(0)
    asked = _first_approved(connection)
    rows = connection.execute(
        """SELECT c.grant_id, c.granted_at, fold(c.system) AS system, nullif(max(
             CASE WHEN c.decision = 'approved' AND c.requested_at <= c.granted_at THEN c.requested_at ELSE '' END,
             coalesce((SELECT max(h.as_of) FROM holdings h WHERE fold(h.system) = fold(c.system) AND h.as_of < c.granted_at), ''),
             coalesce((SELECT max(v.at) FROM events v WHERE v.subject_id = g.account_id AND v.entitlement_id = g.entitlement_id
               AND v.verb = 'revoke' AND v.outcome = 'success' AND v.at <= c.granted_at), '')), '') AS absent_at
           FROM circumstances c JOIN grants g ON g.id = c.grant_id
           WHERE c.unlogged = 1 AND (c.role_id IS NOT NULL OR c.ticket IS NOT NULL
             OR EXISTS (SELECT 1 FROM events v WHERE v.entitlement_id = g.entitlement_id AND v.verb IN ('grant', 'revoke')))"""
    ).fetchall()
    found = []
    for row in rows:
        known, sign = spans.get(row["system"], []), row["granted_at"]
        if row["absent_at"]:
            whole = gap(known, row["absent_at"], sign) is None
        else:
            begins = min((first for first, _ in known), default=sign)
            older = asked.get(row["system"], begins)
            whole = (
                gap(known, begins, sign) is None
                and plus(begins, window) <= sign
                and begins <= plus(older, window)
            )
        found.append((int(bool(known) and whole), row["grant_id"]))
    connection.executemany("UPDATE circumstances SET log_covered = ? WHERE grant_id = ?", found)


def _first_approved(connection: sqlite3.Connection) -> dict[str, str]:
    """System (case-folded) -> when the first request was approved for anything that the same logs tell of."""
    return dict(
        connection.execute(
            """SELECT fold(one.system), min(q.decided_at) FROM requests q
               JOIN coverage other ON fold(other.system) = fold(q.system) AND other.kind IN ('audit-log', 'provisioning')
               JOIN coverage one ON one.source = other.source
               WHERE q.decision = 'approved' AND q.decided_at IS NOT NULL GROUP BY 1"""
        ).fetchall()
    )


def _quiet(connection: sqlite3.Connection) -> None:
    """From when to when the log is missing after the last that is known of a grant; open ones are held until then at least."""
    gaps = log_gaps(connection)
    if not gaps:
        return
    rows = connection.execute(
        """SELECT c.grant_id, v.source, c.is_open, c.held_until, c.granted_at,
             max(c.granted_at, coalesce(g.last_sign_at, '')) AS seen_at
           FROM circumstances c JOIN grants g ON g.id = c.grant_id JOIN events v ON v.id = g.event_id"""
    ).fetchall()
    found = []
    for row in rows:
        later = [one for one in gaps.get(row["source"], []) if one[1] > row["granted_at"]]
        if later:
            open_gap = next((one for one in later if one[1] > row["seen_at"]), None)
            cut = row["is_open"] and open_gap
            until = max(row["seen_at"], open_gap[0]) if cut and open_gap else row["held_until"]
            found.append((later[0][0], later[0][1], until, row["grant_id"]))
    connection.executemany(
        "UPDATE circumstances SET quiet_from = ?, quiet_to = ?, held_until = ? WHERE grant_id = ?", found
    )
