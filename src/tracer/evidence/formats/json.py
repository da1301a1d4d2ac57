"""JSON: an array, an object that holds one, one object per line, or objects one after another.

The fast path asks msgspec for the borders of a whole document; whatever it refuses is walked token by token, so that a
broken record costs only itself. Offsets are bytes in the decompressed file; ordinals count records from 0.
"""

import re
from collections.abc import Iterator

import msgspec

from tracer.evidence.containers import Content
from tracer.evidence.declarations import Declaration
from tracer.evidence.formats import Piece

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],]', re.DOTALL)


def looks(content: Content) -> bool:
    """Whether it begins as an object or an array does."""
    return content.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The records, those in the arrays that the declaration names among them."""
    yield from records(content.read(), declaration.containers)


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
