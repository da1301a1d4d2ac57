"""Whether the making of access that only signs show would stand in the logs: `circumstances.log_covered`.

Times are UTC text.
"""

import sqlite3
from collections import defaultdict
from datetime import timedelta

from tracer.case.policy import limit
from tracer.case.spans import Span, gap, left_open
from tracer.case.times import plus
from tracer.completeness.coverage import log_spans, ticket_spans
from tracer.completeness.gaps_between_files import fact_gaps, log_gaps
from tracer.completeness.unread import lacks_section, unread

NEAR = timedelta(days=3)
"""Exports for the same months begin within so many days of one another."""

FEW, SELDOM = 2, 20
"""Access that no log tells of is an exception: no more than these few, or one in so many of what it tells of."""


def build_logged(connection: sqlite3.Connection) -> None:
    """Fill `log_covered`: whether a log covers the time in which access that only signs show must have been granted.

    That time is the first sign, or all since it is known not to have been there: since a revocation, or the last
    snapshot of the system that did not list it (a request may be for more of it). Where nothing says since when, the log has to
    be whole up to the sign and to begin `request_window` before it and no later after the first of all logs; no older
    request that was approved may show that the log of its delivery is missing; other evidence must not be missing just
    before it, as where whole months were left out; and such access has to be an exception: where much of it is seen,
    the log began after it was granted.
    """
    rows = connection.execute(
        """SELECT c.grant_id, c.granted_at, fold(c.system) AS system, nullif(max(
             coalesce((SELECT max(h.as_of) FROM holdings h WHERE fold(h.system) = fold(c.system) AND h.as_of < c.granted_at AND (fold(h.system), h.as_of) NOT IN (SELECT system, as_of FROM temp.unread_snapshots)), ''),
             coalesce((SELECT max(v.at) FROM events v WHERE v.subject_id = g.account_id AND v.entitlement_id = g.entitlement_id
               AND v.verb = 'revoke' AND v.outcome = 'success' AND v.at <= c.granted_at), '')), '') AS absent_at,
             (SELECT min(q.decided_at) FROM requests q WHERE q.beneficiary_id = c.identity AND fold(q.system) = fold(c.system)
               AND fold(q.entitlement) = fold(c.entitlement) AND q.decision = 'approved' AND q.decided_at <= c.granted_at) AS asked_at
           FROM circumstances c JOIN grants g ON g.id = c.grant_id
           WHERE c.unlogged = 1 AND (c.role_id IS NOT NULL OR c.ticket IS NOT NULL
             OR EXISTS (SELECT 1 FROM events v WHERE v.entitlement_id = g.entitlement_id AND v.verb IN ('grant', 'revoke')))"""
    ).fetchall()
    if not rows:
        return
    spans = log_spans(connection)
    window = limit(connection, "request_window") or timedelta(0)
    # What could not be read may show it held before, or say how long before a request may have been.
    unsure = bool(unread(connection, "review", "state")) or lacks_section(connection, "policy")
    asked = _first_approved(connection)
    (first_log,) = connection.execute(
        "SELECT min(first_at) FROM evidence WHERE kind IN ('audit-log', 'provisioning')"
    ).fetchone()
    left_out = _left_out(connection, window)
    found = []
    undated: dict[str, list[str]] = defaultdict(list)
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
                not unsure
                and gap(known, begins, sign) is None
                and plus(begins, window) <= sign
                and begins <= plus(min(older, first_log), window)
                and not any(first < begins <= plus(last, NEAR) for first, last in left_out)
            )
            if whole:
                undated[row["system"]].append(row["grant_id"])
        found.append((int(bool(known) and whole), row["grant_id"]))
    found += [(0, grant) for grant in _begun_late(connection, undated)]
    connection.executemany("UPDATE circumstances SET log_covered = ? WHERE grant_id = ?", found)


def _left_out(connection: sqlite3.Connection, window: timedelta) -> list[Span]:
    """The times longer than `window` for which tickets, source data or logs are missing between others of their files."""
    found = [
        hole
        for spans in ticket_spans(connection).values()
        if spans
        for hole in left_open(spans, spans[0][0], spans[-1][1])
    ]
    for gaps in (fact_gaps(connection), log_gaps(connection)):
        found += [gap for spans in gaps.values() for gap in spans]
    return [(first, last) for first, last in found if plus(first, window) < last]


def _begun_late(connection: sqlite3.Connection, undated: dict[str, list[str]]) -> list[str]:
    """Of the grants that nothing dates, by system (case-folded), those whose log began after what it does not tell of."""
    told: dict[str, set[str]] = defaultdict(set)
    for source, system in connection.execute(
        """SELECT DISTINCT source, fold(system) FROM coverage WHERE kind IN ('audit-log', 'provisioning')
           AND source IN (SELECT source FROM events WHERE verb = 'grant')"""
    ):
        told[source].add(system)
    logged = dict(
        connection.execute(
            """SELECT v.source, count(*) FROM grants g JOIN events v ON v.id = g.event_id
               WHERE g.granted_at IS NOT NULL GROUP BY v.source"""
        ).fetchall()
    )
    late: set[str] = set()
    for source, systems in told.items():
        number = sum(len(undated[system]) for system in systems if system in undated)
        if number > FEW and number * SELDOM > logged.get(source, 0):
            late |= systems
    return [grant for system in sorted(late & undated.keys()) for grant in undated[system]]


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
