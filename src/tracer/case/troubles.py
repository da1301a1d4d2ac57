"""What SQLite cannot do with a case file, as a stated problem: what happened, and what to do about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracer.case.lock import writer
from tracer.errors import CaseError

AGAIN = "then run the same command again: it goes on where it stopped"

PRIMARY = 0xFF
"""The bits of SQLite's result that say what happened; the others say where."""

TROUBLES = {
    sqlite3.SQLITE_FULL: (
        "no room is left on the disk, for the case file or for temporary files",
        f"make room, {AGAIN}; SQLITE_TMPDIR names another folder for temporary files",
    ),
    sqlite3.SQLITE_IOERR: (
        "the case file cannot be read or written further: a quota, a limit on the size of files or a failing disk",
        f"see to the disk, {AGAIN}",
    ),
    sqlite3.SQLITE_IOERR_GETTEMPPATH: (
        "no folder for temporary files can be written",
        f"name one in SQLITE_TMPDIR, {AGAIN}",
    ),
    sqlite3.SQLITE_BUSY: (
        "another process is reading or writing this case",
        "wait until it has ended, then run the same command again",
    ),
    sqlite3.SQLITE_BUSY_RECOVERY: (
        "another process is taking back what a killed one left of its change",
        "run the same command again",
    ),
    sqlite3.SQLITE_READONLY: (
        "this case file cannot be written",
        "check the permissions of the file and of its folder, or copy it to where you can write",
    ),
    sqlite3.SQLITE_READONLY_ROLLBACK: (
        "a process that was writing this case was killed, and taking back its half change needs permission to write",
        "open it once as somebody who may write the file and its folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "this case file cannot be opened, or no journal can be made beside it",
        "check the permissions of the file and of its folder, and whether the disk is full",
    ),
    sqlite3.SQLITE_PERM: ("this case file may not be opened", "check its permissions"),
    sqlite3.SQLITE_CORRUPT: (
        "this case file is broken",
        "take a copy of it from before, or make it anew from its evidence with: tracer ingest",
    ),
    sqlite3.SQLITE_NOTADB: ("this is no case file", "name a file made by tracer ingest"),
}
"""SQLite's result -> what happened, and what to do; where the result of the whole kind is not in it, that of its kind."""

NOT_TEXT = "Could not decode to UTF-8"
"""How the sqlite3 module begins where text in the file is none; it gives no result of SQLite's then."""

UNFORESEEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading a value that tracer did not write may end in."""


@contextmanager
def explained(case: Path | str) -> Iterator[None]:
    """Whatever is done with this case file: what SQLite cannot do with it becomes a CaseError, and so does junk in it.

    What is no matter of the file (wrong SQL, an interrupt, a fault of tracer's) is raised as it is.
    """
    try:
        yield
    except sqlite3.Error as error:
        problem = trouble(error, case)
        if problem is None and getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_INTERRUPT:
            problem = _changed(case)
        if problem is None:
            raise
        raise problem from error
    except UNFORESEEN as error:
        problem = _changed(case)
        if problem is None:
            raise
        raise problem from error


def _changed(case: Path | str) -> CaseError | None:
    # Only here: it is needed where all else has failed.
    from tracer.case.strange import what_is_strange

    return what_is_strange(case)


def trouble(error: sqlite3.Error, case: Path | str) -> CaseError | None:
    """The stated problem that an error of SQLite's is; None where it is no matter of the case file."""
    code: int = getattr(error, "sqlite_errorcode", 0) or 0
    if not code and str(error).startswith(NOT_TEXT):
        code = sqlite3.SQLITE_CORRUPT
    found = TROUBLES.get(code) or TROUBLES.get(code & PRIMARY)
    if found is None:
        return None
    what, todo = found
    if code & PRIMARY == sqlite3.SQLITE_BUSY and (who := writer(case)):
        what = f"{who} is writing this case"
    return CaseError(f"{what} ({error})", where=str(case), todo=todo)
