"""Who held an entitlement, by which paths, and is it still open?"""

import sqlite3
from typing import Any

from tracer.questions.canned import canned
from tracer.questions.names import entitlement_named
from tracer.questions.through import through


def who(
    connection: sqlite3.Connection, entitlement: str, *, at: str | None = None, system: str | None = None
) -> list[dict[str, Any]]:
    """One row per path: identity, account, how it was held and decided, from when to when (UTC), still open, verdict.

    Open ones come first. With `at` only what was held at that time: its first instant counts, its last does not.
    `still_open` is as of `judged_at`, the last record of the system; `through` are the groups that the account was in
    itself and that led to the one that held it (`via`). An empty list: the entitlement is known, and
    nobody held it then. Raises UsageError for an ambiguous name, CaseError where none is called so.
    """
    meant = entitlement_named(connection, entitlement, system)
    rows = connection.execute(
        canned()["who"].sql, {"entitlement": meant["name"], "system": meant["system"], "at": at}
    )
    return [_row(connection, row, at) for row in rows.fetchall()]


def _row(connection: sqlite3.Connection, row: sqlite3.Row, at: str | None) -> dict[str, Any]:
    groups = through(connection, row["grant_id"], at) if row["via"] else []
    return dict(row) | {"still_open": bool(row["still_open"]), "through": groups}
