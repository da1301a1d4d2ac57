"""Google Workspace: an activity is several events, each with its parameters by name.

https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities
"""

from typing import Any

VALUES = (
    "value",
    "multiValue",
    "boolValue",
    "intValue",
    "multiIntValue",
    "messageValue",
    "multiMessageValue",
)


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The activity once for each of its events (exports that hold one event per record have it beside the id)."""
    events = record.get("events")
    listed = [one for one in events if isinstance(one, dict)] if isinstance(events, list) else [record]
    found = []
    for one in listed:
        said = _parameters(one.get("parameters"))
        event = {"name": _text(one.get("name")), "type": one.get("type"), "said": said}
        new, old = _levels(said.get("new_value")), _levels(said.get("old_value"))
        event["given"] = [level for level in new if level not in old]
        event["taken"] = [level for level in old if level not in new]
        found.append({**record, "events": None, "parameters": None, "event": event})
    return found


def _parameters(listed: Any) -> dict[str, Any]:
    """Parameters by folded name, as a list of `name` and some kind of value, or as an object."""
    if isinstance(listed, dict):
        return {str(name).casefold(): value for name, value in listed.items()}
    found = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            value = next((one[name] for name in VALUES if one.get(name) is not None), None)
            found[str(one.get("name")).casefold()] = value
    return found


def _levels(value: Any) -> list[str]:
    """Levels of access to a document; `none` is no access."""
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, str) and one not in ("", "none")]


def _text(name: Any) -> str | None:
    return name.strip().casefold() if isinstance(name, str) else None
