"""Opening files of a folder that somebody else filled: regular files only, and never by waiting for one.

A named pipe would be waited for, a device may never end, and a link may lead to what was not handed in.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from tracer.errors import CaseError

FLAGS = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)  # fmt: skip

TODO = "hand in what it leads to, if that is evidence"


def regular(path: str | Path) -> BinaryIO:
    """A regular file, opened. Raises CaseError where it is none, OSError where it cannot be opened.

    What it is is asked before it is opened, since opening a device can do something, and again of what was opened.
    """
    special = no_file(Path(path).stat().st_mode)
    if special is None:
        descriptor = os.open(path, FLAGS)
        special = no_file(os.fstat(descriptor).st_mode)
        if special is None:
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
    todo = "write: tracer ingest CASE - < it" if special == "a named pipe" else "hand in a file"
    raise CaseError(f"this is {special} and no file", where=str(path), todo=todo)


def no_file(mode: int) -> str | None:
    """What something is that is no regular file; None where it is one."""
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a link" if stat.S_ISLNK(mode) else "a device"


def is_pipe(path: str) -> bool:
    """Whether a path is a pipe that is open already, as a shell makes for `<(command)`; a named pipe is none."""
    if not path.startswith(("/dev/", "/proc/")):
        return False
    try:
        return stat.S_ISFIFO(Path(path).stat().st_mode)
    except OSError:
        return False


def not_read(path: str, within: str) -> str | None:
    """Why something in a folder is not read, as a sentence; None for a regular file and for a folder.

    `within` is what was handed in: a link that leads to something else in there is that file again.
    """
    try:
        if Path(path).is_symlink():
            target = os.path.realpath(path, strict=True)
            if not inside(target, os.path.realpath(within)):
                return f"this is a link out of what was handed in (to {Path(path).readlink()}), and not followed; {TODO}"
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return f"this is a link to something that is not there ({Path(path).readlink()})"
    except OSError as error:
        return f"this cannot be read ({error.strerror or error})"
    special = None if stat.S_ISDIR(mode) else no_file(mode)
    return special and f"this is {special} and no file"


def inside(path: str, folder: str) -> bool:
    """Whether a path lies in a folder or is it; both without links."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
