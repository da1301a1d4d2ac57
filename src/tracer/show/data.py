"""Data for other programs as JSON: in ASCII, with the secrets of evidence masked."""

import json
import math
from typing import Any

from tracer.show.secrets import masked_value


def json_text(value: Any) -> str:
    """The value as JSON that every reader takes: hostile characters as escapes, no NaN, ends with a newline.

    What JSON has no type for (bytes, which only a case that others made can hold) is its text.
    """
    try:
        text = json.dumps(masked_value(value), indent=2, allow_nan=False, default=_plain)
    except ValueError:
        text = json.dumps(_finite(masked_value(value)), indent=2, default=_plain)
    # The one control character that ASCII has and JSON need not escape.
    return text.replace("\x7f", "\\u007f") + "\n"


def _plain(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    """Numbers that are none (infinity, NaN) as null."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
