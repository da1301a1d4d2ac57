"""Times as evidence writes them, to UTC text of the case file."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from tracer.case.times import iso, parse_iso
from tracer.limits import Limit

COMPACT_ZONE = re.compile(r"([+-]\d{2})(\d{2})$")
NUMBER = re.compile(r"-?\d{9,19}(\.\d+)?")
MILLIS, MICROS, NANOS = 10**11, 10**14, 10**17
"""Above these an epoch number counts milliseconds, microseconds, nanoseconds."""


COMPACT = re.compile(r"((?:19|20)\d{12})(?:\.\d+)?Z?")
"""LDAP's generalised time: digits that count no seconds of any epoch, since those have 10, 13, 16 or 19 digits."""

LONGEST = Limit(
    100,
    "characters",
    bounds="the text of a time",
    why="the longest layout of any source, with blanks around it, has forty; what was read is remembered",
    beyond="it is no time, as any other text that is none",
)

LAYOUTS = ("%Y/%m/%d %H:%M:%S", "%a %b %d %H:%M:%S %Y", "%Y %b %d %H:%M:%S")
"""Further layouts that can mean one moment only; those that put the day before or after the month as the country goes are
left to the declarations."""

WHOLE_SECONDS = re.compile(r"(?!0001)\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")


@lru_cache(maxsize=65_536)
def _text(text: str) -> str | None:
    """A moment written as text; logs repeat themselves within the second, so what was read is remembered."""
    text = text.strip()
    if (
        WHOLE_SECONDS.fullmatch(text)
        and text[8:10] <= "28"
        and "01" <= text[5:7] <= "12"
        and text[8:10] > "00"
    ):
        return text[:19] + ".000Z"
    if compact := COMPACT.fullmatch(text):
        return _laid_out(compact[1], "%Y%m%d%H%M%S")
    if NUMBER.fullmatch(text):
        return _epoch(float(text))
    text = re.sub(r"(?<=\d)Z\+00:?00$| \+0000 UTC$", "Z", text)
    text = re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text)
    text = COMPACT_ZONE.sub(r"\1:\2", text) if "T" in text or " " in text else text
    text = re.sub(r" UTC$| Z$|(?<=\d)z$", "Z", text)
    try:
        found = parse_iso(text)
    except ValueError:
        return _other(text)
    # .NET and Go write a moment that was never set as the first of the year 1.
    return iso(found) if found.year > 1 else None


def _other(text: str) -> str | None:
    """The layouts of mail headers and of some systems; None where it is none of them."""
    try:
        return iso(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return next((moment for layout in LAYOUTS if (moment := _laid_out(text, layout))), None)


def _laid_out(text: str, layout: str) -> str | None:
    try:
        return iso(datetime.strptime(text, layout))
    except ValueError:
        return None


NAMES = ("epochMillis", "iso8601", "jira", "value", "$date")
"""What the moment is called in an object that gives it in several ways; the first that is a time counts."""


def utc(value: Any) -> str | None:
    """A moment as the case file writes it; None where the value is no time. Without a zone it is UTC."""
    if isinstance(value, dict):
        named = (_moment(value.get(name)) for name in NAMES)
        return next((moment for moment in named if moment), None)
    return _moment(value)


def _moment(value: Any) -> str | None:
    """The moment that a text or a number of seconds, or parts of them, since 1970 is; None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return _text(value) if len(value) <= LONGEST else None
    return _number(value)


def _number(value: Any) -> str | None:
    try:
        return _epoch(float(value)) if isinstance(value, int | float) else None
    except OverflowError:
        return None


def _epoch(number: float) -> str | None:
    size = abs(number)
    scale = 1e9 if size >= NANOS else 1e6 if size >= MICROS else 1e3 if size >= MILLIS else 1.0
    try:
        return iso(datetime.fromtimestamp(number / scale, UTC))
    except (ValueError, OverflowError, OSError):
        return None
