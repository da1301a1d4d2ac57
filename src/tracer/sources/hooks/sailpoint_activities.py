"""SailPoint account activities: of each item who asked, who reviewed, and whether it was provisioned.

https://developer.sailpoint.com/docs/api/v3/list-account-activities/
"""

from typing import Any

from tracer.sources.paths import look_up, text_of

APPROVALS = {
    "APPROVED": "approve",
    "REJECTED": "deny",
    "CANCELLED": "cancel",
    "CANCELED": "cancel",
    "EXPIRED": "cancel",
}
DONE = ("FINISHED", "COMMITTED", "VERIFIED", "COMPLETE", "COMPLETED")
FAILED = ("FAILED", "REJECTED", "ERROR")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The activity with its acts."""
    items = record.get("items")
    created = text_of(record.get("created"))
    changed = text_of(record.get("completed")) or text_of(record.get("modified")) or created
    requester = text_of(look_up(record, "requesterIdentitySummary.name"))
    target = text_of(look_up(record, "targetIdentitySummary.name"))
    acts: list[dict[str, str | None]] = []
    for number, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            acts += _item(item, text_of(item.get("id")) or str(number), requester, created, changed)
    return [{"id": text_of(record.get("id")), "at": created, "target": target, "acts": acts}] if acts else []


def _item(
    item: dict[str, Any], name: str, requester: str | None, created: str | None, changed: str | None
) -> list[dict[str, str | None]]:
    removes = (text_of(item.get("operation")) or "").upper() in ("REMOVE", "REVOKE", "DELETE", "DISABLE")
    about = {
        "item": name,
        "entitlement": text_of(look_up(item, "accountRequestInfo.requestedObjectName"))
        or text_of(item.get("value"))
        or text_of(item.get("name")),
        "kind": (
            text_of(look_up(item, "accountRequestInfo.requestedObjectType")) or "entitlement"
        ).casefold(),
        "expires_at": text_of(item.get("removeDate")),
        "reason": text_of(look_up(item, "requesterComment.comment")) or text_of(item.get("requesterComment")),
    }
    approval = (text_of(item.get("approvalStatus")) or "").upper()
    decision = "remove" if removes else "pending" if approval == "PENDING" else None
    found = [
        {
            **about,
            "verb": "request",
            "who": requester,
            "at": text_of(item.get("requested")) or created,
            "decision": decision,
        }
    ]
    if approval in APPROVALS:
        reviewer = text_of(look_up(item, "reviewerIdentitySummary.name"))
        found.append({**about, "verb": APPROVALS[approval], "who": reviewer, "at": changed})
    status = (text_of(item.get("provisioningStatus")) or "").upper()
    if status in DONE or (status in FAILED and approval != "REJECTED"):
        outcome = "success" if status in DONE else "failure"
        found.append(
            {
                **about,
                "verb": "revoke" if removes else "grant",
                "who": None,
                "at": changed,
                "outcome": outcome,
            }
        )
    return found
