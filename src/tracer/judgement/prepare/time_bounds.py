"""Why access had to have an end, how late that may be, and the end that was decided. Times are UTC text."""

import json
import sqlite3
from typing import Any

from tracer.case.stage import Stage
from tracer.case.times import duration, plus
from tracer.judgement.prepare.readings import READ, Readings

Row = tuple[Any, ...]


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


STAGE = Stage(
    "time-bounds",
    reads=(*READ, "circumstances", "exceptions", "policy", "requests", "roles"),
    writes=("time_bounds",),
    run=lambda work: build_time_bounds(work.connection, work.once(Readings)),
)
