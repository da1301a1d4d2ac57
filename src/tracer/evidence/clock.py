"""Times as evidence writes them, to UTC text of the case file."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tracer.case.times import iso, parse_iso

COMPACT_ZONE = re.compile(r"([+-]\d{2})(\d{2})$")
NUMBER = re.compile(r"-?\d{9,19}(\.\d+)?")
MILLIS, MICROS, NANOS = 10**11, 10**14, 10**17
"""Above these an epoch number counts milliseconds, microseconds, nanoseconds."""


WHOLE_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")


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
    if NUMBER.fullmatch(text):
        return _epoch(float(text))
    text = COMPACT_ZONE.sub(r"\1:\2", text) if "T" in text or " " in text else text
    text = re.sub(r" UTC$| Z$", "Z", text)
    try:
        return iso(parse_iso(text))
    except (ValueError, OverflowError):
        return None


def utc(value: Any) -> str | None:
    """A moment as the case file writes it; None where the value is no time. Without a zone it is UTC."""
    if isinstance(value, dict):
        value = value.get("epochMillis") or value.get("value") or value.get("$date")
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return _text(value)
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
