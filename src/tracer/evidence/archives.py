"""The members of archives, one after the other: how to open each, or why it is not read.

Nothing is written under a name that stands in an archive, and no link in one is followed.
"""

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import IO, Any, BinaryIO, NamedTuple

from isal import isal_zlib

from tracer.errors import TracerError
from tracer.evidence.allowance import Allowance
from tracer.evidence.decompress import CHUNK, Note, Stream, decompressed
from tracer.evidence.temporary import Readable, part, temporary
from tracer.limits import Limit

Opening = Callable[[Note], BinaryIO]
"""Opens a fresh stream from the beginning; where it cannot be read to its end it ends there, and that is noted."""

IN_MEMORY = 8 << 20
"""Bytes of a member that are held in memory; of larger ones only where they lie, or a temporary file."""

LONGEST_NAME = Limit(
    4096,
    "characters",
    bounds="the name of a member of an archive",
    why="no file system has longer paths",
    beyond="the member is read under the beginning of its name",
)

HEADERS = Limit(
    1 << 20,
    "bytes",
    bounds="what stands before a member of a tar archive: its name, its attributes, the map of its holes",
    why="a thousand times what archives of logs have; the map of a file with 40,000 holes still fits",
    beyond="the archive is read up to there, and a reject says where it broke off",
)

LINKS_NAMED = Limit(
    20,
    "members",
    bounds="members of an archive that are no files (links, devices), each of which is listed with a sentence of its own",
    why="more than a few say nothing that their number does not",
    beyond="one sentence says how many more there are",
)


class Member(NamedTuple):
    """One member: how to open it, or why it is not read; `lost` says that it would have been evidence."""

    name: str
    open: Opening | None = None
    problem: str = ""
    lost: bool = True


class BrokenError(Exception):
    """An archive goes on in a way that makes no sense; what says how."""


class Archive:
    """What all archives have in common: the number of members, and what is said of those that are not read."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self.others = 0

    def no_file(self, name: str, what: str) -> Iterator[Member]:
        """A member that is no file."""
        self.others += 1
        if self.others <= LINKS_NAMED:
            yield Member(name, None, f"this member is {what}, and not followed", lost=False)

    def unread(self, name: str, size: int) -> Member | None:
        """What is said of a member of this size, if it may not be unpacked."""
        if self.allowance.takes(size):
            return None
        why = f"this member would unpack to {size} bytes, which is beyond what such an archive may hold"
        return Member(name, None, f"{why}; if it is evidence, hand it in by itself")

    def ended(self) -> bool:
        """Whether no more members may be read."""
        return self.allowance.spent or not self.allowance.takes_member()

    def rest(self) -> Iterator[Member]:
        """What is said at the end."""
        if self.allowance.spent:
            yield Member(
                "",
                None,
                "this archive would unpack to more than such an archive may hold; what came before was read",
            )
        elif self.allowance.members < 0:
            yield Member(
                "",
                None,
                "this archive has more members than such an archive may have; those before were read",
            )
        if self.others > LINKS_NAMED:
            more = f"{self.others - LINKS_NAMED} more members are links or devices, and not followed"
            yield Member("", None, more, lost=False)


def held(data: bytes) -> Opening:
    """An opening of bytes that are in memory."""
    return lambda note: io.BytesIO(data)


@contextmanager
def spooled(stream: Readable, size: int = 0) -> Iterator[Opening]:
    """An opening of what a stream holds that can be read only once: in memory, or in a temporary file if it is large.

    `size` is what it says it holds. Raises NoRoomError where it does not fit into the temporary folder.
    """
    first = stream.read(IN_MEMORY)
    if len(first) < IN_MEMORY:
        yield held(first)
        return
    with temporary(first, stream, size) as file:
        yield lambda note: part(file)


def tar_members(stream: BinaryIO, allowance: Allowance) -> Iterator[Member]:
    """The members of a tar archive in their order, each only until the next is asked for; how it broke off comes last."""
    archive, walk = Archive(allowance), _Walk(stream)
    try:
        source: Any = walk
        with tarfile.TarFile(
            fileobj=source, tarinfo=_Header, encoding="utf-8", errors="surrogateescape"
        ) as tar:
            while (member := _next(tar, walk)) is not None and not archive.ended():
                yield from _of_tar(tar, walk, member, archive)
        problem = ""
    except BrokenError as error:
        problem = str(error)
    except Exception as error:
        # The library raises whatever its layers raise on broken data: every one of them means the same here.
        problem = str(error) or type(error).__name__
    yield from archive.rest()
    if problem:
        yield Member("", None, f"this tar archive is broken ({problem}); what came before was read")


def _next(tar: tarfile.TarFile, walk: "_Walk") -> tarfile.TarInfo | None:
    walk.left = int(HEADERS)
    member = tar.next()
    # It would hold all members until the end.
    tar.members.clear()  # type: ignore[attr-defined]
    walk.left = None
    return member


def _of_tar(
    tar: tarfile.TarFile, walk: "_Walk", member: tarfile.TarInfo, archive: Archive
) -> Iterator[Member]:
    name = member.name[:LONGEST_NAME]
    if member.isdir():
        return
    if not member.isfile():
        yield from archive.no_file(name, _what(member))
        return
    holes = bool(member.issparse())
    refused = archive.unread(name, member.size) if holes else None
    if refused is not None:
        yield refused
    elif walk.seekable and not holes:
        yield Member(name, partial(_slice, walk.stream, member))
    else:
        inside: Any = tar.extractfile(member) if holes else walk
        walk.seek(member.offset_data)
        yield from _spooled(name, _Whole(inside, member.size), 0 if holes else member.size)


def _spooled(name: str, whole: "_Whole", size: int) -> Iterator[Member]:
    """A member that can be read only once, and of which so much may need room."""
    try:
        with spooled(whole, size) as opening:
            yield Member(name, partial(_noted, opening, whole))
    except TracerError as error:
        yield Member(name, None, f"{error.what}; {error.todo}")


def _slice(stream: BinaryIO, member: tarfile.TarInfo, note: Note) -> BinaryIO:
    found = part(stream, member.offset_data, member.size)
    if stream.seek(0, io.SEEK_END) < member.offset_data + member.size:
        note(SHORT)
    return found


def _noted(opening: Opening, whole: "_Whole", note: Note) -> BinaryIO:
    if whole.problem:
        note(whole.problem)
    return opening(note)


def _what(member: tarfile.TarInfo) -> str:
    if member.issym():
        return f"a link to {member.linkname[:LONGEST_NAME]}"
    if member.islnk():
        return f"the same file as {member.linkname[:LONGEST_NAME]} (a hard link)"
    if member.isfifo():
        return "a named pipe"
    return "a device" if member.isdev() else f"no file (of type {member.type!r})"


SHORT = "the archive ends within this member: it is cut off; what came before was read"


class _Whole:
    """A member as long as it can be read; `problem` says where it broke off."""

    def __init__(self, inside: IO[bytes], size: int) -> None:
        self._inside = inside
        self._left = size
        self.problem = ""

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        wanted = min(size, self._left)
        try:
            data = self._inside.read(wanted) if wanted else b""
        except (tarfile.TarError, BrokenError):
            data = b""
        if len(data) < wanted:
            self.problem = SHORT
        self._left -= len(data)
        return data


class _Walk:
    """The bytes of a tar archive for the library, forward only, and only so many while it reads headers."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.seekable = stream.seekable()
        self.left: int | None = int(HEADERS)
        self._place = 0

    def tell(self) -> int:
        """The place in the archive."""
        return self._place

    def seek(self, place: int) -> None:
        """Go on to a place. Raises BrokenError where it lies before this one, or behind the end."""
        if place < self._place:
            raise BrokenError("a member says that it begins before the one that it follows")
        if self.seekable:
            self._place = place
        while self._place < place:
            read = len(self.stream.read(min(place - self._place, CHUNK)))
            if not read:
                raise BrokenError("it ends before the end of a member: it is cut off")
            self._place += read

    def read(self, size: int) -> bytes:
        """Bytes that follow. Raises BrokenError where headers are too long."""
        if self.left is not None:
            self.left -= size
            if self.left < 0:
                raise BrokenError("what stands before a member is longer than any name or attribute")
        if self.seekable:
            self.stream.seek(self._place)
        data = self.stream.read(size)
        self._place += len(data)
        return data


class _Header(tarfile.TarInfo):
    """A header of a tar archive; where it is none the archive is broken, which the library takes for its end."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: Any, errors: Any) -> "_Header":
        """The header in a block. Raises BrokenError where there is none."""
        if not buf:
            raise BrokenError("it ends without its end mark: it may be cut off")
        try:
            found = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if not any(buf):
                raise
            raise BrokenError(str(error)) from error
        if found.size < 0:
            raise BrokenError("a member says that it has less than no bytes")
        return found


def zip_members(file: BinaryIO, allowance: Allowance) -> Iterator[Member]:
    """The members of a zip archive by name; `file` must be one in which can be sought. What cannot be read comes last."""
    archive = Archive(allowance)
    try:
        if not _few_enough(file, allowance.members):
            yield Member(
                "", None, "this zip archive has more members than one of its size may have, and is not read"
            )
            return
        with zipfile.ZipFile(file) as directory:
            members = sorted(directory.infolist(), key=lambda one: one.orig_filename)
    except Exception as error:
        # The library raises whatever its layers raise on broken data: every one of them means the same here.
        yield Member("", None, f"this zip archive is broken ({error})")
        return
    for member in members:
        if not member.is_dir():
            if archive.ended():
                break
            yield from _of_zip(file, member, archive)
    yield from archive.rest()


def _of_zip(file: BinaryIO, member: zipfile.ZipInfo, archive: Archive) -> Iterator[Member]:
    name = member.orig_filename[:LONGEST_NAME]
    mode = member.external_attr >> 16 if member.create_system == UNIX else 0
    kind = METHODS.get(member.compress_type)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        yield from archive.no_file(name, "a link" if stat.S_ISLNK(mode) else "a device or a pipe")
    elif member.flag_bits & ENCRYPTED:
        yield Member(name, None, f"this member is encrypted; {BY_ITSELF}")
    elif kind is None:
        why = f"this member is compressed in a way that is not known here (method {member.compress_type})"
        yield Member(name, None, f"{why}; {BY_ITSELF}")
    else:
        refused = archive.unread(name, member.file_size)
        yield refused or Member(name, partial(_unzipped, file, member, kind))


BY_ITSELF = "unpack it and hand in the file"

UNIX, ENCRYPTED, END_MARK, NO_SIZE = 3, 1, 2, (1 << 64) - 1

METHODS = {0: "", 8: "deflate", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz"}
"""How members are compressed: the numbers of the zip format (APPNOTE 4.4.5)."""


def _unzipped(file: BinaryIO, member: zipfile.ZipInfo, kind: str, note: Note) -> BinaryIO:
    """The content of a member, which must be as long as it says and have the checksum that it says."""
    file.seek(max(member.header_offset, 0))
    head = file.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        note("no such member is where the directory of the archive says it is")
        return io.BytesIO()
    begin = member.header_offset + 30 + sum(struct.unpack("<2H", head[26:30]))
    said: list[str] = []
    packed = partial(_as_lzma if kind == "lzma" else _packed, file, begin, member)
    source = decompressed(kind, packed, said.append) if kind else packed()
    return io.BufferedReader(Stream(_checked(source, member, said, note), source), CHUNK)


def _packed(file: BinaryIO, begin: int, member: zipfile.ZipInfo) -> BinaryIO:
    return part(file, begin, member.compress_size)


def _as_lzma(file: BinaryIO, begin: int, member: zipfile.ZipInfo) -> BinaryIO:
    """As a file of the format .lzma, whose header is another: properties, and the size (all bits set: there is an end mark)."""
    inside = part(file, begin, member.compress_size)
    properties = inside.read(9)[4:]
    size = NO_SIZE if member.flag_bits & END_MARK else member.file_size
    chunks = chain([properties + struct.pack("<Q", size)], iter(partial(inside.read, CHUNK), b""))
    return io.BufferedReader(Stream(chunks, inside), CHUNK)


def _checked(source: BinaryIO, member: zipfile.ZipInfo, said: list[str], note: Note) -> Iterator[bytes]:
    left, found, more = member.file_size, 0, False
    while not more and (chunk := source.read(CHUNK)):
        more = len(chunk) > left
        chunk = chunk[:left]
        left -= len(chunk)
        found = isal_zlib.crc32(chunk, found)
        yield chunk
    if said:
        note(said[0])
    elif more or left:
        note(
            f"this member holds {'more' if more else 'less'} than its archive says; what came before was read"
        )
    elif found != member.CRC:
        note("this member is broken (its checksum is another); it was read as it is")


def _few_enough(file: BinaryIO, most: int) -> bool:
    """Whether the directory of a zip archive has no more entries than this: the library would hold them all at once."""
    length = file.seek(0, io.SEEK_END)
    tail_begin = max(length - END - 0xFFFF - FAR_END, 0)
    file.seek(tail_begin)
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + END:
        return True  # the library says that it is broken
    (size,) = struct.unpack_from("<I", tail, end + 12)
    begin = tail_begin + end - size
    if tail[max(end - 20, 0) : end].startswith(b"PK\x06\x07") and end >= FAR_END:
        (size,) = struct.unpack_from("<Q", tail, end - FAR_END + 40)
        begin = tail_begin + end - FAR_END - size
    if size <= most * ENTRY or begin < 0:
        return True
    file.seek(begin)
    for _ in range(most + 1):
        head = file.read(ENTRY)
        if len(head) < ENTRY or head[:4] != b"PK\x01\x02":
            return True
        file.seek(sum(struct.unpack("<3H", head[28:34])), io.SEEK_CUR)
    return False


END, FAR_END, ENTRY = 22, 76, 46
"""Lengths in a zip archive: of the record at its end, of those of a very large one before it, of an entry of its directory."""
