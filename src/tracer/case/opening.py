"""Opening a case file: to read it, or to write it."""

import sqlite3
from pathlib import Path

from tracer.case.schema import OLDEST_VERSION, SCHEMA_VERSION
from tracer.errors import CaseError

APPLICATION_ID = 0x74726163
"""SQLite's `application_id` of a case file ("trac"), so that another database is never mistaken for one."""


CACHE = -65536
"""What a connection may hold of the case file in memory, in KiB (negative, as SQLite has it)."""


def open_case(path: Path | str, *, create: bool = False) -> sqlite3.Connection:
    """A connection to the case file at `path`, rows as `sqlite3.Row`; with `create` a missing one is made.

    Raises CaseError where there is no such file, it is no case, or a newer tracer wrote it.
    """
    path = Path(path)
    if not path.exists() and not create:
        raise CaseError("no such case file", where=str(path), todo="make one with: tracer ingest CASE PATH")
    if path.is_dir():
        raise CaseError(
            "this is a folder, not a case file", where=str(path), todo="name a file such as case.db"
        )
    fresh = not path.exists() or path.stat().st_size == 0
    if fresh and not create:
        raise CaseError(
            "this file is empty, not a case file", where=str(path), todo="make one with: tracer ingest"
        )
    try:
        connection = sqlite3.connect(path)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = {CACHE}")
        if fresh:
            _make(connection)
            path.chmod(0o600)
        else:
            _check(connection, path)
    except sqlite3.DatabaseError as error:
        raise CaseError(
            f"this is no case file ({error})", where=str(path), todo="name a file made by tracer ingest"
        ) from error
    return connection


def is_stale(connection: sqlite3.Connection) -> bool:
    """Whether evidence came in since the case was last judged."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'stale'").fetchone()
    return row is None or row[0] != "0"


def _make(connection: sqlite3.Connection) -> None:
    import sqlite_utils

    from tracer.case.schema import migrate

    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrate(sqlite_utils.Database(connection))
    connection.commit()


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise CaseError(
            "this database is no case file", where=str(path), todo="name a file made by tracer ingest"
        )
    if version > SCHEMA_VERSION:
        raise CaseError(
            f"this case file was written by a newer tracer (schema {version}, this one knows {SCHEMA_VERSION})",
            where=str(path),
            todo="upgrade tracer",
        )
    if version < OLDEST_VERSION:
        raise CaseError(
            "this case file was written before the first release and has another layout",
            where=str(path),
            todo="remove it, and make it anew from its evidence with: tracer ingest",
        )
    if version < SCHEMA_VERSION:
        import sqlite_utils

        from tracer.case.schema import migrate

        migrate(sqlite_utils.Database(connection))
        connection.commit()
