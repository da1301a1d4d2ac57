"""Duo: the administrator log keeps what was changed as JSON in a string, the activity log as objects.

https://duo.com/docs/adminapi#administrator-logs
"""

from typing import Any

from tracer.sources.characters import loads
from tracer.sources.paths import look_up, text_of


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with `said` (what the description says), `who` (the administrator) and flat `action` and `object`."""
    said = record.get("description")
    if isinstance(said, str):
        try:
            said = loads(said)
        except (ValueError, RecursionError):
            said = {"message": said}
    found = dict(record)
    found["said"] = said if isinstance(said, dict) else {}
    # The list of a user's phones as it stands afterwards: an empty text is none.
    found["unphoned"] = "true" if found["said"].get("phones") == "" else None
    actor = record.get("actor")
    if isinstance(actor, dict):
        found["who"] = {"email": text_of(look_up(actor, "details.email")), "name": text_of(actor.get("name"))}
        found["username"] = text_of(actor.get("name"))
    action = record.get("action")
    if isinstance(action, dict):
        found["action"] = text_of(action.get("name"))
        target = record.get("target")
        found["object"] = text_of(look_up(target, "name")) if isinstance(target, dict) else None
        details = look_up(action, "details")
        found["said"] = details if isinstance(details, dict) else found["said"]
    return [found]
