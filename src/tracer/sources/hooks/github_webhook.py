"""GitHub webhooks: which event a payload is of, and when it came.

The event's type and time stand in the headers of the delivery, or in its record; where neither was kept, the type shows
in the shape of the payload, and the time is missing unless the object that the act made has one.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from typing import Any

from tracer.sources.paths import look_up, text_of

PLACES = ("request.payload", "payload", "body", "detail")
"""Where records of deliveries and forwarders keep the payload."""

TYPES = (
    "event",
    "headers.x-github-event",
    "headers.X-GitHub-Event",
    "request.headers.X-GitHub-Event",
    "detail-type",
)
TIMES = ("delivered_at", "received_at", "timestamp", "time")
IDS = ("guid", "headers.x-github-delivery", "headers.X-GitHub-Delivery", "id")

SHAPES = [
    ("membership", ("member", "team")),
    ("member", ("member", "repository")),
    ("organization", ("membership",)),
    ("organization", ("invitation", "organization")),
    ("deploy_key", ("key", "repository")),
    ("personal_access_token_request", ("personal_access_token_request",)),
    ("repository_ruleset", ("repository_ruleset",)),
    ("branch_protection_rule", ("rule", "repository")),
    ("installation_repositories", ("installation", "repositories_added")),
    ("installation_repositories", ("installation", "repositories_removed")),
    ("team", ("team", "organization")),
]
"""Event types by the keys that only their payloads have together, in the order in which they are asked."""

OBJECTS = frozenset(
    [
        "issue",
        "pull_request",
        "comment",
        "release",
        "check_run",
        "check_suite",
        "workflow_run",
        "alert",
        "discussion",
        "ref",
    ]
)
"""Keys of payloads that are about something else, though they name an installation or repository."""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The payload, with `event`, and `received` and `delivery` where they were kept."""
    inner = next((found for place in PLACES if isinstance(found := look_up(record, place), dict)), None)
    bare = inner is None or "sender" in record
    outer: dict[str, Any] = {} if bare else record
    payload: dict[str, Any] = record if inner is None or bare else inner
    kind = next((text for path in TYPES if (text := text_of(look_up(outer, path)))), None) or _shape(payload)
    received = next((text for path in TIMES if (text := text_of(look_up(outer, path)))), None)
    delivery = next((text for path in IDS if (text := text_of(look_up(outer, path)))), None)
    return [{**payload, "event": kind, "received": received, "delivery": delivery}]


def _shape(payload: dict[str, Any]) -> str | None:
    """The type of event whose payloads look like this."""
    for kind, keys in SHAPES:
        if all(payload.get(key) is not None for key in keys):
            return kind
    if OBJECTS & set(payload):
        return None
    if "repository" in payload and text_of(payload.get("action")) in ("publicized", "privatized"):
        return "repository"
    return "installation" if "installation" in payload and "repository" not in payload else None
