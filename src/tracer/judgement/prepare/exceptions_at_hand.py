"""Whether an exception to a grant would stand in the evidence, if there were one."""

import sqlite3

from tracer.case.stage import Stage
from tracer.completeness.coverage import exception_sources, exception_spans
from tracer.completeness.lossy_sources import losing
from tracer.completeness.unread import lacks_section


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


STAGE = Stage(
    "exceptions-at-hand",
    reads=(
        "circumstances",
        "entries",
        "evidence",
        "exceptions",
        "holes",
        "losses",
        "records",
        "unread_sections",
    ),
    writes=("exceptions_at_hand",),
    run=lambda work: build_exceptions_at_hand(work.connection),
)
