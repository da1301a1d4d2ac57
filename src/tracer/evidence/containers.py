"""From what is handed in to contents: files decompressed, archives opened, folders that are one piece of evidence.

Nothing is read into memory as a whole: a content is opened as often as somebody wants to read it. Its SHA-256 and size
are those of the file (or member) as it was handed in; offsets are bytes of the decompressed content, and `place` says where
they lie in a file whose text is not UTF-8.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from tracer.errors import CaseError
from tracer.evidence.allowance import Allowance, Meter
from tracer.evidence.archives import Member, Opening, tar_members, zip_members
from tracer.evidence.archives import held as held
from tracer.evidence.decompress import compression, decompressed
from tracer.evidence.encoding import Places, as_file, encoding_of, transcoded
from tracer.evidence.temporary import named, part, temporary
from tracer.limits import Limit
from tracer.machine.children import alive

HEAD = 1 << 16
"""Bytes of a content that are looked at to recognise it."""

DEEPEST = Limit(
    8,
    "levels",
    bounds="compressions and archives inside each other that are opened",
    why="an archive of compressed archives of compressed logs has five",
    beyond="what lies deeper is not read, and a reject names it",
)

WHOLE = Limit(
    1 << 29,
    "bytes",
    bounds="a file that is read as a whole (a register, Terraform's HCL, the text of git log)",
    why="people write these, or a program about one repository; it is held in memory several times over",
    beyond="the file is not read, and a sentence says so",
)

CHUNK = 1 << 20


class Content:
    """One file, member of an archive, or folder, as formats read it: text is UTF-8, whatever the file has it in.

    `path` is where it was found (`archive!member`), `on_disk` where it lies, if it is a file itself. `folder` is set where it is a
    folder; then it has no bytes, `stands_for` are the bytes whose SHA-256 is its own, and nothing outside of `within` is
    to be opened for it. `problem` says where reading broke off, once it was read; if it is `refused`, why nothing of it
    is, and `lost` whether that may be evidence.
    """

    def __init__(
        self,
        path: str,
        opening: Opening,
        *,
        allowance: Allowance | None = None,
        on_disk: Path | None = None,
        folder: Path | None = None,
        within: Path | None = None,
        stands_for: bytes | None = None,
    ) -> None:
        self.path = path
        self.on_disk = on_disk
        self.folder = folder
        self.within = within
        self.stands_for = stands_for
        self.problem: str | None = None
        self.refused = self.lost = False
        self._opening = opening
        self._allowance = allowance or Allowance(0)
        self._meters: list[Meter] = []
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

    def handed_in(self) -> BinaryIO:
        """A fresh stream of the bytes as they were handed in."""
        return self._opening(self._note)

    def _through(self, stages: int) -> BinaryIO:
        if stages == 0:
            self._raw = self.handed_in()
            return self._raw
        if len(self._meters) < stages:
            self._meters.append(Meter(self._allowance))
        below, meter = (lambda: self._through(stages - 1)), self._meters[stages - 1]
        return decompressed(self.kinds[stages - 1], below, self._note, meter)

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
        """All decompressed bytes, for formats whose files are small. Raises CaseError where they are not."""
        with self.open() as stream:
            found = stream.read(WHOLE + 1)
        if len(found) > WHOLE:
            raise CaseError(
                f"this file is too large for what it is (more than {WHOLE} bytes)",
                where=self.path,
                todo="split it",
            )
        return found

    @contextmanager
    def file(self) -> Iterator[Path]:
        """A real file that holds the decompressed bytes, for libraries that take nothing else.

        Raises NoRoomError where the temporary folder cannot hold it.
        """
        if self.on_disk is not None and not self.kinds and self.encoding is None:
            yield self.on_disk
            return
        with self.open() as stream, temporary(b"", stream) as file, named(file) as path:
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
                alive()
                size += len(chunk)
        return found.hexdigest(), size


def unpack(
    path: str,
    opening: Opening,
    *,
    on_disk: Path | None = None,
    allowance: Allowance | None = None,
    depth: int = 0,
) -> Iterator[Content]:
    """The file itself, decompressed, or every member of an archive as `archive!member`.

    A member lives only until the next one is asked for. `allowance` is what is left of that of the file it lies in.
    """
    if allowance is None:
        allowance = Allowance(_size(opening))
    content = Content(path, opening, allowance=allowance, on_disk=on_disk)
    while True:
        with content.open() as stream:
            head = stream.read(512)
        kind = compression(head)
        if kind is None:
            content.encoding = encoding_of(head)
            yield content
            return
        if depth >= DEEPEST:
            yield _refused(content, f"this is packed {DEEPEST} times inside something else, and not opened")
            return
        depth += 1
        if kind in ("zip", "tar"):
            break
        content.kinds.append(kind)
    said, lost = list[str](), False
    for member in _members(kind, content, allowance):
        if member.open is not None:
            yield from unpack(f"{path}!{member.name}", member.open, allowance=allowance, depth=depth)
        elif member.name:
            yield refused(f"{path}!{member.name}", member.problem, lost=member.lost)
        else:
            said.append(member.problem)
            lost = lost or member.lost
    if content.problem:
        said.append(content.problem)
    if said:
        yield _refused(content, "; ".join(said), lost=lost or content.problem is not None)


def _members(kind: str, content: Content, allowance: Allowance) -> Iterator[Member]:
    with content.open() as stream:
        if kind == "tar":
            yield from tar_members(stream, allowance)
        elif stream.seekable():
            yield from zip_members(stream, allowance)
        else:
            try:
                with temporary(b"", stream) as file:
                    yield from zip_members(part(file), allowance)
            except CaseError as error:
                yield Member("", None, f"{error.what}; {error.todo}")


def _size(opening: Opening) -> int:
    with opening(lambda problem: None) as stream:
        return stream.seek(0, io.SEEK_END)


def _refused(content: Content, problem: str, *, lost: bool = True) -> Content:
    found = Content(content.path, content._opening)
    found.problem, found.refused, found.lost = problem, True, lost
    return found


def refused(path: str, problem: str, *, lost: bool = True) -> Content:
    """Something that is not read, for a reason: it is what its path and the reason say."""
    found = Content(path, held(b""), stands_for=f"{path}\n{problem}".encode("utf-8", "surrogateescape"))
    found.problem, found.refused, found.lost = problem, True, lost
    return found
