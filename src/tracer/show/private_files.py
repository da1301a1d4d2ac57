"""Files with evidence in them: whole or not at all, for their owner alone, never written through another's link."""

import os
import stat
import tempfile
from pathlib import Path

from tracer.errors import TracerError

PRIVATE = 0o600


def write_private(path: Path, data: bytes) -> None:
    """Put the file in place in one step, readable by its owner alone; an own file that is there keeps its mode.

    What is no file (a pipe, a terminal) is written to as it is.

    Raises OSError where it cannot be written, TracerError where a link that another user made stands there.
    """
    path = _followed(path)
    try:
        found = path.stat()
    except FileNotFoundError:
        _put(path, data, PRIVATE)
        return
    if stat.S_ISREG(found.st_mode):
        # A file that another user laid there may be open to all: its mode is none of ours.
        _put(path, data, stat.S_IMODE(found.st_mode) & 0o777 if found.st_uid == os.geteuid() else PRIVATE)
    else:
        with path.open("wb") as file:
            file.write(data)


def _followed(path: Path) -> Path:
    """Where a link leads that we or the system made; the path itself where it is none."""
    if not path.is_symlink():
        return path
    if path.lstat().st_uid not in (0, os.geteuid()):
        raise TracerError(
            "this is a link that another user made",
            where=str(path),
            todo="name another file, in a folder of yours",
        )
    return Path(os.path.realpath(path))


def _put(path: Path, data: bytes, mode: int) -> None:
    """Write a file of our own beside it (nobody else can open it), and give it the name."""
    descriptor, name = tempfile.mkstemp(prefix=".tracer-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
