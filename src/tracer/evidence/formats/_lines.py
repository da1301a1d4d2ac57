"""Lines of a stream, of which none is held that is longer than the limit: it is read to its end, and its beginning kept."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tracer.evidence.containers import Content
from tracer.limits import Limit

LONGEST = Limit(
    64 << 20,
    "bytes",
    bounds="one line or record of a text log, one row of a table, one record of XML",
    why="the longest that products write hold a document or a picture and stay below 20 MB; what is read takes some times its length in memory",
    beyond="it is read to its end in little memory and is one reject; what follows it is read",
)

CHUNK = 1 << 18
SHOWN = 1 << 12
"""Bytes that a reject keeps of what is too long."""

CONTROLS = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
LOOKED_AT = 1 << 12
BINARY = 10
"""One control character in so few bytes: text has none, or now and then one."""


class Line(NamedTuple):
    """A line with its end, and how long it is; of one that is too long the beginning, and why it cannot be read."""

    data: bytes
    size: int
    problem: str | None = None


def too_long(size: int) -> str | None:
    """Why what has so many bytes cannot be read; None where it can."""
    if size <= LONGEST:
        return None
    return f"the record is longer than {LONGEST} bytes: of its {size} only the first are kept; what follows was read"


def lines(stream: BinaryIO) -> Iterator[Line]:
    """Every line of the stream."""
    while line := stream.readline(LONGEST + 1):
        size = len(line)
        if size <= LONGEST:
            yield Line(line, size)
            continue
        more = line
        while more and more[-1:] != b"\n":
            more = stream.readline(CHUNK)
            size += len(more)
        yield Line(line[:SHOWN], size, too_long(size))


def lines_by_return(stream: BinaryIO) -> Iterator[Line]:
    """Every line of a stream in which a lone carriage return ends one too, as Macintoshes wrote it."""
    rest, size = b"", 0
    while chunk := stream.read(max(CHUNK, len(rest))):
        for part in (rest + chunk).splitlines(keepends=True):
            size += len(part) - len(rest)
            if part[-1:] in b"\r\n":
                yield Line(part if size <= LONGEST else part[:SHOWN], size, too_long(size))
                rest, size = b"", 0
            else:
                rest = part if size <= LONGEST else part[:SHOWN]
    if size:
        yield Line(rest, size, too_long(size))


def up_to(content: Content, limit: Limit) -> bytes:
    """All bytes of a content that is held as a whole. Raises ValueError where they are more than the limit."""
    with content.open() as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"the file is larger than {limit} bytes")
    return data


def is_text(head: bytes) -> bool:
    """Whether what begins so is text; NUL, which a crash leaves in logs, says nothing against it."""
    seen = head[:LOOKED_AT].replace(b"\x00", b"").strip()
    return bool(seen) and (len(seen) - len(seen.translate(None, CONTROLS))) * BINARY < len(seen)
