"""Temporary files: they have no name, so that nothing of the evidence stays behind whatever ends tracer.

Files without a name need no cleaning up; where a library asks for a path, the one of the open file is given to it.
"""

import errno
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from tracer.errors import CaseError
from tracer.limits import Limit

CHUNK = 1 << 20

KEPT_FREE = Limit(
    1 << 28,
    "bytes",
    bounds="what is left free in the temporary folder",
    why="other programs, and the case itself if it lies there, need some of it to go on",
    beyond="the member that has no room is not read, and a reject names it and the folder",
)

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoomError(CaseError):
    """The temporary folder cannot hold what must be unpacked."""

    def __init__(self) -> None:
        super().__init__(
            f"there is no room for it in the temporary folder {tempfile.gettempdir()}",
            todo="make room, or set TMPDIR to a folder that has some, and run the same command again",
        )


class Readable(Protocol):
    """What can be read from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, fewer only at the end."""


class Part(io.RawIOBase):
    """Some bytes of a file that others read, too: each part has its own place in it."""

    def __init__(self, file: IO[bytes], begin: int = 0, size: int | None = None) -> None:
        """`size` None: to the end of the file."""
        self._file: Any = file
        self._begin = begin
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place in the part."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place of the part, as in any file."""
        if whence == os.SEEK_CUR:
            offset += self._place
        elif whence == os.SEEK_END:
            offset += self._size if self._size is not None else self._file.seek(0, os.SEEK_END) - self._begin
        self._place = max(offset, 0)
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what follows; 0 is the end."""
        size = len(buffer) if self._size is None else min(len(buffer), max(self._size - self._place, 0))
        self._file.seek(self._begin + self._place)
        read: int = self._file.readinto(memoryview(buffer)[:size]) or 0
        self._place += read
        return read


def part(file: IO[bytes], begin: int = 0, size: int | None = None) -> BinaryIO:
    """Some bytes of a file as a stream of its own."""
    return io.BufferedReader(Part(file, begin, size), CHUNK)


@contextmanager
def temporary(first: bytes, stream: Readable, size: int = 0) -> Iterator[IO[bytes]]:
    """A file that holds `first` and what follows in `stream`. Raises NoRoomError where it does not fit.

    `size` is what it will need, as far as that is known. Where `stream` gives zeros, no room is taken for them.
    """
    if size > _free():
        raise NoRoomError
    with tempfile.TemporaryFile(buffering=0) as file:
        try:
            _fill(file, first, stream)
        except OSError as error:
            if error.errno in FULL:
                raise NoRoomError from error
            raise
        yield file


def _fill(file: IO[bytes], first: bytes, stream: Readable) -> None:
    left = _free() - len(first)
    file.write(first)
    while chunk := stream.read(CHUNK):
        if chunk[0] == 0 and chunk.count(0) == len(chunk):
            file.seek(len(chunk), os.SEEK_CUR)
            continue
        left -= len(chunk)
        if left < 0:
            raise NoRoomError
        _write(file, chunk)
    file.truncate()


def _write(file: IO[bytes], data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _free() -> int:
    return shutil.disk_usage(tempfile.gettempdir()).free - KEPT_FREE


@contextmanager
def named(file: IO[bytes]) -> Iterator[Path]:
    """A path of a temporary file, for libraries that open it themselves."""
    path = Path(f"/proc/self/fd/{file.fileno()}")
    if path.exists():
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(part(file), copy, CHUNK)
        copy.flush()
        yield Path(copy.name)
