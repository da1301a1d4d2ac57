"""Vault: what a request did, read from the entry of its response, by the path that it went to.

https://developer.hashicorp.com/vault/api-docs. Vault writes two entries for each request; the one of the request is left
aside, since that of the response says all it says and how it ended.
"""

import re
from datetime import timedelta
from typing import Any

from tracer.case.times import plus
from tracer.sources.clock import utc
from tracer.sources.paths import look_up, text_of

PATHS = (
    (re.compile(r"^auth/token/(?:create|create-orphan|create/[^/]+)$"), "token"),
    (re.compile(r"^auth/token/revoke(?:-self|-accessor|-orphan)?$"), "token-revoke"),
    (re.compile(r"^auth/token/renew(?:-self|-accessor)?$"), "token-renew"),
    (re.compile(r"^auth/.+/role/(?P<member>[^/]+)/secret-id$"), "secret-id"),
    (
        re.compile(
            r"^auth/.+/(?:users|groups|role|certs|map/users)/(?P<member>[^/]+)(?:/policies|/password)?$"
        ),
        "account",
    ),
    (re.compile(r"^identity/entity(?:/id/|/name/)?(?P<member>[^/]*)$"), "account"),
    (re.compile(r"^identity/group(?:/id/|/name/)?(?P<member>[^/]*)$"), "group-write"),
    (re.compile(r"^sys/(?:policy|policies/acl|policies/rgp|policies/egp)/(?P<member>[^/]+)$"), "policy"),
    (re.compile(r"^sys/leases/revoke(?:/(?P<lease>.+))?$|^sys/revoke(?:/.+)?$"), "lease-revoke"),
    (re.compile(r"^sys/(?:auth|mounts|audit)/.+$"), "auth-method"),
)
"""What a path is about. Anything else that hands out a lease gave a credential."""

WRITES = ("create", "update", "patch")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The entry with `act`, `member`, `policies`, `members` and the ends of token and lease; none for a request's entry."""
    if text_of(record.get("type")) == "request" and not text_of(record.get("error")):
        return []
    request = record.get("request")
    path = (text_of(look_up(request, "path")) or "").strip("/")
    operation = text_of(look_up(request, "operation")) or ""
    found = dict(record)
    for pattern, name in PATHS:
        match = pattern.match(path)
        if match:
            groups = match.groupdict()
            found["member"] = groups.get("member") or text_of(look_up(request, "data.name"))
            found["lease"] = groups.get("lease")
            found["act"] = _act(name, operation)
            break
    else:
        if text_of(look_up(record, "response.secret.lease_id")):
            found["act"] = "lease"
    data = look_up(request, "data") or {}
    found["policies"] = _names(data, "token_policies", "policies", "value")
    found["members"] = _names(data, "member_entity_ids", "member_group_ids")
    found["token_ends"] = _end(
        record, look_up(record, "response.auth.lease_duration") or look_up(record, "response.auth.token_ttl")
    )
    found["lease_ends"] = _end(record, look_up(record, "response.secret.lease_duration"))
    return [found]


def _act(name: str, operation: str) -> str | None:
    """What was done there; None for what only read."""
    if name == "account":
        return "account-delete" if operation == "delete" else "account-write" if operation in WRITES else None
    if name in ("token", "token-revoke", "token-renew", "secret-id", "group-write", "lease-revoke"):
        return name if operation in WRITES else None
    return name if operation in (*WRITES, "delete") else None


def _names(data: Any, *keys: str) -> list[str]:
    said: dict[str, Any] = data if isinstance(data, dict) else {}
    value: Any = next((said[key] for key in keys if said.get(key)), [])
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return [text for one in value if (text := text_of(one))] if isinstance(value, list) else []


def _end(record: dict[str, Any], seconds: Any) -> str | None:
    """When what lasts so many seconds from this entry on ends."""
    at = utc(record.get("time"))
    if at is None or not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 10**9:
        return None
    try:
        return plus(at, timedelta(seconds=seconds))
    except OverflowError:
        return None  # it outlasts the calendar: it has no end
