"""What accounts did, per hour, once however many exports hold it, and who started the session it was done in.

Reads `counted`, `spans`, `session_starts` and events of verb `use`; writes `uses` and `use_spans`.
"""

import sqlite3
from collections import defaultdict

from tracer.case.ids import account_id
from tracer.case.stage import Stage

KEY = 8
"""Bytes of one key of a counted record."""


def build_uses(connection: sqlite3.Connection) -> None:
    """Fill `uses` and `use_spans`."""
    starts = dict(connection.execute("SELECT session, account_id FROM temp.session_starts").fetchall())
    groups: dict[tuple[str, str, str, str, str], list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute("SELECT * FROM counted ORDER BY evidence_id, session, first_ordinal"):
        account = account_id(row["system"], row["account"])
        started = starts.get(row["session"] or "", "")
        groups[account, started, row["action"], row["system"], row["hour"]].append(row)
    for (account, started, action, system, hour), rows in groups.items():
        keys = {key for row in rows for key in _keys(row["keys"])}
        failed = {key for row in rows for key in _keys(row["failed_keys"])}
        first = min(rows, key=lambda row: (row["first_at"], row["evidence_id"]))
        connection.execute(
            "INSERT OR IGNORE INTO uses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account,
                started,
                action,
                system,
                "",
                hour,
                len(keys),
                len(failed),
                first["first_at"],
                max(row["last_at"] for row in rows),
                first["evidence_id"],
                first["first_ordinal"],
            ),
        )
    connection.execute(
        """INSERT OR IGNORE INTO uses
           SELECT v.subject_id, coalesce(v.started_by, ''), 'use', v.system, v.entitlement_id, substr(v.at, 1, 13) || ':00:00.000Z',
                  count(*), sum(v.outcome = 'failure'), min(v.at), max(v.at), min(r.evidence_id), min(r.ordinal)
           FROM events v JOIN records r ON r.id = v.record_id
           WHERE v.verb = 'use' AND v.entitlement_id IS NOT NULL AND v.subject_id IS NOT NULL
           GROUP BY v.subject_id, coalesce(v.started_by, ''), v.system, v.entitlement_id, substr(v.at, 1, 13)"""
    )
    # The whole file: on days on which it tells of other systems alone, this one was quiet. An export that was asked for
    # changes of access alone holds no use of anybody, and says nothing of uses.
    connection.execute(
        """INSERT OR IGNORE INTO use_spans
           SELECT fold(s.system), x.first_at, x.last_at FROM spans s JOIN evidence f ON f.id = s.evidence_id
           JOIN temp.exports x ON x.evidence_id = f.id
           WHERE s.first_at IS NOT NULL AND (s.uses = 1 AND (fold(s.system), f.source) IN (
             SELECT fold(k.system), h.source FROM counted k JOIN evidence h ON h.id = k.evidence_id)
             OR (fold(s.system), f.source) IN (
             SELECT fold(system), source FROM events WHERE verb = 'use' AND outcome = 'success'))"""
    )


def _keys(blob: bytes | None) -> set[bytes]:
    """The keys of counted records, as ingest keeps them: eight bytes each."""
    data = blob or b""
    return {data[place : place + KEY] for place in range(0, len(data), KEY)}


STAGE = Stage(
    "uses",
    reads=(
        "counted",
        "events",
        "evidence",
        "exports",
        "records",
        "session_starts",
        "spans",
    ),
    writes=(
        "use_spans",
        "uses",
    ),
    run=lambda work: build_uses(work.connection),
)
