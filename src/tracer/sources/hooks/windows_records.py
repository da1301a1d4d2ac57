"""Windows events: one flat record, whoever exported it.

A record of Event Viewer's XML and of EVTX has `Event.System` and `Event.EventData`; winlogbeat, Wazuh, NXLog, EvtxECmd
and the tables of Sentinel each lay the same values out in their own way, with their own case of names.
"""

from typing import Any

from tracer.sources.characters import loads
from tracer.sources.paths import text_of

LEVELS = (
    ("_source",),
    ("data", "win", "system"),
    ("data", "win", "eventdata"),
    ("win", "system"),
    ("win", "eventdata"),
    ("event",),
    ("event", "system"),
    ("event", "eventdata"),
    ("event", "userdata"),
    ("system",),
    ("eventdata",),
    ("userdata",),
    ("payload",),
    ("payload", "eventdata"),
    ("winlog",),
    ("winlog", "event_data"),
    ("winlog", "user_data"),
    ("event_data",),
    ("_source", "winlog"),
    ("_source", "winlog", "event_data"),
    ("_source", "event_data"),
)
"""Where values may lie, those of the event itself last, so that they stand over what a collector says of itself."""

Flat = dict[str, Any]


def flat(record: dict[str, Any]) -> Flat:
    """All values of the record by their names, case-folded and without underscores."""
    found: Flat = {}
    folded = _folded(record)
    found.update(_values(folded))
    for path in LEVELS:
        node = folded
        for step in path:
            if (inner := node.get(step)) is None:
                break
            node = _folded(_opened(inner))
        else:
            found.update(_values(node))
    return found


def said(found: Flat, *names: str) -> str | None:
    """The first of these values that says something; Windows writes a dash for nothing."""
    for name in names:
        text = (text_of(found.get(name)) or "").strip(" \t\r\n\x00")
        if text not in ("", "-", "%%1793", "%%1794", "%%1796", "%%1797"):
            return text
    return None


def _folded(node: Any) -> Flat:
    return {str(key).casefold(): value for key, value in node.items()} if isinstance(node, dict) else {}


def _opened(node: Any) -> Any:
    """An object, also where it stands as JSON in a string."""
    if isinstance(node, str) and node.lstrip()[:1] == "{":
        try:
            return loads(node)
        except (ValueError, RecursionError):
            return None
    return node


def _values(node: Flat) -> Flat:
    """Single values of one level: bare, with attributes (`#text`, `Value`), or a list of `Data` with names."""
    found: Flat = {}
    for key, value in node.items():
        name = key.replace("_", "")
        if key == "data" and isinstance(value, list):
            found.update(_named(value))
        elif key in ("timecreated", "provider") and isinstance(value, dict):
            inner = _folded(value)
            inner = _folded(inner["#attributes"]) if "#attributes" in inner else inner
            found[name] = next(
                (inner[one] for one in ("systemtime", "@systemtime", "name", "@name") if one in inner), None
            )
        elif isinstance(value, dict) and ("#text" in value or "Value" in value):
            found[name] = value.get("#text", value.get("Value"))
        elif isinstance(value, dict) and key in ("logfilecleared", "eventxml"):
            found.update(_values(_folded(value)))
        elif not isinstance(value, dict | list):
            found[name] = value
    return found


def _named(listed: list[Any]) -> Flat:
    found: Flat = {}
    for one in listed:
        inner = _folded(one)
        attributes = _folded(inner.get("#attributes"))
        name = text_of(inner.get("@name") or inner.get("name") or attributes.get("name"))
        if name:
            found[name.casefold().replace("_", "")] = inner.get(
                "#text", inner.get("text", inner.get("value"))
            )
    return found
