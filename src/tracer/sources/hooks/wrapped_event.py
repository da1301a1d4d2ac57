"""Exports that put the vendor's event into an envelope of their own: the event is the record."""

from typing import Any


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event, with what only the envelope has (as a rule its time)."""
    event = record.get("event")
    return [{**record, **event}] if isinstance(event, dict) else [record]
