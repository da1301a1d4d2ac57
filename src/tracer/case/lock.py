"""One writer of a case at a time, and who it is.

SQLite lets nobody write while another does, but only within one transaction, and does not say who. So whoever writes
holds a lock on a file beside the case (`case.db-lock`) as long as it is at work. The system gives the lock back when
the process ends, however it ends; a file that a killed one left is taken over by the next.
"""

import os
import re
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracer.errors import CaseError

try:
    import fcntl
except ImportError:  # Where there is no flock, SQLite's own locks must do.
    fcntl = None  # type: ignore[assignment]

SUFFIX = "-lock"

COMPANIONS = (SUFFIX, "-journal", "-wal", "-shm")
"""What may stand beside a case file while it is written, as endings of its name."""

PATIENCE = 5.0
"""Seconds for which a lock is waited for that somebody else holds: ours, and those that SQLite takes for a moment."""

OURS = re.compile(r"tracer ([0-9]{1,10})(?: ([\w.-]{1,255}))?\n", re.ASCII)
"""What stands in a lock's file: the process, and the machine that it runs on."""


class UnwritableError(CaseError):
    """The case file cannot be written where it is."""


@contextmanager
def locked(case: Path | str) -> Iterator[None]:
    """Be the one who writes this case. Raises CaseError where somebody else is, and UnwritableError where nobody can."""
    if fcntl is None or not str(case):
        yield
        return
    path = _beside(case)
    descriptor = _take(path, case)
    try:
        yield
    finally:
        # Removed while it is still held: who opened it in between finds that it is no longer the one at this place.
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def writer(case: Path | str) -> str:
    """Who writes this case, in words; empty where nobody does."""
    if fcntl is None:
        return ""
    path = _beside(case)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        return "" if _free(descriptor, fcntl.LOCK_SH) else _named(descriptor)
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def _beside(case: Path | str) -> Path:
    """The lock's file: one for all names under which the case is known."""
    return Path(f"{os.path.realpath(case)}{SUFFIX}")


def _take(path: Path, case: Path | str) -> int:
    """An open file that holds the lock."""
    until = time.monotonic() + PATIENCE
    while True:
        descriptor = _opened(path, case)
        try:
            if _free(descriptor, fcntl.LOCK_EX):
                if _still_there(path, descriptor):
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, f"tracer {os.getpid()} {_machine()}\n".encode(), 0)
                    return descriptor
            elif time.monotonic() > until:
                raise CaseError(
                    f"{_named(descriptor)} is writing this case",
                    where=str(case),
                    todo="wait until it has ended, then run the same command again",
                )
        except OSError as error:
            os.close(descriptor)
            raise _unwritable(error, case) from error
        except CaseError:
            os.close(descriptor)
            raise
        os.close(descriptor)
        time.sleep(0.02)


def _opened(path: Path, case: Path | str) -> int:
    """The lock's file, which is made if it is not there and must be one that tracer made."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as error:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise _in_the_way(path) from error
        raise _unwritable(error, case) from error
    try:
        text = os.pread(descriptor, 512, 0) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b"?"
    except OSError:
        text = b"?"
    if text and not OURS.fullmatch(text.decode("ascii", "replace")):
        os.close(descriptor)
        raise _in_the_way(path)
    return descriptor


def _free(descriptor: int, kind: int) -> bool:
    """Whether nobody else holds the lock; now this file does."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_there(path: Path, descriptor: int) -> bool:
    """Whether this is still the lock's file: its last holder may have removed it."""
    try:
        here, held = path.lstat(), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    return (here.st_dev, here.st_ino) == (held.st_dev, held.st_ino)


def _named(descriptor: int) -> str:
    """Whoever stands in the lock's file, in words."""
    found = OURS.fullmatch(os.pread(descriptor, 512, 0).decode("ascii", "replace"))
    if not found:
        return "another tracer"
    elsewhere = f" on {found[2]}" if found[2] and found[2] != _machine() else ""
    return f"another tracer (process {found[1]}{elsewhere})"


def _machine() -> str:
    return re.sub(r"[^\w.-]", "-", socket.gethostname(), flags=re.ASCII)[:255] or "-"


def _in_the_way(path: Path) -> CaseError:
    return CaseError(
        "this is not the lock of a case, but it is in its place",
        where=str(path),
        todo="move it elsewhere, or give the case another name",
    )


def _unwritable(error: OSError, case: Path | str) -> UnwritableError:
    return UnwritableError(
        f"this case cannot be written: no file can be made beside it ({error.strerror or error})",
        where=str(case),
        todo="check the permissions of its folder and the room on the disk, or copy it to where you can write",
    )
