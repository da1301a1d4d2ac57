"""What the logs can tell of each grant: whether its making would stand in them, and from when on they are missing.

Completes `circumstances`: `log_covered`, `quiet_from`, `quiet_to`, and `held_until` of open grants. Times are UTC text.
"""

import sqlite3
from collections import defaultdict
from datetime import timedelta

from tracer.case.times import parse_iso, plus
from tracer.judgement.changes import limit
from tracer.judgement.coverage import log_spans
from tracer.judgement.silences import LEAST, source_spans
from tracer.judgement.spans import Span, gap, joined


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
               AND v.verb = 'revoke' AND v.outcome = 'success' AND v.at <= c.granted_at), '')), '') AS absent_at,
             (SELECT min(q.decided_at) FROM requests q WHERE q.beneficiary_id = c.identity AND fold(q.system) = fold(c.system)
               AND fold(q.entitlement) = fold(c.entitlement) AND q.decision = 'approved' AND q.decided_at <= c.granted_at) AS asked_at
           FROM circumstances c JOIN grants g ON g.id = c.grant_id
           WHERE c.unlogged = 1 AND (c.role_id IS NOT NULL OR c.ticket IS NOT NULL
             OR EXISTS (SELECT 1 FROM events v WHERE v.entitlement_id = g.entitlement_id AND v.verb IN ('grant', 'revoke')))"""
    ).fetchall()
    found = []
    for row in rows:
        known, sign = spans.get(row["system"], []), row["granted_at"]
        if row["asked_at"] and gap(known, row["asked_at"], sign) is not None:
            whole = False  # it may be what that request led to
        elif row["absent_at"]:
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
            """WITH asked AS MATERIALIZED (
                 SELECT fold(system) AS system, min(decided_at) AS decided_at FROM requests
                 WHERE decision = 'approved' AND decided_at IS NOT NULL GROUP BY 1)
               SELECT fold(one.system), min(q.decided_at) FROM asked q
               JOIN coverage other ON fold(other.system) = q.system AND other.kind IN ('audit-log', 'provisioning')
               JOIN coverage one ON one.source = other.source GROUP BY 1"""
        ).fetchall()
    )


def _quiet(connection: sqlite3.Connection) -> None:
    """From when to when the log is missing after the last that is known of a grant; open ones are held until then at least."""
    files = source_spans(connection)
    by_system = _changing(connection, files)
    rows = connection.execute(
        """SELECT c.grant_id, fold(c.system) AS system, v.source, c.is_open, c.held_until, c.granted_at, c.judged_at,
             max(c.granted_at, coalesce(g.last_sign_at, '')) AS seen_at
           FROM circumstances c JOIN grants g ON g.id = c.grant_id LEFT JOIN events v ON v.id = g.event_id"""
    ).fetchall()
    found = []
    for row in rows:
        known = files.get(row["source"]) if row["source"] else by_system.get(row["system"])
        first = _missing(known or [], row["granted_at"], row["judged_at"])
        if first:
            open_at = _missing(known or [], row["seen_at"], row["judged_at"]) if row["is_open"] else None
            found.append((*first, open_at[0] if open_at else row["held_until"], row["grant_id"]))
    connection.executemany(
        "UPDATE circumstances SET quiet_from = ?, quiet_to = ?, held_until = ? WHERE grant_id = ?", found
    )


def _changing(connection: sqlite3.Connection, files: dict[str, list[Span]]) -> dict[str, list[Span]]:
    """System (case-folded) -> the time of the sources that logged a change of access there."""
    found: dict[str, list[Span]] = defaultdict(list)
    for system, source in connection.execute(
        "SELECT DISTINCT fold(system), source FROM events WHERE verb IN ('grant', 'revoke', 'delete', 'extend')"
    ):
        found[system] += files.get(source, [])
    return {system: joined(spans) for system, spans in found.items()}


def _missing(known: list[Span], since: str, until: str) -> Span | None:
    """The first time of more than a day in [since, until] for which there is no log; an export's end is seldom the day's."""
    while (hole := gap(known, since, until)) is not None:
        if parse_iso(hole[1]) - parse_iso(hole[0]) > LEAST:
            return hole
        if hole[1] >= until:
            return None
        since = hole[1]
    return None
