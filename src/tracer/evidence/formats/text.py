r"""Text logs: one record per line, or from one line that begins a record to the next.

Options:

* `start`: a regular expression; a line that it matches at its beginning begins a record, other lines belong to the record
  before (default: every line is a record).
* `fields`: how values lie in a record: `kv` (`key=value`, `key="value"`), `leef`, `cef`, `json` (a record that is an
  object: its fields, and the whole of it as `json`) or `regex`; or a list of them.
* `year`: the year of syslog times that say none (`Mar  4 08:02:01`), which nothing else in such a file tells.
* `patterns`: for `regex`, expressions whose named groups become fields; the first one that is found counts. Groups that
  took no part are left out; a pattern may span lines.

Every record has `message`, the text behind its syslog header, and where there is one (RFC 3164 or 5424) `syslog.time`,
`syslog.host`, `syslog.app`, `syslog.pid`, `syslog.id`, `syslog.priority`, `syslog.data`. All values are text.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece
from tracer.evidence.formats._fields import cef, json_object, kv, leef
from tracer.evidence.formats._lines import SHOWN, is_text, lines, too_long
from tracer.evidence.formats._syslog import syslog
from tracer.sources.characters import MARK, text
from tracer.sources.declarations import Declaration
from tracer.sources.faults import fault
from tracer.sources.patterns import compiled, looked_through

YEARLESS = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:")


def looks(content: Content) -> bool:
    """Whether it is text."""
    return is_text(content.head)


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The records, each with its fields."""
    read = reader(declaration.options)
    start = declaration.options.get("start")
    begins = re.compile(str(start).encode()) if start else None
    for ordinal, (offset, raw, size) in enumerate(_records(content, begins)):
        problem, value = too_long(size), None
        if problem is None:
            try:
                value = read(text(raw))
            except (ValueError, RecursionError, OverflowError, MemoryError) as error:
                problem = fault(error)
        yield Piece(ordinal, offset, raw, problem, value)


def _records(content: Content, begins: re.Pattern[bytes] | None) -> Iterator[tuple[int, bytes, int]]:
    """Offset, bytes and size of every record; of one that is too long the bytes are its beginning."""
    # One stretch of bytes, and no list of lines: empty ones would take a hundred times their length.
    place, begun, held, size = 0, 0, bytearray(), 0
    with content.open() as stream:
        for line in lines(stream):
            data = line.data.removeprefix(MARK)
            length = line.size - len(line.data) + len(data)
            place += line.size
            if begins is None:
                yield from _trimmed(place - length, data, length)
                continue
            if not size or begins.match(data):
                yield from _trimmed(begun, bytes(held), size)
                begun, held, size = place - length, bytearray(), 0
            size += length
            if not too_long(size):
                held += data
            elif not held:
                held += data[:SHOWN]
        yield from _trimmed(begun, bytes(held), size)


def _trimmed(begun: int, raw: bytes, size: int) -> Iterator[tuple[int, bytes, int]]:
    if raw.strip():
        lead = len(raw) - len(raw.lstrip(b"\r\n"))
        raw = raw.strip(b"\r\n")
        yield (begun + lead, raw[:SHOWN], size) if too_long(size) else (begun + lead, raw, len(raw))


Reader = Callable[[str], dict[str, Any]]


def reader(options: dict[str, Any]) -> Reader:
    """What makes a dict of one record's text."""
    named = options.get("fields", ())
    kinds = [named] if isinstance(named, str) else list(named)
    year = options.get("year")
    patterns = tuple(_pattern(one) for one in options.get("patterns", ()))

    def read(text: str) -> dict[str, Any]:
        header, message = syslog(text)
        found: dict[str, Any] = {"message": message}
        if year and YEARLESS.match(header.get("time", "")):
            header["time"] = f"{year} {header['time']}"
        if header:
            found["syslog"] = header
        for kind in kinds:
            if kind == "regex":
                # What looked like a header may be how the program itself begins its lines.
                found_in = (
                    one.search(said)
                    for said in dict.fromkeys(map(looked_through, (message, text)))
                    for one in patterns
                )
                match = next((m for m in found_in if m), None)
                found |= {k: v for k, v in match.groupdict().items() if v is not None} if match else {}
            elif kind == "json":
                own = json_object(message)
                if isinstance(inner := own.get("syslog"), dict):
                    found["syslog"] = inner | header
                found = own | found
            else:
                found |= {"kv": kv, "leef": leef, "cef": cef}[kind](message)
        return found

    return read


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return compiled(text)
