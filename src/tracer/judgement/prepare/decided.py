"""What bears on the decision behind each grant beyond its approvals: conflicting access, ends, renewals.

Fills `conflicts`, `time_bounds` and `renewals`, and the approvers of each grant in `circumstances`. Times are UTC text.
"""

import json
import sqlite3
from typing import Any

from tracer.case.entitlement_names import EntitlementNames
from tracer.case.policy import limit
from tracer.case.times import duration, plus
from tracer.completeness.coverage import exception_sources, exception_spans, missing, ticket_spans
from tracer.completeness.lossy_sources import losing
from tracer.completeness.unread import lacks_section
from tracer.judgement.prepare.approvals import authorities, standing
from tracer.judgement.prepare.controls import Controls
from tracer.judgement.prepare.readings import Readings

Row = tuple[Any, ...]


def build_approvers(connection: sqlite3.Connection) -> None:
    """Who approved each grant first, and who did besides."""
    connection.execute(
        """UPDATE circumstances SET (approver_id, other_approvers) = (
             SELECT o.first, (SELECT json_group_array(name) FROM (SELECT DISTINCT approver_id AS name FROM approvals
               WHERE grant_id = circumstances.grant_id AND approver_id <> o.first ORDER BY 1))
             FROM (SELECT approver_id AS first FROM approvals
               WHERE grant_id = circumstances.grant_id AND approver_id IS NOT NULL ORDER BY at, id LIMIT 1) o)
           WHERE grant_id IN (SELECT grant_id FROM approvals)"""
    )


def build_exception_authority(connection: sqlite3.Connection) -> None:
    """Whether who approved the exception behind each grant was allowed to: 1 or 0; null where nobody says who may.

    May do it who had authority for the entitlement when the exception was recorded, and the owner of the exception
    control at that time. Where the register lists no authority for the entitlement it sets no limit; where it has no
    control of exceptions to it, who owns that is not known.
    """
    known, controls = authorities(connection), Controls(connection)
    unread = (
        controls.unread or lacks_section(connection, "authorities") or lacks_section(connection, "identities")
    )
    rows = connection.execute(
        """SELECT c.grant_id, c.system, c.entitlement, x.approver_id, coalesce(x.recorded_at, c.granted_at) AS at
           FROM circumstances c JOIN exceptions x ON x.id = c.exception_id WHERE x.approver_id IS NOT NULL"""
    ).fetchall()
    found = []
    for row in rows:
        held, _, _ = standing(known, row["approver_id"], row["system"], row["entitlement"], row["at"])
        seat = controls.seat("exception", row["at"], system=row["system"], entitlement=row["entitlement"])
        owns = (seat.owner or "").casefold() == row["approver_id"].casefold()
        allowed = owns or held in ("own", "delegated")
        unknown = not allowed and (unread or held == "unlisted" or seat.control is None)
        found.append((None if unknown else int(allowed), row["grant_id"]))
    connection.executemany("UPDATE circumstances SET exception_allowed = ? WHERE grant_id = ?", found)


def build_exceptions_at_hand(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `exceptions_at_hand`: whether an exception to each grant would stand in the evidence.

    One that the log names by its id stands somewhere: it is not in evidence unless what is at hand covers that time.
    Where the log names none, any register says that there was none, but for the times that its exports leave out.
    """
    spans = exception_spans(connection)
    lossy = bool(losing(connection) & exception_sources(connection)) or lacks_section(
        connection, "exceptions"
    )
    register = connection.execute(
        "SELECT 1 FROM entries WHERE section NOT IN ('tickets', 'ticket') LIMIT 1"
    ).fetchone()
    connection.execute("DROP TABLE IF EXISTS temp.exceptions_at_hand")
    connection.execute("CREATE TEMP TABLE exceptions_at_hand (grant_id PRIMARY KEY, at_hand)")
    rows = connection.execute(
        """SELECT grant_id, granted_at, exception IS NOT NULL AS named FROM circumstances
           WHERE (exception IS NOT NULL OR override_event_id IS NOT NULL) AND exception_id IS NULL"""
    ).fetchall()
    found = []
    for row in rows:
        if lossy:
            covered = False
        elif spans is None:
            covered = True
        elif spans and (row["named"] or len(spans) > 1):
            covered = any(first <= row["granted_at"] <= last for first, last in spans)
        else:
            covered = register is not None and not row["named"]
        found.append((row["grant_id"], int(covered)))
    connection.executemany("INSERT INTO exceptions_at_hand VALUES (?, ?)", found)


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


def build_time_bounds(connection: sqlite3.Connection, readings: Readings) -> None:
    """Why access had to have an end, how late that may be, and the end that was decided.

    Time-bound are people whose employment type is one of `policy.time_bound`, as known at the decision; access by a
    recorded break-glass exception; and entitlements with `max_duration`, which also says how late the end may be.
    """
    kinds = _time_bound(connection)
    rows = connection.execute(
        """SELECT c.grant_id, c.identity, c.identity_kind, c.basis, c.decision, c.granted_at, c.decided_at,
                  c.decided_expires_at, c.delivered_expires_at, c.carries_end, r.max_duration, x.kind, x.expires_at,
                  x.recorded_at, coalesce(q.known_fields LIKE '%"expires_at"%', 0) AS mapped
           FROM circumstances c LEFT JOIN roles r ON r.id = c.role_id LEFT JOIN requests q ON q.id = c.request_id
           LEFT JOIN exceptions x ON x.id = c.exception_id
           WHERE c.basis = 'ticket' AND c.decision = 'approved' AND (r.max_duration IS NOT NULL OR ?)
              OR c.basis = 'rule' AND r.max_duration IS NOT NULL AND c.carries_end = 1
              OR c.basis = 'exception' AND fold(x.kind) = 'break-glass'""",
        (int(bool(kinds)),),
    ).fetchall()
    connection.executemany(
        "INSERT INTO time_bounds VALUES (?, ?, ?, ?, ?, ?)",
        [found for row in rows if (found := _time_bound_by(row, kinds, readings)) is not None],
    )


def _time_bound_by(row: sqlite3.Row, kinds: set[str], readings: Readings) -> Row | None:
    at = row["recorded_at"] if row["basis"] == "exception" else row["decided_at"] or row["granted_at"]
    end = row["expires_at"] if row["basis"] == "exception" else row["decided_expires_at"]
    end, latest, record = end or row["delivered_expires_at"], None, None
    if row["max_duration"]:
        latest = plus(max(at or row["granted_at"], row["granted_at"]), duration(row["max_duration"]))
    reason = f"{row['max_duration']} is the longest that the catalogue allows" if latest else None
    if row["basis"] == "exception":
        reason = "it is break-glass access"
    elif row["basis"] == "ticket" and kinds:
        fact = readings.then(row["identity"], "employment_type", at)
        if fact is not None and fact.value.strip().casefold() in kinds:
            reason, record = f"employment_type was {fact.value}", fact.record_id
        elif fact is None and reason is None and row["identity_kind"] in (None, "human"):
            return row["grant_id"], None, end, None, 1, None
    if reason is None:
        return None
    return row["grant_id"], reason, end, latest, int(row["mapped"] or row["basis"] != "ticket"), record


def _time_bound(connection: sqlite3.Connection) -> set[str]:
    row = connection.execute("SELECT value FROM policy WHERE name = 'time_bound'").fetchone()
    listed = json.loads(row[0]) if row and row[0] else []
    return {str(one).strip().casefold() for one in (listed if isinstance(listed, list) else [listed])}


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
