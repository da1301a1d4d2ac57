"""Going past a value of JSON that is too long to be held: to its end, whatever it holds, in little memory."""

import re
from collections.abc import Callable
from itertools import accumulate

from tracer.evidence.formats import Piece
from tracer.evidence.formats._source import Source
from tracer.limits import Limit

LONGEST = Limit(
    128 << 20,
    "bytes",
    bounds="one record of JSON",
    why="exports that hold a whole directory as one object reach tens of megabytes; reading one takes some times its length in memory",
    beyond="it is read to its end in little memory and is one reject; what follows it is read",
)
SHOWN = 1 << 16
"""Bytes that a reject keeps of what is too long."""
TOO_LONG = "the record is longer than the limit"
DEEP = "the record is nested too deep"
MANY = "the record holds too many values"
GIVEN_UP = {TOO_LONG, DEEP, MANY}
"""Why a record is gone past without being read."""

CHUNK = 1 << 18
"""Bytes that are looked at at a time."""

TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[{}\[\],]', re.DOTALL)
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
IN_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
STEPS = {mark: 1 if mark in b"{[" else -1 for mark in b"{}[]"}


def skipped(source: Source, ordinal: int, skip: Callable[[Source], None], problem: str = "") -> Piece:
    """The reject for the record at hand, which `skip` drops: for a problem, or because it is too long."""
    begin, raw = source.base, source.peek(SHOWN)[:SHOWN]
    source.settle()
    skip(source)
    size = source.base - begin
    cut = f": of its {size} bytes only the first are kept; what follows was read" if size > SHOWN else ""
    return Piece(ordinal, begin, raw[:size], (problem or TOO_LONG) + cut)


def skip_value(source: Source) -> None:
    """Drop the value at hand: to its last bracket, or to before the comma or bracket behind it, else to the end."""
    depth = 0
    while chunk := source.peek(CHUNK)[:CHUNK]:
        # What stands outside strings; a string that does not end here is left to be skipped by itself.
        bare = STRING.sub(b"", chunk)
        opened = bare.find(b'"')
        tail = len(bare) - opened if opened >= 0 else 0
        marks = bare[: len(bare) - tail].translate(None, NO_BRACKETS)
        lowest = min(accumulate(map(STEPS.__getitem__, marks)), default=0)
        if depth + lowest <= 0 and _ends(source, chunk, depth):
            return
        depth += marks.count(b"{") + marks.count(b"[") - marks.count(b"}") - marks.count(b"]")
        source.drop(len(chunk) - tail)
        if tail:
            skip_string(source)


def _ends(source: Source, chunk: bytes, depth: int) -> bool:
    """Drop the rest of the value if it ends in this chunk."""
    for match in TOKEN.finditer(chunk):
        token = match[0]
        if token[:1] == b'"':
            continue
        if token in (b"{", b"["):
            depth += 1
        elif depth == 0 or (token != b"," and depth == 1):
            source.drop(match.end() if depth else match.start() or 1)
            return True
        elif token != b",":
            depth -= 1
    return False


def skip_string(source: Source) -> None:
    """Drop the string whose opening quote is at hand, with its closing one."""
    source.drop(1)
    while chunk := source.peek(CHUNK)[:CHUNK]:
        match = IN_STRING.match(chunk)
        end = match.end() if match else 0
        if chunk[end : end + 1] == b'"':
            source.drop(end + 1)
            return
        source.drop(end)
        if end < len(chunk) and len(source.peek(2)) < 2:
            source.drop(1)  # a backslash is the last byte of the stream


def skip_line(source: Source) -> None:
    """Drop what is at hand up to the end of the line, and that."""
    while chunk := source.peek(CHUNK):
        end = chunk.find(b"\n") + 1
        source.drop(end or len(chunk))
        if end:
            return
