"""The temporary files of a run: in one folder that nobody else can read, which is gone with the run however it ends.

A run that is killed can remove nothing; the next one does. Whose run is over is told by a lock that the system takes away.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracer.errors import CaseError

PREFIX = "tracer-run-"


@contextmanager
def run_folder() -> Iterator[Path]:
    """A folder for the temporary files of this run; those of runs that were killed are removed first."""
    _sweep()
    folder, lock = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made() -> tuple[Path, int]:
    """A new folder and the descriptor that holds its lock. Raises CaseError where none can be made."""
    while True:
        try:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        except OSError as error:
            raise CaseError(
                f"no folder for temporary files can be made ({error.strerror or error})",
                todo="make room, or name another folder in TMPDIR; then run the same command again",
            ) from error
        lock = os.open(folder, os.O_RDONLY)
        # Where the file system has no locks, the folder of a run that is killed stays.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder, lock
        # Another run took it for one that is over before it was locked.
        os.close(lock)


def _sweep() -> None:
    """Remove the folders of this user's runs that are over."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX):
                with suppress(OSError):
                    _remove_if_over(Path(entry.path))


def _remove_if_over(folder: Path) -> None:
    """Remove a run's folder. Raises OSError where it is no folder, or its run goes on."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
