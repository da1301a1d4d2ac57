"""JSON: an array, an object that holds one, one object per line, or objects one after another.

Options: none; `containers` of the declaration names the arrays of an object. Records are read in windows of many records
each, which are sound as a whole; a window that is not is read record by record, so that a broken one costs only itself.
Offsets are bytes of the decompressed file.
"""

from collections.abc import Iterator

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece
from tracer.evidence.formats import _json_shape as shapes
from tracer.evidence.formats._json_elements import Elements
from tracer.evidence.formats._json_lines import lines
from tracer.evidence.formats._json_shape import Arrays, shape
from tracer.evidence.formats._json_windows import BORDERS, Decoders, Window
from tracer.evidence.formats._source import Source
from tracer.sources.declarations import Declaration

SHOWN = 4096
"""Bytes that are kept of what follows an array and is none."""

BLANK = b"\xef\xbb\xbf \t\r\n"


def looks(content: Content) -> bool:
    """Whether it begins as an object or an array does, or with the end of a record and then records: a log cut by its size."""
    head = content.head.lstrip(BLANK)
    return head[:1] in (b"{", b"[") or shapes.are_records(head.partition(b"\n")[2])


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The records, those in the arrays that the declaration names among them."""
    for found in windows(content, declaration, BORDERS):
        if isinstance(found, Piece):
            yield found
        else:
            yield from found.pieces()


def layouts(content: Content, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Under which of all the names that sources give to arrays the records of this file may lie, the likeliest first."""
    with content.open() as stream:
        source = Source(stream)
        source.skip(BLANK)
        yield from shapes.layouts(source, names)


def windows(
    content: Content, declaration: Declaration, decoders: Decoders, step: int | None = None
) -> Iterator[Window | Piece]:
    """The same as windows that `decoders` found sound, with what they decoded, and single pieces between them."""
    names = declaration.containers
    kind = "objects"
    with content.open() as stream:
        source = Source(stream, step)
        source.skip(BLANK)
        if source.at(0) == b"[":
            yield from _arrays(source, decoders)
            return
        kind = shape(source, names)
        if kind == "lines":
            yield from lines(source, decoders)
            return
        if kind == "arrays":
            arrays, elements = Arrays(source, names), Elements(source, decoders, closed=True)
            some = False
            while arrays.next():
                some = True
                yield from elements
            if some:
                return
    with content.open() as stream:
        source = Source(stream, step)
        source.skip(BLANK)
        yield from Elements(source, decoders, closed=False)


def _arrays(source: Source, decoders: Decoders) -> Iterator[Window | Piece]:
    """The elements of an array, and of those that follow it."""
    elements = Elements(source, decoders, closed=True)
    while source.at(0) == b"[":
        source.drop(1)
        yield from elements
        source.skip(BLANK + b",")
    rest = source.peek(SHOWN)[:SHOWN]
    if rest:
        yield Piece(elements.ordinal, source.base, rest, "something else follows the array")
