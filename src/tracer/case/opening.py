"""Opening a case file: to read it, or to write it."""

import os
import sqlite3
import stat
from pathlib import Path

from tracer.case import lock
from tracer.case.changing import changing
from tracer.case.layout import check_layout, made_by_us, strange
from tracer.case.lock import UnwritableError, writer
from tracer.case.schema import OLDEST_VERSION, SCHEMA_VERSION
from tracer.case.troubles import explained
from tracer.errors import CaseError

APPLICATION_ID = 0x74726163
"""SQLite's `application_id` of a case file ("trac"), so that another database is never mistaken for one."""

CACHE = -65536
"""What a connection may hold of the case file in memory, in KiB (negative, as SQLite has it)."""

NOTICED = 1_000_000
"""Instructions of SQLite after which Python is heard, so that a signal ends a long statement, too: some hundredths of a second."""

SETTINGS = (
    "foreign_keys = OFF",
    "temp_store = MEMORY",
    f"cache_size = {CACHE}",
    # Whoever made the file may have put what he likes into its schema and its pages.
    "trusted_schema = OFF",
    "cell_size_check = ON",
)
"""How every connection to a case is set."""

MAKE = "make one with: tracer ingest CASE PATH"


def open_case(path: Path | str, *, create: bool = False) -> sqlite3.Connection:
    """A connection to the case file at `path`, rows as `sqlite3.Row`; with `create` a missing one is made.

    Raises CaseError where there is no such file, it is no case or not a whole one, it cannot be opened, or a newer
    tracer wrote it.
    """
    path = Path(path)
    _look(path, create)
    if create:
        _begin(path)
    with explained(path):
        # Never made by SQLite, which would give it the mode of any other file.
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=lock.PATIENCE)
        try:
            connection.row_factory = sqlite3.Row
            connection.set_progress_handler(lambda: None, NOTICED)
            for setting in SETTINGS:
                connection.execute(f"PRAGMA {setting}")
            _check(connection, path, create)
        except BaseException:
            connection.close()
            raise
    return connection


def is_stale(connection: sqlite3.Connection) -> bool:
    """Whether evidence came in since the case was last judged."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'stale'").fetchone()
    return row is None or row[0] != "0"


def _look(path: Path, create: bool) -> None:
    """Raise CaseError where what lies at this path cannot be a case file."""
    try:
        if create and path.is_symlink():
            # It may lead to anything, and evidence would be written there.
            raise CaseError("this is a link", where=str(path), todo="name the case file that it leads to")
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not create:
            raise CaseError("no such case file", where=str(path), todo=MAKE) from None
        return
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device, a pipe or a socket"
        raise CaseError(
            f"this is {kind}, not a case file", where=str(path), todo="name a file such as case.db"
        )


def _begin(path: Path) -> None:
    """Make the file if it is not there: empty, and from the beginning for its owner alone."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise _refused(path, error) from error
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _refused(path: Path, error: OSError | ValueError) -> CaseError:
    why = getattr(error, "strerror", None) or error
    return CaseError(
        f"this case file cannot be opened ({why})",
        where=str(path),
        todo="check that its folder is there and that you may use it",
    )


def _check(connection: sqlite3.Connection, path: Path, create: bool) -> None:
    """Make it, or bring it to the present schema, if that is needed. Raises CaseError where it is no case."""
    version = _version(connection, path)
    if version == 0:
        if not create:
            raise _unmade(path)
        path.chmod(0o600)
    if version < SCHEMA_VERSION:
        made_by_us(connection, path)
        try:
            _migrate(connection, path)
        except UnwritableError as problem:
            what = f"this case must be brought to the layout of this tracer first, and {problem.what}"
            raise UnwritableError(what, where=problem.where, todo=problem.todo) from problem
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            raise strange(f"its tables cannot be brought to the present layout ({error})", path) from error
    check_layout(connection, path)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    import sqlite_utils

    from tracer.case.schema import migrate

    with changing(connection):
        # Another process may have done it in the meantime.
        if _version(connection, path) < SCHEMA_VERSION:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(sqlite_utils.Database(connection, recursive_triggers=False))


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the schema; 0 where the file was made for a case, and that is all.

    Raises CaseError where it is no case, or one that this tracer does not know.
    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        if (
            not application
            and not version
            and not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        ):
            return 0
        raise CaseError(
            "this database is no case file", where=str(path), todo="name a file made by tracer ingest"
        )
    if version > SCHEMA_VERSION:
        raise CaseError(
            f"this case file was written by a newer tracer (schema {version}, this one knows {SCHEMA_VERSION})",
            where=str(path),
            todo="upgrade tracer",
        )
    if 0 < version < OLDEST_VERSION:
        raise CaseError(
            "this case file was written before the first release and has another layout",
            where=str(path),
            todo="remove it, and make it anew from its evidence with: tracer ingest",
        )
    return version


def _unmade(path: Path) -> CaseError:
    who = writer(path)
    if who:
        return CaseError(f"{who} is making this case", where=str(path), todo="wait until it has ended")
    return CaseError("this case was begun, but nothing was read into it", where=str(path), todo=MAKE)
