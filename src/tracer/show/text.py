"""Text that others wrote, made safe to show: on a terminal, in Markdown, on one line.

Attackers write log fields and ticket texts. What could move a cursor, turn the reading direction, hide characters or
forge a line is shown as its code, so that a reader sees that it was there.
"""

import re
import unicodedata
from typing import Any

from tracer.show.secrets import masked

LONGEST = 400
"""Characters shown of one value: enough for a sentence, too few for a hostile megabyte to bury the rest."""

NOTICE = 24
"""Characters that it takes to say how many are left out."""

WINDOW = 65_536
"""Characters beyond those shown that are looked at for secrets: enough for any key that is begun in what is shown."""

BLANKS = re.compile(r"[\t\n\r]+")
"""Characters that begin a new line or jump as people write them; one blank stands for them."""

BREAKS = re.compile(r"(\r?\n|\t)")

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, the start of every escape sequence among them
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # shown as nothing
    "\u061c\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"  # direction, zero width, lines
    "\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff"  # half pairs, no characters, tags
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]|(?<=[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
)
"""Characters that act on a screen, show nothing, turn the reading direction, or are none; and marks heaped upon a letter."""

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$]|^[-=.]|(?<=\d)\.(?=\s)|(?<!\w)@)")
"""Characters that mean something in Markdown (a dot or a dash only where it would begin a list or a rule)."""


ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
"""A time as the case file writes it, inside a sentence."""


def safe_text(value: Any, limit: int | None = LONGEST) -> str:
    """The value as one line that cannot act on whatever shows it, its secrets masked; '' for None.

    Longer text is cut at `limit` characters and says how many are left out, unless these are fewer than it takes to say so;
    with `limit=None` it is whole.
    """
    if value is None:
        return ""
    text = str(value)
    seen = text if limit is None else text[: limit + WINDOW]
    shown = masked(seen)
    left_out = len(text) - len(seen)
    if limit is not None and len(shown) > limit + (0 if left_out else NOTICE):
        left_out += len(shown) - limit
        shown = shown[:limit]
    shown = visible(BLANKS.sub(" ", shown))
    return f"{shown}… ({left_out:,} more characters)" if left_out else shown


def visible(text: str) -> str:
    """The text with the code in place of every character that would act on what shows it, or would not be seen."""
    return text if text.isascii() and text.isprintable() else HIDDEN.sub(_code, text)


def visible_lines(text: str) -> str:
    """The same of text with lines: their ends and tabs stay."""
    return "".join(piece if BREAKS.fullmatch(piece) else visible(piece) for piece in BREAKS.split(text))


def _code(match: re.Match[str]) -> str:
    number = ord(match[0])
    return (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )


def markdown_text(value: Any, limit: int | None = LONGEST) -> str:
    """The value as Markdown that reads exactly so: no markup, no HTML, no link, no mention, one line."""
    text = safe_text(value, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = MARKDOWN.sub(r"\\\1", text)
    return text.replace("://", "&#58;//").replace("www.", "www&#46;")


def cells(text: str) -> int:
    """How many columns of a terminal the text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def clock(at: str | None, *, missing: str = "unknown") -> str:
    """A time of the case file for people: `2026-03-02 07:00Z`, seconds only where they say something."""
    if not at:
        return missing
    text = safe_text(at, 40)
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(\.\d+)?)?Z", text)
    if not match:
        return text
    day, minute, second, fraction = match.groups()
    if second in (None, "00") and not (fraction or "").strip(".0"):
        return f"{day} {minute}Z"
    tail = fraction if (fraction or "").strip(".0") else ""
    return f"{day} {minute}:{second}{tail}Z"


def clocked(text: Any) -> str:
    """A part of a sentence from the case for people: safe to show, its times as `clock` writes them."""
    return ISO_TIME.sub(lambda match: clock(match[0]), safe_text(text))


def readable(text: Any) -> str:
    """A sentence from the case for people: as `clocked`, and ending in a full stop."""
    said = clocked(text)
    return said if not said or said.endswith((".", "!", "?", "…", ")")) else f"{said}."


def period(span: Any) -> str:
    """A period `[from, to]` for people; '' where none is given, `any time` where both ends are open."""
    if not span:
        return ""
    start, end = [*list(span), None, None][:2]
    if not start and not end:
        return "any time"
    if start == end:
        return clock(start)
    return f"{clock(start, missing='the beginning')} to {clock(end, missing='now')}"


def plural(number: int, noun: str, many: str | None = None) -> str:
    """`1 grant`, `3 grants`, `2 identities`."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"
