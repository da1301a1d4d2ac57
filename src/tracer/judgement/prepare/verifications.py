"""When which account's hold of which entitlement was verified, prepared once for all that ask about it.

Reads `events`; fills the temporary table `verified`: account, entitlement, time (UTC text) and record of every
verification that succeeded, in that order, so that the first one after a moment is found in one step.
"""

import sqlite3

from tracer.case.stage import Stage


def build_verifications(connection: sqlite3.Connection) -> None:
    """Fill `verified`; it stays empty where no source verifies anything."""
    connection.execute("DROP TABLE IF EXISTS temp.verified")
    connection.execute(
        """CREATE TEMP TABLE verified (account_id, entitlement_id, at, record_id,
             PRIMARY KEY (account_id, entitlement_id, at, record_id)) WITHOUT ROWID"""
    )
    connection.execute(
        """INSERT OR IGNORE INTO verified
           SELECT subject_id, entitlement_id, at, record_id FROM events
           WHERE verb = 'verify' AND outcome = 'success' AND subject_id IS NOT NULL AND entitlement_id IS NOT NULL
           ORDER BY 1, 2, 3, 4"""
    )


STAGE = Stage(
    "verifications",
    reads=("events",),
    writes=("verified",),
    run=lambda work: build_verifications(work.connection),
)
