"""Automation is handed on: where a finding names a machine, whoever answers for it is the owner."""

import sqlite3

from tracer.case.stage import Stage


def hand_on(connection: sqlite3.Connection) -> None:
    """Put the accountable person in the place of every automation in `seats`; nobody, where none is known."""
    connection.execute(
        """UPDATE seats SET owner = (SELECT i.accountable FROM identities i WHERE i.id = seats.owner)
           WHERE owner IN (SELECT id FROM identities WHERE accountable IS NOT id)"""
    )


STAGE = Stage(
    "automation",
    reads=("identities",),
    writes=(),
    completes=("seats",),
    run=lambda work: hand_on(work.connection),
)
