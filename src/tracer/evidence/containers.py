"""From what is handed in to contents: files decompressed, archives opened, folders that are one piece of evidence.

Nothing is read into memory as a whole: a content is opened as often as somebody wants to read it. Its SHA-256 and size
are those of the file (or member) as it was handed in; offsets are bytes of the decompressed content, and `place` says where
they lie in a file whose text is not UTF-8.
"""

import hashlib
import io
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from tracer.evidence.decompress import Opener, compression, decompressed
from tracer.evidence.encoding import Places, as_file, encoding_of, transcoded

HEAD = 1 << 16
"""Bytes of a content that are looked at to recognise it."""

DEEPEST = 4
"""Compressions and archives inside each other that are opened."""

IN_MEMORY = 8 << 20
"""Bytes of an archive's member that are held in memory; larger ones go to a temporary file."""

CHUNK = 1 << 20


class Content:
    """One file, member of an archive, or folder, as formats read it: text is UTF-8, whatever the file has it in.

    `path` is where it was found (`archive!member`). `folder` is set where it is a folder; then it has no bytes, and
    `stands_for` are the bytes whose SHA-256 is its own. `problem` says where reading broke off, once it was read.
    """

    def __init__(
        self, path: str, opener: Opener, *, folder: Path | None = None, stands_for: bytes | None = None
    ) -> None:
        self.path = path
        self.folder = folder
        self.stands_for = stands_for
        self.problem: str | None = None
        self.handed_in = opener
        self._raw: BinaryIO | None = None
        self.kinds: list[str] = []
        self.encoding: str | None = None
        self._places: Places | None = None

    def open(self) -> BinaryIO:
        """A fresh stream of the decompressed bytes; where they break off it ends, and `problem` says so."""
        return (
            transcoded(self.encoding, self._decompressed, self._note)
            if self.encoding
            else self._decompressed()
        )

    def _decompressed(self) -> BinaryIO:
        return self._through(len(self.kinds))

    def _through(self, stages: int) -> BinaryIO:
        if stages == 0:
            self._raw = self.handed_in()
            return self._raw
        return decompressed(self.kinds[stages - 1], lambda: self._through(stages - 1), self._note)

    def place(self, offset: int) -> int:
        """Where in the decompressed file the byte lies that is at `offset` in what `open` gives."""
        if self.encoding is None:
            return offset
        if self._places is None:
            self._places = Places(self.encoding, self._decompressed)
        return self._places.of(offset)

    def as_handed_in(self, raw: bytes) -> bytes:
        """The bytes that a part of what `open` gives has in the decompressed file."""
        return as_file(raw, self.encoding) if self.encoding else raw

    def position(self) -> int:
        """Bytes of what was handed in that the stream opened last has read."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else 0

    def _note(self, problem: str) -> None:
        self.problem = problem

    @cached_property
    def head(self) -> bytes:
        """The first bytes, decompressed."""
        with self.open() as stream:
            return stream.read(HEAD)

    def read(self) -> bytes:
        """All decompressed bytes: only for formats whose files are small."""
        with self.open() as stream:
            return stream.read()

    @contextmanager
    def file(self) -> Iterator[Path]:
        """A real file that holds the decompressed bytes, for libraries that take nothing else."""
        if not self.kinds and self.encoding is None and Path(self.path).is_file():
            yield Path(self.path)
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "content"
            with path.open("wb") as target, self.open() as stream:
                shutil.copyfileobj(stream, target, CHUNK)
            yield path

    @cached_property
    def digest(self) -> tuple[str, int]:
        """SHA-256 and size of what was handed in; of a folder, of what its format says stands for it."""
        if self.stands_for is not None:
            return hashlib.sha256(self.stands_for).hexdigest(), len(self.stands_for)
        found, size = hashlib.sha256(), 0
        with self.handed_in() as stream:
            while chunk := stream.read(CHUNK):
                found.update(chunk)
                size += len(chunk)
        return found.hexdigest(), size


def unpack(path: str, opener: Opener, depth: int = 0) -> Iterator[Content]:
    """The file itself, decompressed, or every member of an archive as `archive!member`.

    A member lives only until the next one is asked for.
    """
    content = Content(path, opener)
    while depth < DEEPEST:
        with content.open() as stream:
            head = stream.read(512)
        kind = compression(head)
        if kind == "zip":
            yield from _zip(content, depth)
            return
        if kind == "tar":
            yield from _tar(content, depth)
            return
        if kind is None:
            content.encoding = encoding_of(head)
            break
        content.kinds.append(kind)
        depth += 1
    yield content


def held(data: bytes) -> Opener:
    """An opener of bytes that are in memory."""
    return lambda: io.BytesIO(data)


def _refused(path: str, problem: str) -> Content:
    content = Content(path, held(b""))
    content.problem = problem
    return content


@contextmanager
def spooled(stream: BinaryIO) -> Iterator[Opener]:
    """An opener of what a stream holds that can be read only once: in memory, or in a temporary file if it is large."""
    first = stream.read(IN_MEMORY)
    if len(first) < IN_MEMORY:
        yield held(first)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "member"
        with path.open("wb") as target:
            target.write(first)
            shutil.copyfileobj(stream, target, CHUNK)
        yield lambda: path.open("rb")


def _zip(content: Content, depth: int) -> Iterator[Content]:
    try:
        with content.file() as file, zipfile.ZipFile(file) as archive:
            for member in sorted(archive.infolist(), key=lambda one: one.filename):
                if member.is_dir():
                    continue
                name = f"{content.path}!{member.filename}"
                try:
                    with archive.open(member) as stream, spooled(stream) as opener:  # type: ignore[arg-type]
                        yield from unpack(name, opener, depth + 1)
                except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
                    yield _refused(name, f"this member cannot be read ({error})")
    except (zipfile.BadZipFile, OSError) as error:
        yield _refused(content.path, f"this zip archive is broken ({error})")


def _tar(content: Content, depth: int) -> Iterator[Content]:
    try:
        with content.open() as whole, tarfile.open(fileobj=whole, mode="r|") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    with spooled(stream) as opener:  # type: ignore[arg-type]
                        yield from unpack(f"{content.path}!{member.name}", opener, depth + 1)
    except (tarfile.TarError, EOFError, OSError) as error:
        yield _refused(content.path, f"this tar archive is broken ({error})")
    if content.problem:
        yield _refused(content.path, content.problem)
