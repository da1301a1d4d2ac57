"""From bytes to records: decompression, archives, and where each JSON record begins and ends.

The fast path asks msgspec for the borders of a whole document; whatever it refuses is walked token by token, so that a
broken record costs only itself. Offsets are bytes in the decompressed file; ordinals count records from 0.
"""

import bz2
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

LARGEST = 4 << 30
"""Decompressed bytes of one file or member after which the rest is refused (a bomb, not evidence)."""

STEP = 4096
"""Compressed bytes per step when a broken file is salvaged."""

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],]', re.DOTALL)


class Piece(NamedTuple):
    """One record's bytes and where it lies."""

    ordinal: int
    offset: int
    raw: bytes
    problem: str | None = None


@dataclass(frozen=True)
class Content:
    """A file, or a member of an archive, decompressed; `problem` says where that broke off."""

    path: str
    data: bytes
    problem: str | None = None


def unpack(path: str, data: bytes, depth: int = 0) -> Iterator[Content]:
    """The file itself, decompressed, or every member of an archive as `archive!member`."""
    if depth > 3:
        yield Content(path, data)
    elif data[:4] == b"PK\x03\x04":
        yield from _zip(path, data, depth)
    elif data[:2] == b"\x1f\x8b":
        yield from unpack_one(path, *_inflate(data), depth)
    elif data[:4] == b"\x28\xb5\x2f\xfd":
        yield from unpack_one(path, *_zstd(data), depth)
    elif data[:3] == b"BZh":
        yield from unpack_one(path, *_stepwise(bz2.BZ2Decompressor(), data), depth)
    elif data[:6] == b"\xfd7zXZ\x00":
        yield from unpack_one(path, *_stepwise(lzma.LZMADecompressor(), data), depth)
    elif data[257:262] == b"ustar":
        yield from _tar(path, data, depth)
    else:
        yield Content(path, data)


def unpack_one(path: str, data: bytes, problem: str | None, depth: int) -> Iterator[Content]:
    """What was inside a compressed file; an archive inside is opened too."""
    if problem is None and (data[257:262] == b"ustar" or data[:4] == b"PK\x03\x04"):
        yield from unpack(path, data, depth + 1)
    else:
        yield Content(path, data, problem)


def _inflate(data: bytes) -> tuple[bytes, str | None]:
    """All members of a gzip file, as far as they can be read."""
    out, rest = bytearray(), data
    while rest[:2] == b"\x1f\x8b":
        reader = zlib.decompressobj(wbits=31)
        try:
            out += reader.decompress(rest, LARGEST - len(out))
        except zlib.error as error:
            out += _salvage(rest)
            return bytes(out), f"the gzip data is broken ({error}); what came before it was read"
        if not reader.eof:
            why = "it would grow beyond the limit" if reader.unconsumed_tail else "the file is cut off"
            return bytes(out), f"the gzip data ends before its end: {why}; what came before was read"
        rest = reader.unused_data
    trailing = rest.strip(b"\0")
    return bytes(out), f"{len(trailing)} bytes of something else follow the gzip data" if trailing else None


def _salvage(data: bytes) -> bytes:
    """What can be inflated of a broken member: in steps, and byte by byte in the step that breaks."""
    reader, out = zlib.decompressobj(wbits=31), bytearray()
    for place in range(0, len(data), STEP):
        before = reader.copy()
        try:
            out += reader.decompress(data[place : place + STEP])
        except zlib.error:
            return bytes(out) + _last_bytes(before, data[place : place + STEP])
        if len(out) > LARGEST:
            break
    return bytes(out)


def _last_bytes(reader: "zlib._Decompress", data: bytes) -> bytes:
    out = bytearray()
    for place in range(len(data)):
        try:
            out += reader.decompress(data[place : place + 1])
        except zlib.error:
            break
    return bytes(out)


def _stepwise(reader: bz2.BZ2Decompressor | lzma.LZMADecompressor, data: bytes) -> tuple[bytes, str | None]:
    out = bytearray()
    try:
        for place in range(0, len(data), 65536):
            if reader.eof:
                break
            out += reader.decompress(data[place : place + 65536])
            if len(out) > LARGEST:
                return bytes(out), "it would grow beyond the limit"
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        return bytes(out), f"the compressed data is broken ({error}); what came before it was read"
    return bytes(out), None if reader.eof else "the compressed data is cut off; what came before was read"


def _zstd(data: bytes) -> tuple[bytes, str | None]:
    import zstandard

    out = bytearray()
    try:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True) as reader:
            while chunk := reader.read(1 << 20):
                out += chunk
                if len(out) > LARGEST:
                    return bytes(out), "it would grow beyond the limit"
    except zstandard.ZstdError as error:
        return bytes(out), f"the zstd data is broken ({error}); what came before it was read"
    return bytes(out), None


def _zip(path: str, data: bytes, depth: int) -> Iterator[Content]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in sorted(archive.infolist(), key=lambda m: m.filename):
                if member.is_dir():
                    continue
                name = f"{path}!{member.filename}"
                if member.file_size > LARGEST:
                    yield Content(name, b"", "this member would grow beyond the limit")
                    continue
                try:
                    yield from unpack(name, archive.read(member), depth + 1)
                except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
                    yield Content(name, b"", f"this member cannot be read ({error})")
    except zipfile.BadZipFile as error:
        yield Content(path, b"", f"this zip archive is broken ({error})")


def _tar(path: str, data: bytes, depth: int) -> Iterator[Content]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    yield from unpack(f"{path}!{member.name}", stream.read(), depth + 1)
    except (tarfile.TarError, EOFError) as error:
        yield Content(path, b"", f"this tar archive is broken ({error})")


def records(data: bytes, containers: tuple[str, ...]) -> list[Piece]:
    """The records of a JSON document (array, or object with an array at one of `containers`) or of JSON lines."""
    start = 3 if data[:3] == b"\xef\xbb\xbf" else 0
    body = data[start:].lstrip()
    offset = len(data) - len(body)
    if body[:1] == b"[":
        return _whole(body, offset, None) or list(_walk(body, offset, 1))
    if _many_lines(body):
        return _lines(data, start)
    for name in containers if body[:1] == b"{" else ():
        if not name:
            continue
        for found in re.finditer(rb'"' + re.escape(name.split(".")[-1].encode()) + rb'"\s*:\s*\[', body):
            if _is_outer(body, found.start(), name):
                return _whole(body, offset, name) or list(_walk(body, offset, found.end()))
    return _lines(data, start)


def _many_lines(body: bytes) -> bool:
    """Whether the first line is a whole record and others follow: then no key inside it holds all records."""
    line, _, rest = body.partition(b"\n")
    if not rest.strip():
        return False
    try:
        msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _is_outer(body: bytes, place: int, name: str) -> bool:
    """Whether the key at `place` lies as deep as its dotted name says (and not inside some record)."""
    depth = 0
    keys: list[bytes] = []
    last = b""
    for match in TOKEN.finditer(body, 0, place):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
            keys.append(last)
        elif token in (b"}", b"]"):
            depth -= 1
            keys = keys[:-1]
        elif token != b",":
            last = token.strip(b'"')
    outer = [key.decode("utf-8", "replace") for key in keys[1:]]
    return depth == name.count(".") + 1 and outer == name.split(".")[:-1]


def _whole(body: bytes, offset: int, name: str | None) -> list[Piece]:
    """Borders by msgspec; empty where the document is not sound as a whole, or has no records."""
    try:
        if name is None:
            raws = msgspec.json.decode(body, type=list[msgspec.Raw])
        else:
            document = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            raw = document[name.split(".")[0]]
            for step in name.split(".")[1:]:
                raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[step]
            raws = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, KeyError, UnicodeDecodeError):
        return []
    found, place = [], 0
    for ordinal, raw in enumerate(raws):
        text = bytes(raw)
        place = body.index(text, place)
        found.append(Piece(ordinal, offset + place, text))
        place += len(text)
    return found


def _walk(body: bytes, offset: int, start: int) -> Iterator[Piece]:
    """The elements of an array, border by border; one that never ends is the last, and broken."""
    depth, begin, ordinal = 0, start, 0
    for match in TOKEN.finditer(body, start):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        if depth < 0 or (depth == 0 and token == b","):
            raw = body[begin : match.start()]
            if raw.strip():
                yield _trimmed(ordinal, offset + begin, raw)
                ordinal += 1
            begin = match.end()
            if depth < 0:
                return
    raw = body[begin:]
    if raw.strip():
        yield _trimmed(ordinal, offset + begin, raw, "the record is cut off: the file ends inside it")


def _trimmed(ordinal: int, offset: int, raw: bytes, problem: str | None = None) -> Piece:
    lead = len(raw) - len(raw.lstrip())
    return Piece(ordinal, offset + lead, raw.strip(), problem)


def _lines(data: bytes, start: int) -> list[Piece]:
    """One record per line; a single object over many lines, or several one after another, are records as well."""
    found: list[Piece] = []
    body = data[start:]
    if _pretty(body):
        return list(_objects(body, start))
    place = start
    for line in body.splitlines(keepends=True) if b"\n" not in body else body.split(b"\n"):
        if line.strip():
            found.append(_trimmed(len(found), place, line))
        place += len(line) + (b"\n" in body)
    return found


def _pretty(body: bytes) -> bool:
    """Whether the first line is only the beginning of a record."""
    first = body.lstrip().split(b"\n", 1)[0].strip()
    return first in (b"{", b"{}") or (first[:1] == b"{" and first[-1:] in (b"{", b",", b"["))


def _objects(body: bytes, start: int) -> Iterator[Piece]:
    depth, begin, ordinal = 0, 0, 0
    for match in TOKEN.finditer(body):
        token = match[0]
        if token in (b"{", b"["):
            if depth == 0:
                begin = match.start()
            depth += 1
        elif token in (b"}", b"]") and depth:
            depth -= 1
            if depth == 0:
                yield Piece(ordinal, start + begin, body[begin : match.end()])
                ordinal += 1
    if depth:
        yield _trimmed(ordinal, start + begin, body[begin:], "the record is cut off: the file ends inside it")
