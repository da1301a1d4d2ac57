"""Changing a case file: by one process at a time, and each change whole or not at all."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tracer.case.lock import locked
from tracer.case.troubles import explained

FOR_READERS = 600.0
"""Seconds for which a finished change waits for those who read the case: what took long is not thrown away lightly."""


@contextmanager
def changing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction on the case, while nobody else writes it; an error within takes all of it back.

    Raises CaseError where another process writes, or the file cannot be written.
    """
    case = place(connection)
    with explained(case), locked(case):
        connection.commit()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            commit(connection)
        except BaseException:
            connection.rollback()
            raise


def commit(connection: sqlite3.Connection) -> None:
    """Commit, and wait for those who are reading."""
    until = time.monotonic() + FOR_READERS
    while True:
        try:
            connection.commit()
        except sqlite3.OperationalError as error:
            # The transaction is still open then, and no new reader comes in between.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        else:
            return


def place(connection: sqlite3.Connection) -> str:
    """Where the case file of a connection lies; empty for one in memory."""
    for row in connection.execute("PRAGMA database_list"):
        if row[1] == "main":
            return str(row[2] or "")
    return ""
