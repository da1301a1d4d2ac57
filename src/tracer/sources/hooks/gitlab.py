"""GitLab audit events: what happened, whether its type is named, told by `add`, `remove` and `change`, or only in words.

https://docs.gitlab.com/user/compliance/audit_event_schema/
"""

import re
from typing import Any

from tracer.sources.characters import loads
from tracer.sources.paths import text_of

BY_DETAIL = {
    ("add", "user_access"): "member_created",
    ("remove", "user_access"): "member_destroyed",
    ("change", "access_level"): "member_updated",
    ("add", "user"): "user_created",
    ("remove", "user"): "user_destroyed",
    ("change", "password"): "user_password_updated",
    ("change", "admin"): "user_admin_status_updated",
    ("change", "admin status"): "user_admin_status_updated",
}

IN_WORDS = [
    (r"added user access as (?P<as>.+)", "member_created"),
    (r"removed user access", "member_destroyed"),
    (r"changed access level from (?P<from>.+) to (?P<to>.+)", "member_updated"),
    (r"added user", "user_created"),
    (r"removed user", "user_destroyed"),
    (r"blocked user|user blocked", "user_blocked"),
    (r"unblocked user|user unblocked", "user_unblocked"),
    (r"changed password", "user_password_updated"),
    (r"started impersonation", "user_impersonation"),
    (r"created \w+ access token with (?:token_)?id:? ?(?P<token>\d+).*", "access_token_created"),
    (r"(?:revoked|deleted) \w+ access token with (?:token_)?id:? ?(?P<token>\d+).*", "access_token_revoked"),
    (r"rotated \w+ access token with (?:token_)?id:? ?(?P<token>\d+).*", "access_token_rotated"),
    (r"added (?:ssh|gpg) key", "add_ssh_key"),
    (r"removed (?:ssh|gpg) key", "remove_ssh_key"),
]
"""What the text of an event says, where nothing else does: the whole text, whatever its case."""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event with `said` (its details and what stands beside them by one kind of name) and `kind` (its type)."""
    said = {re.sub(r"\W+", "_", str(name)).strip("_").casefold(): value for name, value in record.items()}
    details = said.get("details")
    if isinstance(details, str):
        try:
            details = loads(details)
        except (ValueError, RecursionError):
            details = {"custom_message": details}
    if isinstance(details, dict):
        said |= {name: value for name, value in details.items() if value not in (None, "")}
    kind = text_of(said.get("event_type")) or text_of(said.get("event_name"))
    words = str(said.get("custom_message") or said.get("action") or "").strip()
    for pattern, meant in IN_WORDS:
        found = re.fullmatch(pattern, words, re.IGNORECASE)
        if found:
            said |= {name: value for name, value in found.groupdict().items() if value}
            kind = kind or meant
    kind = kind or next(
        (meant for (name, value), meant in BY_DETAIL.items() if said.get(name) == value), None
    )
    place = text_of(said.get("entity_path")) or ":".join(
        filter(None, (text_of(said.get("entity_type")), text_of(said.get("entity_id"))))
    )
    return [{**record, "said": {**said, "place": place, "words": words}, "kind": kind}]
