"""One JSON record, read fast or exactly: the exact reader takes what is JSON though unusual, and sees keys that stand twice."""

import json
from typing import Any

import msgspec

from tracer.sources.characters import check_values, loads


class RecordError(ValueError):
    """A record that cannot be read, with the sentence that says why."""


def quick(raw: bytes) -> Any:
    """A record by the fast reader. Raises ValueError where it must be read by the exact one."""
    raw.decode("utf-8")
    check_values(raw)
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def exact(raw: bytes) -> Any:
    """A record by the exact reader. Raises ValueError or RecursionError where it is none."""
    return loads(raw, _pairs)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise RecordError(f"the key {key[:40]!r} stands twice with different values")
        found[key] = value
    return found


def why(error: Exception) -> str:
    """The sentence for what the exact reader raised."""
    if isinstance(error, RecursionError):
        return "the record is nested too deep"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"the record is no JSON ({error})"[:300]
    return (
        str(error)[:300] if isinstance(error, RecordError) else f"the record cannot be read ({error})"[:300]
    )


def kept_text(raw: bytes) -> str | bytes:
    """A record as it stood: text where it is UTF-8, else its bytes."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
