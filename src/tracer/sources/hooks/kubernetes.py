"""Kubernetes audit: one shape for single events and lists, and what a role binding gives to whom.

https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ and
https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from typing import Any

from tracer.sources.hooks import Principal
from tracer.sources.paths import decoded, look_up, text_of

BINDINGS = ("rolebindings", "clusterrolebindings")

ROUTINE = ("system:node:", "system:kube-controller-manager", "system:serviceaccount:kube-system:")
"""Parts of the cluster that take tokens for others all day long: their taking one is counted, not an event."""


def principal(record: dict[str, Any]) -> Principal:
    """Who acted: whoever is impersonated is the account that acts, started by the user who impersonates it."""
    starter = text_of(look_up(record, "user.username"))
    name = text_of(look_up(record, "impersonatedUser.username")) or starter
    kind = "workload" if name and name.startswith("system:serviceaccount:") else None
    chain = "direct" if name == starter else f"impersonator:{starter}"
    return {"actor": name, "actor_kind": kind, "session": None, "chain": chain if name and starter else None}


WRAPS = ("message", "properties.log")
READS = (
    "verb",
    "stage",
    "user.username",
    "impersonatedUser.username",
    "objectRef.resource",
    "objectRef.subresource",
)
GIVES = ("routine",)


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event with `made` (the object as it came to be), `role`, `space` and `holders`."""
    record = _unwrapped(record)
    found = dict(record)
    reference = _object(record.get("objectRef"))
    # What the server answered is what came to be; a patch or a refusal leaves what was asked.
    answer, asked = _object(record.get("responseObject")), _object(record.get("requestObject"))
    made = answer if text_of(answer.get("kind")) not in (None, "Status") else asked
    if (text_of(look_up(record, "user.username")) or "").startswith(ROUTINE):
        found["routine"] = "true"
    if text_of(record.get("stage")) in ("RequestReceived", "ResponseStarted") and text_of(
        record.get("auditID")
    ):
        # The same request is logged again when it is complete, with its outcome.
        return []
    if text_of(reference.get("resource")) in BINDINGS and not text_of(reference.get("subresource")):
        return _binding(found, reference, made)
    found["made"] = made
    return [found]


def _unwrapped(record: dict[str, Any]) -> dict[str, Any]:
    """The event that a cloud's log service keeps as a text of its own, with that service's time where it has none."""
    event = record.get("message") or record.get("properties.log")
    if not isinstance(event, dict):
        return record
    return {"timestamp": record.get("time") or record.get("timestamp"), **event}


def _binding(found: dict[str, Any], reference: dict[str, Any], made: dict[str, Any]) -> list[dict[str, Any]]:
    """A binding: its key, the role it gives, its namespace, and everybody in it."""
    space = text_of(reference.get("namespace")) or text_of(look_up(made, "metadata.namespace"))
    name = text_of(reference.get("name")) or text_of(look_up(made, "metadata.name"))
    resource = text_of(reference.get("resource"))
    role = _object(made.get("roleRef"))
    kind, role_name = text_of(role.get("kind")), text_of(role.get("name"))
    local = space if resource == "rolebindings" else None
    found["binding_key"] = f"{resource}/{local or ''}/{name}" if name else None
    found["space"] = local
    if kind and role_name:
        found["role"] = f"{kind}/{space}/{role_name}" if kind == "Role" and space else f"{kind}/{role_name}"
    subjects = made.get("subjects")
    holders = (
        [one for one in (_holder(s, space) for s in subjects) if one] if isinstance(subjects, list) else []
    )
    # Without the role and the people the record does not say who gained: level Metadata leaves them out.
    told = bool(found.get("role")) and isinstance(subjects, list)
    emptied = bool(found.get("role")) and not holders and isinstance(made.get("metadata"), dict)
    found["holders"] = holders or [None]
    found["told"] = "true" if told or emptied else "false"
    return [found]


def _holder(subject: Any, space: str | None) -> dict[str, str] | None:
    """A subject of a binding under the name by which it will sign in."""
    subject = _object(subject)
    kind, name = text_of(subject.get("kind")), text_of(subject.get("name"))
    if name is None:
        return None
    if kind == "ServiceAccount":
        own = text_of(subject.get("namespace")) or space or "default"
        return {"name": f"system:serviceaccount:{own}:{name}", "kind": "workload"}
    return {"name": name, "kind": "group"} if kind == "Group" else {"name": name}


def _object(value: Any) -> dict[str, Any]:
    value = decoded(value)
    return value if isinstance(value, dict) else {}
