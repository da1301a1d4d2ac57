"""Parts of an answer that several questions give: findings in their JSON shape, what is missing and whom to ask."""

import json
import sqlite3
from typing import Any

from tracer.questions.lineage_of import evidence_of
from tracer.questions.mark import dispositions_of

SHAPE = [
    "id",
    "class",
    "mode",
    "control_point",
    "part",
    "control",
    "owner",
    "owner_role",
    "owner_basis",
    "responsibility",
    "confidence",
    "because",
    "responder",
    "owner_now",
]


def finding_shape(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """A finding as `root` and `contributing` of the contract show it."""
    records = [
        r[0]
        for r in connection.execute(
            "SELECT record_id FROM finding_records WHERE finding_id = ?", (row["id"],)
        )
    ]
    shape = {name: row[name] for name in SHAPE}
    failed = connection.execute(
        "SELECT attribute FROM checks WHERE grant_id = ? AND mode = ?", (row["grant_id"], row["mode"])
    ).fetchone()
    return shape | {
        "shared_with": json.loads(row["shared_with"] or "[]"),
        "evidence": evidence_of(connection, records),
        "attribute": failed["attribute"] if failed else None,
        "dispositions": dispositions_of(connection, row["id"]),
    }


def missing_of(connection: sqlite3.Connection, grant: str) -> list[dict[str, Any]]:
    """What evidence no check found, for which period, and whom to ask: the owner of the control that would have it."""
    rows = connection.execute(
        "SELECT need, ask, period_from, period_to FROM checks WHERE grant_id = ? AND verdict = 'no-evidence' AND need IS NOT NULL",
        (grant,),
    )
    found = {
        (row["need"], _whom(connection, row["ask"]), row["period_from"], row["period_to"]) for row in rows
    }
    shown = [{"need": need, "ask": ask, "period": [since, until]} for need, ask, since, until in found]
    return sorted(shown, key=lambda one: json.dumps(one, sort_keys=True))


def _whom(connection: sqlite3.Connection, point: str | None) -> str:
    """The owner of the organisation's control at this point today; without one, the control point in words."""
    row = connection.execute(
        """SELECT o.owner FROM controls c JOIN control_owners o ON o.control_id = c.id
           WHERE c.point = ? AND o.owner IS NOT NULL AND o.owner_to IS NULL ORDER BY c.covers IS NOT NULL, c.id LIMIT 1""",
        (point,),
    ).fetchone()
    return row["owner"] if row else f"owner of the {point} control"
