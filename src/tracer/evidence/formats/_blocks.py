"""Stretches of a stream from an opening mark to a closing one, whatever stands between them."""

import re
from collections.abc import Iterator

from tracer.evidence.containers import Content

CHUNK = 1 << 18
LONGEST_MARK = 256


def blocks(
    content: Content, opening: re.Pattern[bytes], closing: re.Pattern[bytes], largest: int
) -> Iterator[tuple[int, bytes, bool]]:
    """Offset and bytes of every stretch, and whether it has its end.

    One without an end, within `largest` bytes or before the next opening, goes as far as that opening or the file.
    """
    with content.open() as stream:
        buffer, base, ended = b"", 0, False
        while True:
            found = opening.search(buffer)
            if found is None:
                if ended:
                    return
                keep = buffer[-LONGEST_MARK:]
                base += len(buffer) - len(keep)
                more = stream.read(CHUNK)
                buffer, ended = keep + more, not more
                continue
            buffer, base = buffer[found.start() :], base + found.start()
            end, ended, buffer = _end(stream, buffer, closing, largest, ended)
            following = opening.search(buffer, 1, end or len(buffer))
            whole = end is not None and following is None
            if end is None or following is not None:
                end = following.start() if following else len(buffer)
            yield base, buffer[:end].rstrip(), whole
            buffer, base = buffer[end:], base + end


def _end(
    stream: object, buffer: bytes, closing: re.Pattern[bytes], largest: int, ended: bool
) -> tuple[int | None, bool, bytes]:
    """Where the stretch at the beginning of the buffer ends, with the buffer grown as far as that takes."""
    start = 0
    while True:
        found = closing.search(buffer, start)
        if found is not None:
            return found.end(), ended, buffer
        if ended or len(buffer) > largest:
            return None, ended, buffer
        start = max(len(buffer) - LONGEST_MARK, 0)
        more: bytes = stream.read(max(CHUNK, len(buffer)))  # type: ignore[attr-defined]
        ended = not more
        buffer += more
