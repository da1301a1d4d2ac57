"""Entra ID: one shape for the diagnostic log, the Sentinel table and Graph, and who gained what by which activity.

https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities. The target is often not who
gains: of a delegated grant it is the resource, of an app role it is the application; `modifiedProperties` says the rest.
"""

import json
import re
from typing import Any

from tracer.sources.characters import loads
from tracer.sources.paths import decoded, look_up, text_of

Found = dict[str, Any]

OTHERS_GAIN = re.compile(r"permission ?grant|app role assignment (?:to|from) (?:group|service principal)")
"""Activities whose target is what is gained, not who gains it."""

GROUP = re.compile(r"^(?:add|remove) (?:a )?member (?:to|from) (?:a )?group|^update group$")
"""Activities by which somebody joins or leaves a group, or a group changes."""

OWNED = ("Application", "ServicePrincipal", "Device", "Policy")
"""Kinds of things with an owner whose name may stand among the properties of who comes to own it."""

CREDENTIAL = re.compile(r"KeyIdentifier=([^,\]]+)")


RULED = {"MembershipRule", "MembershipRuleProcessingState", "IsAssignableToRole", "IsPublic", "Visibility"}
"""What of a group decides who is in it, and what that gives; the rest of it is address and description."""

UNTOUCHED = {"Included Updated Properties", "Action Client Name", "TargetId.UserType", "TargetId.GroupType"}
"""Properties that say something of the record, not of what was changed."""


WRAPS = ("properties",)
READS = (
    "activityDisplayName",
    "initiatedBy",
    "InitiatedBy",
    "result",
    "Result",
    "resultType",
    "ResultType",
)
GIVES = ("activity", "who")


def prepare(record: Found) -> list[Found]:
    """The record with `activity`, `who`, `member`, `group`, `role`, `app`, `gains`, `losses` and what is said of them."""
    base = _base(record)
    targets = [one for one in _list(base.get("targetResources")) if isinstance(one, dict)]
    changed = _changed(targets)
    details = {
        text_of(one.get("key")): text_of(one.get("value"))
        for one in _list(base.get("additionalDetails"))
        if isinstance(one, dict)
    }
    found = {**record, **base}
    found["activity"] = _words(text_of(base.get("activityDisplayName")) or text_of(base.get("operationName")))
    found["who"] = _who(base)
    found["member"], found["member_kind"], found["member_id"] = _member(targets, changed)
    if OTHERS_GAIN.search(found["activity"] or ""):
        # The target is the resource or the application: its id is no other name of who gains, unless that is a group.
        found["member_id"] = _new_or_old(changed, "Group.ObjectID")
    found["gained_id"] = _gained(found["activity"] or "", targets, changed)
    found["group"] = _new_or_old(changed, "Group.DisplayName") or _target(targets, "group", last=True)
    found["role"] = _new_or_old(changed, "Role.DisplayName") or _target(targets, "role")
    found["app"] = _target(targets, "serviceprincipal") or _target(targets, "application")
    found["thing"] = _thing(targets, changed)
    found["touched"] = [name for name in changed if name not in UNTOUCHED]
    found["ruled"] = "true" if RULED & set(changed) else None
    found["renamed"] = changed.get("DisplayName", ("", ""))[1] or None
    found["factors"] = "true" if "StrongAuthenticationRequirement" in changed else None
    # Where nothing stood before, the user has only been created.
    tokens_from, _ = changed.get("StsRefreshTokensValidFrom", ("", ""))
    found["signed_out"] = "true" if tokens_from not in ("", "[]") else None
    found["gains"], found["losses"] = _permissions(changed)
    found["issued"], found["withdrawn"] = _keys(changed)
    found["client"] = (
        _new_or_old(changed, "ServicePrincipal.DisplayName")
        or _new_or_old(changed, "ServicePrincipal.Name")
        or _new_or_old(changed, "ServicePrincipal.ObjectID")
    )
    found["app_role"] = _new_or_old(changed, "AppRole.Value") or _new_or_old(changed, "AppRole.DisplayName")
    found["ends"] = next(
        (details[k] for k in ("ExpirationTime", "EndDate", "EndDateTime") if details.get(k)), None
    )
    found["ticket"] = details.get("TicketNumber")
    found["asked"] = text_of(base.get("correlationId"))
    return [found]


def _base(record: Found) -> Found:
    """The audit event itself, under Graph's names."""
    properties = decoded(record.get("properties"))
    base = dict(properties) if isinstance(properties, dict) else {}
    for ours, names in {
        "activityDisplayName": (
            "activityDisplayName",
            "ActivityDisplayName",
            "operationName",
            "OperationName",
        ),
        "activityDateTime": ("activityDateTime", "ActivityDateTime", "TimeGenerated", "time"),
        "initiatedBy": ("initiatedBy", "InitiatedBy"),
        "targetResources": ("targetResources", "TargetResources"),
        "additionalDetails": ("additionalDetails", "AdditionalDetails"),
        "result": ("result", "Result", "resultType", "ResultType"),
        "resultReason": ("resultReason", "ResultReason", "ResultDescription", "resultDescription"),
        "correlationId": ("correlationId", "CorrelationId"),
        "id": ("id", "Id"),
    }.items():
        values = (holder.get(name) for holder in (base, record) for name in names)
        base[ours] = decoded(next((value for value in values if value not in (None, "")), None))
    return base


def _words(text: str | None) -> str | None:
    """An activity as it compares: case-folded, one blank, plain dashes."""
    return " ".join(text.replace("–", "-").casefold().split()).rstrip(".") if text else None


def _who(base: Found) -> dict[str, str | None]:
    user, app = look_up(base, "initiatedBy.user"), look_up(base, "initiatedBy.app")
    user = user if isinstance(user, dict) else {}
    app = app if isinstance(app, dict) else {}
    mail, identifier = text_of(user.get("userPrincipalName")), text_of(user.get("id"))
    if mail or identifier:
        return {"name": mail or identifier, "id": identifier, "kind": None}
    name = (
        text_of(app.get("displayName")) or text_of(app.get("appId")) or text_of(app.get("servicePrincipalId"))
    )
    return {"name": name, "id": text_of(app.get("servicePrincipalId")), "kind": "workload" if name else None}


def _changed(targets: list[Found]) -> dict[str, tuple[str, str]]:
    """Property -> old and new value, with the quotes that the service puts around values taken off."""
    found: dict[str, tuple[str, str]] = {}
    for target in targets:
        for one in _list(target.get("modifiedProperties")):
            name = text_of(one.get("displayName")) if isinstance(one, dict) else None
            if name:
                found.setdefault(name, (_value(one.get("oldValue")), _value(one.get("newValue"))))
    return found


def _value(value: Any) -> str:
    for _ in range(2):
        if isinstance(value, str) and value[:1] in ('"', "[") and value[-1:] in ('"', "]"):
            try:
                value = loads(value)
            except (ValueError, RecursionError):
                break
    if isinstance(value, list):
        return json.dumps(value) if len(value) != 1 else text_of(value[0]) or json.dumps(value[0])
    return text_of(value) or (json.dumps(value) if isinstance(value, dict) else "")


def _new_or_old(changed: dict[str, tuple[str, str]], name: str) -> str | None:
    old, new = changed.get(name, ("", ""))
    return new or old or None


def _kind(target: Found) -> str:
    return (text_of(target.get("type")) or text_of(target.get("Type")) or "").casefold()


def _target(targets: list[Found], kind: str, *, last: bool = False) -> str | None:
    names = [text_of(t.get("displayName")) or text_of(t.get("id")) for t in targets if _kind(t) == kind]
    names = [name for name in names if name]
    return names[-1 if last else 0] if names else None


def _member(
    targets: list[Found], changed: dict[str, tuple[str, str]]
) -> tuple[str | None, str | None, str | None]:
    """Who gains or loses: a user by name, else a service principal, a device, or of two groups the first."""
    user = next((t for t in targets if _kind(t) == "user"), None)
    named = next(
        (
            _new_or_old(changed, name)
            for name in ("User.UPN", "User.UserPrincipalName", "UserPrincipalName")
            if _new_or_old(changed, name)
        ),
        None,
    )
    if user is not None:
        name = (
            text_of(user.get("userPrincipalName"))
            or named
            or text_of(user.get("displayName"))
            or text_of(user.get("id"))
        )
        return name, None, text_of(user.get("id"))
    if named:
        return named, None, None
    groups = [t for t in targets if _kind(t) == "group"]
    for kind, ours in (("serviceprincipal", "workload"), ("device", "workload")):
        other = next((t for t in targets if _kind(t) == kind), None)
        if other is not None:
            return (
                text_of(other.get("displayName")) or text_of(other.get("id")),
                ours,
                text_of(other.get("id")),
            )
    if len(groups) > 1 or (groups and any(_kind(t) == "role" for t in targets)):
        return (
            text_of(groups[0].get("displayName")) or text_of(groups[0].get("id")),
            "group",
            text_of(groups[0].get("id")),
        )
    return None, None, None


def _gained(activity: str, targets: list[Found], changed: dict[str, tuple[str, str]]) -> str | None:
    """The id of the group that is joined, left or changed, of which the name may change."""
    if not GROUP.search(activity):
        return None
    ids = [text_of(one.get("id")) for one in targets if _kind(one) == "group"]
    return _new_or_old(changed, "Group.ObjectID") or (ids[-1] if ids else None)


def _thing(targets: list[Found], changed: dict[str, tuple[str, str]]) -> str | None:
    """What is changed or owned, never the user: its name, else its id."""
    things = [one for one in targets if _kind(one) != "user"]
    named = (text_of(one.get("displayName")) for one in things)
    owned = (_new_or_old(changed, f"{kind}.DisplayName") for kind in OWNED)
    known = (text_of(one.get("id")) for one in things)
    return next((text for names in (named, owned, known) for text in names if text), None)


def _permissions(changed: dict[str, tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Scopes and licences that stand only in the new or only in the old value."""
    for name in ("DelegatedPermissionGrant.Scope", "AssignedLicense", "AssignedLicenses"):
        if name in changed:
            old, new = (_listed(value) for value in changed[name])
            return [one for one in new if one not in old], [one for one in old if one not in new]
    return [], []


def _listed(value: str) -> list[str]:
    licences = re.findall(r"(?:SkuName|SkuId)=([^,\]\"]+)", value)
    return licences or re.findall(r"[^\s\[\],\"]+", value)


def _keys(changed: dict[str, tuple[str, str]]) -> tuple[list[str | None], list[str]]:
    if "KeyDescription" not in changed:
        # A credential was issued all the same; which one is not said.
        return [None], []
    # Without identifiers the description is all by which a key can be told from another.
    old, new = (CREDENTIAL.findall(value) or _plain(value) for value in changed["KeyDescription"])
    return [key for key in new if key not in old], [key for key in old if key not in new]


def _plain(value: str) -> list[str]:
    return [] if value in ("", "[]") else [value]


def _list(value: Any) -> list[Any]:
    value = decoded(value)
    return value if isinstance(value, list) else []
