r"""Characters that no table can keep, in the one form in which tables keep them; the raw record has them as they stood.

SQLite keeps text as UTF-8, in which half of a surrogate pair and a byte that begins no character have no place. In what
is derived from a record a half stands as JSON writes it (`\ud800`) and such a byte as its number (`\xff`), so that they
are seen. All other characters stay what they are, NUL, U+FFFE, U+FFFF and byte order marks among them.

Whatever makes text of evidence goes through `text` (bytes), `loads` (JSON) or `whole` (values that a library made).
"""

import codecs
import json
import re
from collections.abc import Callable
from typing import Any

from tracer.limits import Limit

HALF = re.compile("[\ud800-\udfff]")
ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
HALF_AS_BYTES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
MARK = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8."""

MOST_VALUES = Limit(
    20_000_000,
    "values",
    bounds="the values of one JSON document that is read as one record",
    why="each takes up to a hundred bytes of memory, whatever few it has in the file; records of a million keys are read",
    beyond="the record is a reject, and the others are read",
)

Pairs = Callable[[list[tuple[str, Any]]], Any]


def text(raw: bytes) -> str:
    """Bytes as text that can be kept."""
    return raw.decode("utf-8", "tracer.visible")


def loads(raw: bytes | str, pairs: Pairs | None = None) -> Any:
    """What JSON says, in text that can be kept; `pairs` makes an object of its keys and values.

    NUL is taken as it stands, though JSON wants it escaped.

    Raises ValueError or RecursionError where it is no JSON.
    """
    if isinstance(raw, bytes):
        raw = raw.removeprefix(MARK).decode("utf-8", "tracer.visible-in-json")
    check_values(raw)
    found = json.loads(raw, object_pairs_hook=pairs, strict="\x00" not in raw)
    return whole(found) if ESCAPED_HALF.search(raw) or (not raw.isascii() and HALF.search(raw)) else found


def check_values(raw: bytes | str) -> None:
    """Raise ValueError where JSON holds more values than the limit."""
    if len(raw) > MOST_VALUES:
        marks: tuple[Any, ...] = (b",", b"[", b"{") if isinstance(raw, bytes) else (",", "[", "{")
        if sum(map(raw.count, marks)) > MOST_VALUES:
            raise ValueError(f"it holds more than {MOST_VALUES} values")


def plain(value: Any) -> Any:
    """Text that can be kept; other values stay what they are."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "backslashreplace").decode()


def kept(value: Any) -> str | None:
    """What a column of text holds: whatever a reader made of a field, as text that can be kept, or nothing."""
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def whole(value: Any) -> Any:
    """A value with all that it holds in text that can be kept. Raises RecursionError where it is nested too deep."""
    if isinstance(value, dict):
        return {plain(key): whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    return plain(value)


def _visible(backslash: str) -> Callable[[UnicodeError], tuple[str, int]]:
    def escaped(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        place = error.start
        half = HALF_AS_BYTES.match(error.object, place)
        if half:
            return f"{backslash}u{ord(half[0].decode('utf-8', 'surrogatepass')):04x}", half.end()
        return "".join(f"{backslash}x{byte:02x}" for byte in error.object[place : error.end]), error.end

    return escaped


codecs.register_error("tracer.visible", _visible("\\"))
codecs.register_error("tracer.visible-in-json", _visible("\\\\"))
