"""Tables as text: a header and rows, separated by commas, semicolons or tabs; values may hold line breaks.

Options: `columns` (names for a file that has no header), `fewest` (how many of them there are at least, where later versions
of the writer added some at the end). The line `#TYPE …` that PowerShell puts before the header is none.

Quotes that do not pair must not take the rows between them along. Where quotes close behind a break of lines and not
before a mark, no writer meant them: the row is a reject, and reading goes on at its next line. Where they close as they
should, but every line between is a row by itself, nobody can tell a value that looks like rows, which whoever wrote it
may have wanted to be taken for some, from rows that two stray quotes took in: each of these lines is a reject.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece
from tracer.evidence.formats._lines import LONGEST, Line, is_text, lines, lines_by_return, too_long
from tracer.limits import Limit
from tracer.sources.characters import text
from tracer.sources.declarations import Declaration

BOM = b"\xef\xbb\xbf"
TYPE = re.compile(rb'"?#TYPE [^\r\n]*[\r\n]+')
DELIMITERS = b",;\t|"
MOST_COLUMNS = Limit(
    100_000,
    "values",
    bounds="the values of one row of a table",
    why="the widest tables of audit logs have some hundreds of columns, and spreadsheets end at 16,384",
    beyond="the row is a reject, and the others are read",
)

MOST_LINES = Limit(
    100_000,
    "lines",
    bounds="the lines of one row of a table, whose values may hold breaks of lines",
    why="values of many lines are statements, messages and documents, which stay far below it",
    beyond="the quote that opens the row is taken for a stray one: its first line is a reject, the others are read",
)

NEVER_CLOSED = (
    "a quote opens in this row that is never closed: the row is left, and reading goes on at the next line"
)
STRAY = "a quote that opens in this row closes in the midst of a later one: the row is left, and reading goes on at the next line"
LIKE_ROWS = "the lines from here on lie in one pair of quotes, but each is a row by itself: stray quotes, or text that is to look like rows; none of them is read"
ONE_OF_THEM = (
    "this line lies in a pair of quotes with other lines that are rows by themselves: it is not read"
)

csv.field_size_limit(int(LONGEST))


def looks(content: Content) -> bool:
    """Whether the first line has two columns or more, and it is text."""
    line = first_line(content.head)
    return is_text(content.head) and len(fields(line, delimiter(line))) > 1


def first_line(head: bytes) -> bytes:
    """The header's bytes: quoted names may hold line breaks, but nobody writes them."""
    text = head.removeprefix(BOM).lstrip(b"\r\n")
    if typed := TYPE.match(text):
        text = text[typed.end() :]
    return text.replace(b"\r", b"\n").partition(b"\n")[0]


def delimiter(line: bytes) -> str:
    """The mark that stands most often outside quotes."""
    bare = _outside(line)
    return chr(max(DELIMITERS, key=lambda mark: (bare.count(mark), -DELIMITERS.index(mark))))


def _outside(line: bytes) -> bytes:
    """What stands outside quotes."""
    return b"".join(line.split(b'"')[::2])


def fields(line: bytes, mark: str, *, strict: bool = False) -> list[str]:
    """The values of one row; empty where it is none, if `strict` also where a quote closes before anything but a mark."""
    try:
        return next(csv.reader([text(line)], delimiter=mark, strict=strict), [])
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
    for offset, raw, values, problem in _Rows(content, mark, len(header)):
        if skip:
            skip = False
            continue
        if problem is None and len(values) != len(header):
            problem = f"the row does not have the {len(header)} fields of the header"
        value = None if problem else dict(zip(header, values, strict=True))
        if value is not None and len(value) < len(header):
            value = _first_said(header, values)
        yield Piece(ordinal, offset, raw, problem, value)
        ordinal += 1


def _first_said(header: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """The row where columns share a name, as Jira writes a field of several values: the first value that is not empty."""
    said: dict[str, str] = {}
    for name, value in zip(header, values, strict=True):
        said[name] = said.get(name) or value
    return said


Row = tuple[int, bytes, list[str], str | None]
"""Offset, bytes and values of a row, and why it cannot be read."""


class _Rows:
    """Every row that is not blank, the header among them."""

    def __init__(self, content: Content, mark: str, width: int) -> None:
        self.content = content
        self.mark = mark
        self.width = width
        self.waiting: deque[tuple[int, Line]] = deque()
        """Lines that were read for a row and are none of it."""

    def __iter__(self) -> Iterator[Row]:
        begun = False
        source = _lines(self.content)
        while one := self.waiting.popleft() if self.waiting else next(source, None):
            offset, line = one
            if not line.data.strip(b" \r\n") or (not begun and TYPE.match(line.data)):
                continue
            begun = True
            if line.problem:
                yield offset, line.data, [], line.problem
            elif line.data.count(b'"') % 2 and not fields(line.data, self.mark, strict=True):
                yield from self._of_lines(offset, line, source)
            else:
                yield self._row(offset, line.data)

    def _row(self, offset: int, raw: bytes, *, strict: bool = False) -> Row:
        shown = raw.rstrip(b"\r\n")
        if len(raw) > MOST_COLUMNS and _outside(raw).count(self.mark.encode()) >= MOST_COLUMNS:
            return offset, shown, [], f"the row has more than {MOST_COLUMNS} values"
        return offset, shown, fields(raw, self.mark, strict=strict), None

    def _of_lines(self, offset: int, line: Line, source: Iterator[tuple[int, Line]]) -> Iterator[Row]:
        """A row in which a quote opens that its first line does not close."""
        held, odd, size = list[tuple[int, Line]](), True, line.size
        while odd and (more := self.waiting.popleft() if self.waiting else next(source, None)):
            held.append(more)
            size += more[1].size
            odd ^= more[1].data.count(b'"') % 2 == 1
            if too_long(size) or (odd and len(held) + 1 >= MOST_LINES) or more[1].problem:
                odd = True
                break
        if odd:
            # A quote that nobody closed took the rows behind it along: they are read again without it.
            self.waiting.extendleft(reversed(held))
            yield offset, line.data.rstrip(b"\r\n"), [], NEVER_CLOSED if held else None
            return
        every = [(offset, line), *held]
        row = self._row(offset, b"".join(one.data for _, one in every), strict=True)
        if row[3] is None and not row[2]:
            self.waiting.extendleft(reversed(held))
            yield offset, line.data.rstrip(b"\r\n"), [], STRAY
        elif all(self._is_row(one.data) for _, one in every if one.data.strip()):
            for number, (place, one) in enumerate(every):
                if one.data.strip():
                    yield place, one.data.rstrip(b"\r\n"), [], ONE_OF_THEM if number else LIKE_ROWS
        else:
            yield row

    def _is_row(self, line: bytes) -> bool:
        """Whether a line is a row of this table by itself, if an odd quote in it is none."""
        if line.count(b'"') % 2:
            line = line.replace(b'"', b"")
        return self.width > 1 and len(fields(line, self.mark)) == self.width


def _lines(content: Content) -> Iterator[tuple[int, Line]]:
    """Lines with their offsets; a lone carriage return ends a line in a file that has no other ends."""
    head = content.head
    place = 0
    with content.open() as stream:
        if head.startswith(BOM):
            place = len(stream.read(len(BOM)))
        alone = b"\n" not in head and b"\r" in head
        for line in lines_by_return(stream) if alone else lines(stream):
            yield place, line
            place += line.size
