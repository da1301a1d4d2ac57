"""Which controls are there, who owned each over time, and how often did it run, fail, or leave no evidence?"""

import json
import sqlite3
from typing import Any

from tracer.questions.canned import canned


def controls(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """One row per control of the register, those that failed most first. An empty list: no register was handed in.

    `runs` counts grants on which one of its checks passed or failed, `no_evidence` those where evidence was missing.
    `owners` are its seats in order of time (UTC; a null `from` or `to` is open), with `owner` null where nobody sat:
    what the register leaves out between two owners is such a seat of its own.
    """
    found = []
    for row in connection.execute(canned()["controls"].sql):
        covers = json.loads(row["covers"]) if row["covers"] else {}
        owners = _with_gaps(json.loads(row["owners"]))
        found.append(dict(row) | {"covers": covers, "owners": owners})
    return found


def _with_gaps(seats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The seats with a row of their own for every time between them in which nobody sat."""
    found: list[dict[str, Any]] = []
    taken_until: str | None = ""
    for seat in seats:
        since = seat["from"] or ""
        if found and taken_until is not None and since > taken_until:
            found.append({"owner": None, "role": None, "from": taken_until, "to": seat["from"]})
        found.append(seat)
        if taken_until is not None:
            taken_until = None if seat["to"] is None else max(taken_until, seat["to"])
    return found
