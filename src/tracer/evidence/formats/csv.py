"""Tables as text: a header and rows, separated by commas, semicolons or tabs; values may hold line breaks.

Options: `columns` (names for a file that has no header), `fewest` (how many of them there are at least, where later versions
of the writer added some at the end). The line `#TYPE …` that PowerShell puts before the header is none.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from tracer.evidence.containers import Content
from tracer.evidence.declarations import Declaration
from tracer.evidence.formats import Piece

BOM = b"\xef\xbb\xbf"
TYPE = re.compile(rb'"?#TYPE [^\r\n]*[\r\n]+')
DELIMITERS = b",;\t|"
LARGEST_ROW = 16 << 20
"""Bytes of one row after which an open quote is taken for a mistake."""

csv.field_size_limit(LARGEST_ROW)


def looks(content: Content) -> bool:
    """Whether the first line has two columns or more, and it is text."""
    line = first_line(content.head)
    return b"\x00" not in content.head[:4096] and len(fields(line, delimiter(line))) > 1


def first_line(head: bytes) -> bytes:
    """The header's bytes: quoted names may hold line breaks, but nobody writes them."""
    text = head.removeprefix(BOM).lstrip(b"\r\n")
    if typed := TYPE.match(text):
        text = text[typed.end() :]
    return text.replace(b"\r", b"\n").partition(b"\n")[0]


def delimiter(line: bytes) -> str:
    """The mark that stands most often outside quotes."""
    bare = b"".join(line.split(b'"')[::2])
    return chr(max(DELIMITERS, key=lambda mark: (bare.count(mark), -DELIMITERS.index(mark))))


def fields(line: bytes, mark: str) -> list[str]:
    """The values of one row; empty where it is none."""
    text = line.decode("utf-8", "surrogateescape").replace("\x00", "\ufffd")
    try:
        return next(csv.reader(text.splitlines(keepends=True), delimiter=mark), [])
    except csv.Error:
        return []


def header_of(content: Content) -> tuple[str, ...]:
    """The names of the columns."""
    line = first_line(content.head)
    return tuple(name.strip() for name in fields(line, delimiter(line)))


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The rows below the header; a row with more or fewer values than the header is a problem."""
    named = declaration.options.get("columns")
    mark = delimiter(first_line(content.head))
    header = tuple(named) if named else header_of(content)
    width = len(fields(first_line(content.head), mark))
    if named and declaration.options.get("fewest", len(named)) <= width:
        header = header[:width]
    skip = named is None
    ordinal = 0
    for offset, raw, values in _rows(content, mark, len(header)):
        if skip:
            skip = False
            continue
        if len(values) != len(header):
            why = f"the row does not have the {len(header)} fields of the header"
            yield Piece(ordinal, offset, raw, why)
        else:
            yield Piece(ordinal, offset, raw, None, dict(zip(header, values, strict=True)))
        ordinal += 1


def _rows(content: Content, mark: str, width: int) -> Iterator[tuple[int, bytes, list[str]]]:
    """Offset, bytes and values of every row that is not blank, the header among them."""
    waiting: deque[tuple[int, bytes]] = deque()
    with content.open() as stream:
        lines, first = _lines(stream, content.head), True
        while True:
            offset, line = waiting.popleft() if waiting else next(lines, (0, b""))
            if not line:
                return
            if not line.strip(b" \r\n") or (first and TYPE.match(line)):
                continue
            first = False
            taken, odd, size = [line], line.count(b'"') % 2 == 1, len(line)
            held: list[tuple[int, bytes]] = []
            while odd and size < LARGEST_ROW:
                more = waiting.popleft() if waiting else next(lines, None)
                if more is None:
                    break
                held.append(more)
                taken.append(more[1])
                size += len(more[1])
                odd ^= more[1].count(b'"') % 2 == 1
            raw = b"".join(taken)
            values = fields(raw, mark)
            if held and (odd or len(values) != width):
                # A quote that nobody closed took the rows behind it along: they are read again without it.
                waiting.extendleft(reversed(held))
                raw, values = line, []
            yield offset, raw.rstrip(b"\r\n"), values


def _lines(stream: BinaryIO, head: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with their ends and offsets; a lone carriage return ends a line in a file that has no other ends."""
    place = 0
    if head.startswith(BOM):
        stream.read(len(BOM))
        place = len(BOM)
    alone = b"\n" not in head and b"\r" in head
    rest = b""
    for line in stream:
        parts = (rest + line).splitlines(keepends=True) if alone else [line]
        rest = parts.pop() if alone and parts and parts[-1][-1:] not in b"\r\n" else b""
        for part in parts:
            yield place, part
            place += len(part)
    if rest:
        yield place, rest
