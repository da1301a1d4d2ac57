"""Microsoft 365: the event out of its envelope; what a command or a sharing act gives to whom.

https://learn.microsoft.com/purview/audit-log-activities. Entra's operations are told in the shape of Entra's own log and
read by the same rows; those of the other services become `changes`, each with its verb, subject and entitlement.
"""

import json
import re
from typing import Any

from tracer.sources.characters import loads
from tracer.sources.hooks import entra
from tracer.sources.hooks.m365_commands import commands
from tracer.sources.hooks.m365_sharing import said, sharing
from tracer.sources.paths import text_of

Record = dict[str, Any]

SYSTEMS = {
    "azureactivedirectory": "entra",
    "onedrive": "sharepoint",
    "microsoftteams": "teams",
    "securitycompliancecenter": "purview",
}
"""What a workload is called; others by their own name."""

TYPES = {"user": "User", "group": "Group", "role": "Role", "serviceprincipal": "ServicePrincipal"}
TYPES |= {"application": "Application", "device": "Device", "policy": "Policy"}
SYSTEM = re.compile(
    r"NT AUTHORITY\\|ServicePrincipal_|app@|Certificate$|S-1-5-18$|Microsoft\\ServiceOperator$", re.I
)
"""Names that services act under."""


WRAPS = ("AuditData",)
READS = (
    "Operation",
    "Workload",
    "AzureActiveDirectoryEventType",
    "UserId",
    "UserType",
    "Actor",
    "Parameters",
    "Members",
    "ResultStatus",
)
GIVES = ("activity", "changes", "where", "who")


def prepare(record: Record) -> list[Record]:
    """The event with `activity`, `where`, `who`, and either what Entra's rows read or `changes`."""
    inner = record.get("AuditData")
    if isinstance(inner, str):
        try:
            inner = loads(inner)
        except (ValueError, RecursionError):
            inner = None
    event = {**record, **inner} if isinstance(inner, dict) else dict(record)
    workload = (text_of(event.get("Workload")) or "").casefold()
    event["where"] = SYSTEMS.get(workload, workload) or (
        "entra" if event.get("AzureActiveDirectoryEventType") else "m365"
    )
    if event["where"] == "entra":
        return [_entra(event)]
    event["activity"] = (text_of(event.get("Operation")) or "").strip().casefold()
    event["who"] = _who(event)
    event["level"] = said(event, "PermissionLevel")
    event["changes"] = commands(event) if "Parameters" in event else sharing(event)
    return [event]


def _who(event: Record) -> dict[str, str | None]:
    name = text_of(event.get("UserId"))
    service = name and (SYSTEM.match(name) or text_of(event.get("UserType")) in ("4", "5", "6"))
    return {"name": name, "id": None, "kind": "workload" if service else None}


def _entra(event: Record) -> Record:
    """An operation of Entra, as Entra's own log would tell it, with the ids by which applications are known."""
    changed = [
        {"displayName": one.get("Name"), "oldValue": one.get("OldValue"), "newValue": one.get("NewValue")}
        for one in _list(event.get("ModifiedProperties"))
        if isinstance(one, dict)
    ]
    target = _target(_list(event.get("Target")), text_of(event.get("ObjectId")))
    as_told = {
        "activityDisplayName": event.get("Operation"),
        "targetResources": [{**target, "modifiedProperties": changed}],
        "result": event.get("ResultStatus"),
    }
    values = {text_of(one["displayName"]): one for one in changed}
    found = entra.prepare(as_told)[0]
    found = {**event, **found, "who": _actor(event)}
    service = values.get("ServicePrincipal.ObjectID", {})
    found["client_id"] = text_of(service.get("newValue")) or text_of(service.get("oldValue"))
    app = (target["type"] or "").casefold() in ("serviceprincipal", "application")
    found["app_id"] = target["id"] if app else None
    activity = found["activity"] or ""
    client = "permission grant" in activity or re.search("app role assignment .* service principal", activity)
    found["subject_id"] = (
        found["client_id"] if client else found["member_id"] if found["member"] else found["app_id"]
    )
    if found["member"] is None and target["type"] == "Group" and activity.endswith("role"):
        found["member"], found["member_kind"], found["subject_id"] = (
            target["displayName"],
            "group",
            target["id"],
        )
    scopes = values.get("DelegatedPermissionGrant.Scope", {})
    if activity == "remove delegated permission grant" and not text_of(scopes.get("oldValue")):
        # Some such records have what was removed as the value after. One with more after than before is half of a
        # replacement, told as removal and as addition of the same difference: nothing is lost by it.
        found["losses"] = found["gains"]
    consented = values.get("ConsentAction.Permissions", {})
    found["consented"] = _consented(text_of(consented.get("newValue")) or "", found["app_id"])
    found["second"] = (text_of(event.get("CreationTime")) or "")[:19]
    operation = text_of(event.get("InterSystemsId")) or found["second"]
    # Who consents is assigned to the application in the same operation, with no role of it: that is how the consent is kept.
    found["together"] = json.dumps({"together": f"{found['client_id'] or found['app_id']} {operation}"})
    if not found["app_role"]:
        found["part"] = json.dumps({"part_of": f"{found['app_id']} {operation}"})
    return found


def _actor(event: Record) -> dict[str, str | None]:
    """Who acted: a service by its display name, which `Actor` has."""
    who = _who(event)
    if who["name"] and who["kind"] and "@" not in who["name"]:
        named = [one for one in _list(event.get("Actor")) if isinstance(one, dict)]
        display = next((text_of(one.get("ID")) for one in named if text_of(one.get("Type")) == "1"), None)
        identifier = who["name"].partition("ServicePrincipal_")[2] or None
        return {"name": display or identifier or who["name"], "id": identifier, "kind": "workload"}
    return who


def _target(listed: list[Any], named: str | None) -> dict[str, str | None]:
    """The target: what it is, its id, its display name (type 1) and its UPN (type 5)."""
    found: dict[str, str | None] = {"type": None, "id": None, "displayName": None, "userPrincipalName": None}
    for one in listed:
        text = text_of(one.get("ID")) if isinstance(one, dict) else None
        number = text_of(one.get("Type")) if isinstance(one, dict) else None
        if text is None:
            continue
        if number == "1" and not found["displayName"]:
            found["displayName"] = text
        elif number == "5":
            found["userPrincipalName"] = text
        elif number == "2" and text.casefold() in TYPES:
            found["type"] = TYPES[text.casefold()]
        elif number == "2" and "_" in text and text.partition("_")[0].casefold() in TYPES:
            found["id"] = text.partition("_")[2]
    if found["type"] is None and named and "@" in named:
        found["type"], found["userPrincipalName"] = "User", named
    return found


def _consented(text: str, application: str | None) -> list[dict[str, str]]:
    """The scopes that a consent adds, with the id of the client that gets them: one without id is the target."""
    before, _, after = text.partition("=>")
    old, new = _scopes(before), _scopes(after)
    return [
        {"client": application if application and not client.strip("0-") else client, "scope": scope}
        for client, scope in new
        if (client, scope) not in old
    ]


def _value(text: str) -> str:
    """What stands before the next comma or bracket."""
    return re.split(r"[,\]]", text, maxsplit=1)[0]


def _scopes(text: str) -> list[tuple[str, str]]:
    found = []
    for part in text.split("ClientId: ")[1:]:
        client, said, scopes = part.partition("Scope: ")
        if said:
            found.append((_value(client), _value(scopes)))
    return [(client.strip(), scope) for client, scopes in found for scope in scopes.split()]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
