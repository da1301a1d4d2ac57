"""Okta System Log: who acted, several roles in one text, and what of a profile changed.

https://developer.okta.com/docs/reference/api/system-log/
"""

import re
from typing import Any

from tracer.sources.hooks import Principal
from tracer.sources.paths import look_up, text_of
from tracer.sources.sentences import sentence

BETWEEN = re.compile(r",\s*(?![^()]*\))")
"""A comma between roles; those in brackets part what a role is limited to."""

ROLE = re.compile(r"(.*?)\s*(?:\((.*)\))?")

OTHERS_GAIN = ("group.privilege.", "app.oauth2.", "iam.", "group.application_assignment.")
"""Events in which a user that is named is not the one who gains."""

GROUPS_GAIN = ("group.privilege.", "group.application_assignment.")
"""Events in which a group gains."""

GAINED = {
    "group.user_membership.": "UserGroup",
    "group.profile.": "UserGroup",
    "application.user_membership.": "AppInstance",
    "group.application_assignment.": "AppInstance",
}
"""Events, by how their names begin, with the kind of the target that is gained and has an id of its own."""

KEEP = {"approve", "approved", "certify", "certified", "keep"}
REMOVE = {"revoke", "revoked", "deny", "denied", "reject", "rejected", "remove"}

WORKLOADS = {"SystemPrincipal", "PublicClientApp", "PublicClientAppEntity", "ServiceClient"}

REVIEWS = ("access.review.action", "certification.campaign.item.decide")
"""A security access review, and an item of a certification campaign."""


READS = (
    "eventType",
    "actor.alternateId",
    "actor.id",
    "transaction.detail.requestApiTokenId",
    "authenticationContext.externalSessionId",
)


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event, out of EventBridge's wrapping, with its roles, changes and decision one by one."""
    inner = record.get("detail")
    if isinstance(inner, dict) and "eventType" not in record:
        record = inner
    kind = str(record.get("eventType"))
    more: dict[str, Any] = {}
    if ".privilege." in kind:
        more["roles"] = _roles(record)
    elif kind.startswith("user.account.update_"):
        more["changes"] = _changes(record)
    elif kind in REVIEWS:
        more["decision"] = _decision(record)
    if not kind.startswith(OTHERS_GAIN):
        more["subjectId"] = look_up(record, "target[type=User].id")
    elif kind.startswith(GROUPS_GAIN):
        more["subjectId"] = look_up(record, "target[type=UserGroup].id")
    gained = next((one for begin, one in GAINED.items() if kind.startswith(begin)), None)
    if gained:
        more["entitlementId"] = look_up(record, f"target[type={gained}].id")
    return [{**record, **more}]


def _roles(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Each role of `privilegeGranted: "Organization administrator, Group administrator (Sales, Support)"`."""
    data = look_up(record, "debugContext.debugData")
    said = next(
        (text for name in ("privilegeGranted", "privilegeRevoked") if (text := text_of(look_up(data, name)))),
        text_of(look_up(record, "target[type=ROLE].displayName")),
    )
    found = []
    for part in BETWEEN.split(sentence(said)):
        match = ROLE.fullmatch(part.strip())
        if match and match[1]:
            found.append({"name": match[1], "scope": match[2] if match[2] != "all" else None})
    return found or [{"name": None, "scope": None}]


def _changes(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Each attribute of the profile with its new value."""
    targets = record.get("target")
    found = []
    for one in targets if isinstance(targets, list) else []:
        new = look_up(one, "changeDetails.to")
        found += [{"attribute": k, "value": v} for k, v in new.items()] if isinstance(new, dict) else []
    return found


def _decision(record: dict[str, Any]) -> str | None:
    """`keep` or `remove`, where the reviewer's decision is in the record."""
    data = look_up(record, "debugContext.debugData")
    said = {str(value).strip().casefold() for value in data.values()} if isinstance(data, dict) else set()
    return "remove" if said & REMOVE else "keep" if said & KEEP else None


def principal(record: dict[str, Any]) -> Principal:
    """The login of a person or client; where Okta says `unknown`, the id. The session, or else the API token."""
    names = [text_of(look_up(record, f"actor.{name}")) for name in ("alternateId", "id")]
    actor = next((name for name in names if name and name != "unknown"), None)
    kind = text_of(look_up(record, "actor.type"))
    token = text_of(look_up(record, "transaction.detail.requestApiTokenId"))
    session = text_of(look_up(record, "authenticationContext.externalSessionId"))
    return {
        "actor": actor,
        "actor_kind": "workload" if kind in WORKLOADS else None,
        "session": token or (session if session != "unknown" else None),
    }
