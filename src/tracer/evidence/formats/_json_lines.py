"""One JSON object per line: windows of whole lines where they are sound, line by line where they are not."""

from collections.abc import Iterator

from tracer.evidence.formats import Piece, _json_skip
from tracer.evidence.formats._json_skip import skip_line, skipped
from tracer.evidence.formats._json_windows import LARGEST, REFUSED, Decoders, Window
from tracer.evidence.formats._source import Source

FEW = 4
"""Lines of a broken window that are read one by one."""


def lines(source: Source, decoders: Decoders) -> Iterator[Window | Piece]:
    """Every line that is not blank."""
    ordinal = 0
    while source.peek(LARGEST):
        end = source.buffer.rfind(b"\n", 0, LARGEST) + 1
        while end == 0 and len(source.buffer) <= _json_skip.LONGEST:
            start = len(source.buffer)
            end = source.buffer.find(b"\n", start) + 1 if source.more() else start
        if end == 0 or end > _json_skip.LONGEST + 1:
            yield skipped(source, ordinal, skip_line)
            ordinal += 1
            continue
        data, base = source.buffer[:end], source.base
        source.drop(end)
        for found in _read(data, base, ordinal, decoders):
            ordinal += len(found.values) if isinstance(found, Window) else 1
            yield found


def _read(data: bytes, base: int, ordinal: int, decoders: Decoders) -> Iterator[Window | Piece]:
    """Whole lines: as one window, else as two halves, else as pieces."""
    count = _count(data)
    if count:
        try:
            values = decoders.row(data)
        except REFUSED:
            values = []
        if len(values) == count:
            yield Window(ordinal, base, data, values, "lines")
            return
    middle = data.find(b"\n", len(data) // 2) + 1
    if middle in (0, len(data)) or data.count(b"\n") <= FEW:
        place = base
        for line in data.split(b"\n"):
            raw = line.strip(b" \t\r")
            if raw:
                yield Piece(ordinal, place + line.index(raw), raw)
                ordinal += 1
            place += len(line) + 1
        return
    for half, start in ((data[:middle], base), (data[middle:], base + middle)):
        for found in _read(half, start, ordinal, decoders):
            ordinal += len(found.values) if isinstance(found, Window) else 1
            yield found


def _count(data: bytes) -> int:
    """How many records these lines are if each is one object; 0 where that is not certain.

    A line that begins with a brace cannot go on an object that the line before ended with a brace: so if all do, and the
    objects are as many as the lines, each line is one.
    """
    body = data.strip(b" \t\r\n")
    if body[:1] != b"{" or body[-1:] != b"}":
        return 0
    borders = body.count(b"}\n{") or body.count(b"}\r\n{")
    return borders + 1 if borders == body.count(b"\n") else 0
