"""Google Cloud audit logs: what a policy change changed, and who stands behind an impersonated service account.

https://cloud.google.com/logging/docs/audit/understanding-audit-logs
"""

import re
from typing import Any

from tracer.sources.hooks import Principal
from tracer.sources.paths import look_up, text_of

MEMBER = re.compile(r"(?:deleted:)?(user|serviceAccount|group):([^?]+)(?:\?.*)?")
"""`deleted:serviceAccount:x@y?uid=1` is the account x@y."""

KINDS = {"serviceAccount": "service-account", "group": "group"}

UNTIL = re.compile(r"request\.time\s*<=?\s*timestamp\(\s*['\"]([^'\"]+)['\"]")
"""The end in the condition of a binding."""

ACCOUNT = re.compile(r"serviceAccounts/([^/:]+)")


WRAPS = ("protopayload_auditlog",)
READS = (
    "protoPayload.methodName",
    "protoPayload.authenticationInfo",
    "protoPayload.serviceData",
    "protoPayload.servicedata_v1_iam",
    "protoPayload.metadata",
)
GIVES = ("deltas",)


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The entry with `deltas` (what a policy change added and removed) and `account` (the service account it is about)."""
    payload = record.get("protoPayload", record.get("protopayload_auditlog"))
    if not isinstance(payload, dict):
        return [record]
    if "servicedata_v1_iam" in payload:
        payload = {**payload, "serviceData": payload["servicedata_v1_iam"]}
    named = (text_of(look_up(payload, path)) for path in ("response.name", "request.name", "resourceName"))
    account = next((found[1] for name in named if (found := ACCOUNT.search(name or ""))), None)
    return [{**record, "protoPayload": payload, "deltas": _deltas(payload), "account": account}]


def _deltas(payload: dict[str, Any]) -> list[dict[str, str | None]]:
    """Each binding that was added or removed, wherever the service writes them."""
    metadata = payload.get("metadata")
    changes = list(metadata.values()) if isinstance(metadata, dict) else []
    places = [look_up(payload, "serviceData.policyDelta"), *changes]
    found = []
    for place in places:
        listed = place.get("bindingDeltas") if isinstance(place, dict) else None
        found += [_delta(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return found


def _delta(one: dict[str, Any]) -> dict[str, str | None]:
    kind, who = member(text_of(one.get("member")))
    until = UNTIL.search(text_of(look_up(one, "condition.expression")) or "")
    return {
        "action": text_of(one.get("action")),
        "role": text_of(one.get("role")),
        "who": who,
        "kind": kind,
        "until": until[1] if until else None,
    }


def member(text: str | None) -> tuple[str | None, str | None]:
    """Kind and account name of `user:x@y`, `group:x@y`, `serviceAccount:x@y`; others keep their whole name."""
    found = MEMBER.fullmatch(text or "")
    return (KINDS.get(found[1]), found[2]) if found else (None, text)


def principal(record: dict[str, Any]) -> Principal:
    """The caller; of an impersonated service account also who impersonates it, as the entry itself says."""
    who = look_up(record, "protoPayload.authenticationInfo")
    actor = text_of(look_up(who, "principalEmail")) or text_of(look_up(who, "principalSubject"))
    actor = member(actor)[1]
    delegated = look_up(who, "serviceAccountDelegationInfo")
    first = delegated[0] if isinstance(delegated, list) and delegated else None
    behind = next(
        (
            text
            for path in (
                "firstPartyPrincipal.principalEmail",
                "principalSubject",
                "thirdPartyPrincipal.principalEmail",
            )
            if (text := text_of(look_up(first, path)))
        ),
        None,
    )
    behind = member(behind)[1]
    return {
        "actor": actor,
        "actor_kind": "service-account" if (actor or "").endswith(".gserviceaccount.com") else None,
        "session": text_of(look_up(who, "serviceAccountKeyName")),
        "chain": f"impersonator:{behind}" if behind else None,
        "on_behalf_of": behind,
    }
