"""What analysts say of findings: confirmed, disputed or accepted, and why.

A disposition is evidence: it is only ever added, the latest stands, and it survives every rebuild, for the id of a
finding comes from content.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from tracer.case.changing import changing
from tracer.case.times import iso, plus
from tracer.errors import UsageError

DISPOSITIONS = ("confirmed", "disputed", "accepted")
"""It is as the finding says; it is not; it is, and the risk is borne knowingly."""


def mark(
    connection: sqlite3.Connection, finding: str, disposition: str, because: str, by: str
) -> dict[str, Any]:
    """Keep a disposition of the finding with this id, at this moment (UTC), and return it.

    Raises UsageError without a reason, CaseError where the case file cannot be written.
    """
    if not because.strip():
        raise UsageError("a disposition needs its reason", todo="say it with --because TEXT")
    with changing(connection):
        now = iso(datetime.now(UTC))
        said = "SELECT max(at) FROM dispositions WHERE finding_id = ?"
        (last,) = connection.execute(said, (finding,)).fetchone()
        if last is not None and now <= last:
            # Two marks within a millisecond, or a clock that was set back: the later mark must stay the latest.
            now = plus(last, timedelta(milliseconds=1))
        connection.execute(
            "INSERT INTO dispositions (finding_id, disposition, because, by, at) VALUES (?, ?, ?, ?, ?)",
            (finding, disposition, because, by, now),
        )
    return {"finding": finding, "disposition": disposition, "because": because, "by": by, "at": now}


def dispositions_of(connection: sqlite3.Connection, finding: str) -> list[dict[str, Any]]:
    """Everything said of this finding, the latest, which stands, first. An empty list: nobody has looked at it."""
    rows = connection.execute(
        "SELECT disposition, because, by, at FROM dispositions WHERE finding_id = ? ORDER BY at DESC",
        (finding,),
    )
    return [dict(row) for row in rows]


def standing(connection: sqlite3.Connection) -> dict[str, str]:
    """Finding -> the disposition that stands, for all findings of which somebody said something."""
    rows = connection.execute("SELECT finding_id, disposition FROM dispositions ORDER BY at")
    return {row["finding_id"]: row["disposition"] for row in rows}
