"""When approvers and owners of other identities were gone: fills `absences`, one row per leave. Times are UTC text."""

import sqlite3

from tracer.case.stage import Stage
from tracer.judgement.prepare.leaves import absences
from tracer.judgement.prepare.readings import READ, Readings


def build_absences(connection: sqlite3.Connection, readings: Readings) -> None:
    """Every leave of somebody who approved something or owns a non-human identity, until they came back, if they did.

    Somebody of whom no source holds a status has no row: whether they left is not known.
    """
    people = connection.execute(
        """SELECT approver_id AS id FROM approvals WHERE approver_id IS NOT NULL
           UNION SELECT owner_id FROM identities WHERE owner_id IS NOT NULL ORDER BY 1"""
    ).fetchall()
    connection.executemany(
        "INSERT OR IGNORE INTO absences VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (person, fact.valid_from, until, fact.value, fact.system, fact.recorded_at, fact.record_id)
            for (person,) in people
            for fact, until in absences(readings, person)
        ),
    )


STAGE = Stage(
    "absences",
    reads=(*READ, "approvals", "identities"),
    writes=("absences",),
    run=lambda work: build_absences(work.connection, work.once(Readings)),
)
