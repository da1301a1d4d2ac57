"""Azure Activity: one shape for diagnostic logs and the management API, and what a role assignment says in its bodies.

https://learn.microsoft.com/azure/role-based-access-control/change-history-report. The body of the request stands in the
record of the start, that of the answer in the record of the end; a deletion may name the assignment's id alone.
"""

import re
from typing import Any

from tracer.sources.characters import loads
from tracer.sources.paths import look_up, text_of

Record = dict[str, Any]

ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "9980e02c-c2be-4d73-94e8-173b1dc7cf3c": "Virtual Machine Contributor",
    "fb1c8493-542b-48eb-b624-b4c8fea62acd": "Security Admin",
}
"""Names of built-in roles, whose ids are the same in every tenant."""

UPN = (
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "unique_name",
)
OBJECT = ("http://schemas.microsoft.com/identity/claims/objectidentifier", "oid")
FAILED = ("failure", "failed", "error")
TAKEN = ("adminremove", "selfdeactivate")
"""What a request to PIM may ask for that ends access."""


def prepare(record: Record) -> list[Record]:
    """The record with `operation`, `result`, `who`, and of an assignment `holder`, `role`, `scope` and `assignment`."""
    found = dict(record)
    operation = text_of(record.get("operationName")) or text_of(look_up(record, "operationName.value"))
    operation = (
        operation or text_of(record.get("operationNameValue")) or text_of(record.get("OperationNameValue"))
    )
    found["operation"] = (operation or "").strip().casefold()
    found["result"] = (
        text_of(record.get("resultType"))
        or text_of(look_up(record, "status.value"))
        or text_of(record.get("status"))
        or text_of(record.get("ActivityStatusValue"))
    )
    found["refusal"], found["allowed"] = _reasons(record, found["result"])
    found["correlation"] = text_of(record.get("correlationId")) or text_of(record.get("CorrelationId"))
    found["who"], found["who_id"], found["who_kind"] = _who(record)
    resource = text_of(record.get("resourceId")) or text_of(look_up(record, "authorization.scope")) or ""
    resource = resource or text_of(look_up(record, "identity.authorization.scope")) or ""
    found["resource"] = resource.rstrip("/").rpartition("/")[2] or None
    properties = _opened(record.get("properties") or record.get("Properties"))
    properties = properties if isinstance(properties, dict) else {}
    bodies = [
        _folded(_opened(properties.get(name)))
        for name in ("requestbody", "requestBody", "responseBody", "responsebody")
    ]
    _assignment(found, bodies, resource)
    found["policies"] = _policies(bodies)
    return [found]


def _reasons(record: Record, result: str | None) -> tuple[str | None, str | None]:
    """Why it failed, and the role assignment by which the actor was let do it."""
    failed = (result or "").casefold() in FAILED
    said = text_of(look_up(record, "subStatus.localizedValue"))
    evidence = look_up(record, "identity.authorization.evidence") or look_up(record, "authorization.evidence")
    role = text_of(look_up(evidence, "role"))
    scope = text_of(look_up(evidence, "roleAssignmentScope"))
    assignment = text_of(look_up(evidence, "roleAssignmentId"))
    allowed = f"allowed by role {role}" if role and not failed else None
    if allowed and scope:
        allowed += f" at {scope}"
    if allowed and assignment:
        allowed += f" (assignment {assignment})"
    return (said or text_of(record.get("resultSignature"))) if failed else None, allowed


def _assignment(found: Record, bodies: list[Record], resource: str) -> None:
    said: Record = {}
    for body in bodies:
        inner = _folded(body.get("properties"))
        for name, value in {**body, **inner}.items():
            if value not in (None, "", {}, []):
                said.setdefault(name, value)
    role = (text_of(said.get("roledefinitionid")) or "").rstrip("/").rpartition("/")[2]
    found["role"] = text_of(said.get("roledefinitionname")) or ROLES.get(role.casefold(), role) or None
    found["holder"] = text_of(said.get("principalid"))
    kind = (text_of(said.get("principaltype")) or "").casefold()
    found["holder_kind"] = {"group": "group", "serviceprincipal": "workload"}.get(kind)
    above = re.split(r"/providers/microsoft\.authorization/", resource, flags=re.I)[0]
    found["scope"] = text_of(said.get("scope")) or above or ("/" if resource.startswith("/") else None)
    named = re.search(r"/roleassignments/([^/]+)", resource, re.I)
    identifier = named[1] if named else text_of(said.get("id")) or text_of(said.get("name")) or ""
    found["assignment"] = identifier.rstrip("/").rpartition("/")[2].casefold() or None
    taken = (text_of(said.get("requesttype")) or "").casefold() in TAKEN
    found["taken"], found["asks"] = ("true", "remove") if taken else ("false", None)
    # To ask is not to have: until PIM says that it did so, a request waits for approval or for its start.
    found["status"] = (text_of(said.get("status")) or "").casefold() or None
    asked = re.search(r"/role(?:assignment|eligibility)schedulerequests/([^/]+)", resource, re.I)
    found["asked"] = asked[1].casefold() if asked else None
    expiration = _folded(_folded(said.get("scheduleinfo")).get("expiration"))
    found["ends"] = text_of(expiration.get("enddatetime"))
    found["ticket"] = text_of(_folded(said.get("ticketinfo")).get("ticketnumber"))
    found["justification"] = text_of(said.get("justification"))


def _policies(bodies: list[Record]) -> list[str]:
    """The object ids that an access policy of a vault names."""
    found = []
    for body in bodies:
        listed = _folded(body.get("properties")).get("accesspolicies")
        for one in listed if isinstance(listed, list) else ():
            identifier = text_of(_folded(one).get("objectid"))
            if identifier and identifier not in found:
                found.append(identifier)
    return found


def _who(record: Record) -> tuple[str | None, str | None, str | None]:
    """Who acted: the UPN, else the application's or the object's id; its object id; and what it is."""
    claims = _opened(look_up(record, "identity.claims") or record.get("claims") or record.get("Claims"))
    claims = claims if isinstance(claims, dict) else {}
    caller = text_of(record.get("caller")) or text_of(record.get("Caller"))
    name = next((text for key in UPN if (text := text_of(claims.get(key)))), None)
    if name is None and caller and "@" in caller:
        name = caller
    identifier = next((text for key in OBJECT if (text := text_of(claims.get(key)))), None)
    identifier = identifier or text_of(look_up(record, "identity.authorization.evidence.principalId"))
    application = text_of(claims.get("idtyp")) == "app" or (
        name is None and bool(text_of(claims.get("appid")))
    )
    return (
        name or identifier or caller or text_of(claims.get("appid")),
        identifier,
        "workload" if application else None,
    )


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        try:
            return loads(value)
        except (ValueError, RecursionError):
            return None
    return value


def _folded(value: Any) -> Record:
    return {str(key).casefold(): one for key, one in value.items()} if isinstance(value, dict) else {}
