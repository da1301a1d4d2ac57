"""midPoint audit records: assignments that were added and taken, and focuses that came, went, or changed status.

https://docs.evolveum.com/midpoint/reference/security/audit/. Each operation has a record of its request and one of its
execution; only the execution changed anything.
"""

from collections.abc import Iterator
from typing import Any

from tracer.sources.paths import look_up, text_of

FOCUS = ("UserType", "ServiceType", "RoleType", "OrgType")
KINDS = {
    "RoleType": "role",
    "OrgType": "organisation",
    "ServiceType": "service",
    "ArchetypeType": "archetype",
    "ResourceType": "resource",
}


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with the acts that its deltas tell."""
    wrapped = record.get("auditEventRecord")
    if isinstance(wrapped, list):
        return [part for one in wrapped if isinstance(one, dict) for part in prepare(one)]
    event = wrapped if isinstance(wrapped, dict) else record
    if (text_of(event.get("eventStage")) or "").casefold() not in ("execution", ""):
        return []
    name = _name(event.get("targetRef"))
    acts = [
        {**act, "entitlement": name or act["entitlement"]}
        if act["verb"] == "change-rule"
        else {**act, "account": name or act.get("account")}
        for delta in _listed(event.get("delta"))
        if isinstance(delta, dict)
        for act in _delta(delta)
    ]
    return [
        {
            "at": text_of(event.get("timestamp")),
            "id": text_of(event.get("eventIdentifier")),
            "actor": _name(event.get("initiatorRef")),
            "attorney": _name(event.get("attorneyRef")),
            "oid": text_of(look_up(event, "targetRef.oid")),
            "outcome": text_of(event.get("outcome")),
            "message": text_of(event.get("message")),
            "session": text_of(event.get("sessionIdentifier")),
            "acts": acts,
        }
    ]


def _delta(delta: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    change = delta.get("objectDelta")
    if not isinstance(change, dict) or _type(change.get("objectType")) not in FOCUS:
        return
    kind = (text_of(change.get("changeType")) or "").casefold()
    account = text_of(delta.get("objectName")) or text_of(change.get("oid"))
    if _type(change.get("objectType")) != "UserType" and kind != "modify":
        yield {
            "verb": "change-rule",
            "entitlement": account,
            "kind": KINDS.get(_type(change.get("objectType"))),
        }
    elif kind == "add":
        yield {"verb": "create", "account": account}
        added = change.get("objectToAdd")
        added = next(iter(added.values()), None) if isinstance(added, dict) and len(added) == 1 else added
        for one in _listed(added.get("assignment")) if isinstance(added, dict) else []:
            yield from _assignment("grant", one, account)
    elif kind == "delete":
        yield {"verb": "delete", "account": account}
    for item in _listed(change.get("itemDelta")) if kind == "modify" else []:
        if isinstance(item, dict):
            yield from _item(item, account)


def _item(item: dict[str, Any], account: str | None) -> Iterator[dict[str, str | None]]:
    path, how = text_of(item.get("path")) or "", (text_of(item.get("modificationType")) or "").casefold()
    last = path.rpartition("/")[2].rpartition(":")[2]
    if last == "assignment":
        verb = {"add": "grant", "delete": "revoke"}.get(how)
        # A replaced list of assignments says what is held now and not what was added to what.
        for one in _listed(item.get("value")) if verb else []:
            yield from _assignment(str(verb), one, account)
    elif last == "administrativeStatus" and how in ("add", "replace"):
        for one in _listed(item.get("value")):
            status = (text_of(one) or text_of(look_up(one, "@value")) or "").casefold()
            if status in ("enabled", "disabled", "archived"):
                yield {"verb": "enable" if status == "enabled" else "disable", "account": account}


def _assignment(verb: str, value: Any, account: str | None) -> Iterator[dict[str, str | None]]:
    target = look_up(value, "targetRef") if isinstance(value, dict) else None
    if _name(target):
        yield {
            "verb": verb,
            "account": account,
            "entitlement": _name(target),
            "kind": KINDS.get(_type(look_up(target, "type")), "role"),
            "expires_at": text_of(look_up(value, "activation.validTo")),
        }


def _name(reference: Any) -> str | None:
    """A reference's target by name, else by oid."""
    if not isinstance(reference, dict):
        return None
    name = reference.get("targetName")
    return text_of(name) or text_of(look_up(name, "orig")) or text_of(reference.get("oid"))


def _type(value: Any) -> str:
    """The local part of a qualified type, such as `c:UserType`."""
    return (text_of(value) or "").rpartition(":")[2].rpartition("#")[2]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
