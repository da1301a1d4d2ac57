"""Times as evidence writes them, to UTC text of the case file."""

import re
from datetime import UTC, datetime
from typing import Any

from tracer.case.times import iso, parse_iso

COMPACT_ZONE = re.compile(r"([+-]\d{2})(\d{2})$")
NUMBER = re.compile(r"-?\d{9,19}(\.\d+)?")
MILLIS, MICROS, NANOS = 10**11, 10**14, 10**17
"""Above these an epoch number counts milliseconds, microseconds, nanoseconds."""


def utc(value: Any) -> str | None:
    """A moment as the case file writes it; None where the value is no time. Without a zone it is UTC."""
    if isinstance(value, dict):
        value = value.get("epochMillis") or value.get("value") or value.get("$date")
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float) or (isinstance(value, str) and NUMBER.fullmatch(value.strip())):
        return _epoch(float(value))
    if not isinstance(value, str):
        return None
    text = value.strip()
    text = COMPACT_ZONE.sub(r"\1:\2", text) if "T" in text or " " in text else text
    text = re.sub(r" UTC$| Z$", "Z", text)
    try:
        return iso(parse_iso(text))
    except (ValueError, OverflowError):
        return None


def _epoch(number: float) -> str | None:
    size = abs(number)
    scale = 1e9 if size >= NANOS else 1e6 if size >= MICROS else 1e3 if size >= MILLIS else 1.0
    try:
        return iso(datetime.fromtimestamp(number / scale, UTC))
    except (ValueError, OverflowError, OSError):
        return None
