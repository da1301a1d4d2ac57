"""SCIM 2.0: requests to a service provider as a proxy or client logs them, and resources as an export holds them.

RFC 7643 and RFC 7644. A request to a group gives or takes membership; one to a user creates, disables, enables or deletes
the account and says what is known of the person. A PUT says the whole membership at that moment, not what changed.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tracer.sources.hooks import Principal
from tracer.sources.paths import look_up, text_of

Part = dict[str, Any]
BODY = ("body", "request_body", "requestBody", "request.body", "payload", "data")
AT = ("timestamp", "time", "at", "date", "@timestamp", "created_at", "ts")
MEMBER = re.compile(r"""members\s*\[\s*value\s+eq\s+"([^"]+)"\s*\]""", re.I)
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
FACTS = {
    "active": "active", "userType": "employment_type", "title": "title", f"{ENTERPRISE}.department": "department",
    f"{ENTERPRISE}.division": "division", f"{ENTERPRISE}.organization": "organization",
    f"{ENTERPRISE}.costCenter": "cost_center", f"{ENTERPRISE}.manager.value": "manager",
}  # fmt: skip


def principal(record: Part) -> Principal:
    """The client that sent the request, where the log names it."""
    names = ("actor", "client", "client_id", "user", "principal", "requester")
    return {"actor": next((found for name in names if (found := text_of(record.get(name)))), None)}


def prepare(record: Part) -> list[Part]:
    """What a request changes or a resource shows; every operation of a bulk request by itself."""
    method = text_of(_any(record, ("method", "http_method", "request.method", "verb")))
    if method is None:
        bulk = isinstance(record.get("schemas"), list) and any(
            "BulkRequest" in str(one) for one in record["schemas"]
        )
        bare: Part = {
            "at": text_of(_any(record, AT)),
            "system": "scim",
            "id": None,
            "failed": None,
            "client": None,
        }
        return list(_bulk(bare, record, None)) if bulk else [_resource(record)]
    address = (
        text_of(_any(record, ("path", "url", "uri", "endpoint", "request.path", "request.url", "resource")))
        or ""
    )
    status = text_of(
        _any(record, ("status", "status_code", "statusCode", "response.status", "response.statusCode"))
    )
    base: Part = {
        "at": text_of(_any(record, AT)),
        "system": text_of(record.get("system"))
        or urlsplit(address).hostname
        or text_of(record.get("host"))
        or "scim",
        "id": text_of(_any(record, ("request_id", "requestId", "trace_id", "id"))),
        "failed": "failed" if status is not None and not status.startswith("2") else None,
        "client": principal(record)["actor"],
    }
    body = _any(record, BODY)
    answer = _any(record, ("response_body", "responseBody", "response.body"))
    path = urlsplit(address).path
    if path.rstrip("/").endswith("/Bulk") or path.strip("/") == "Bulk":
        return list(_bulk(base, body, answer))
    return [{**base, **_one(method.upper(), path, body, answer)}]


def _bulk(base: Part, body: Any, answer: Any) -> Iterator[Part]:
    operations = body.get("Operations") if isinstance(body, dict) else None
    answers = answer.get("Operations") if isinstance(answer, dict) else None
    names = _names(operations if isinstance(operations, list) else [], answers)
    for number, one in enumerate(operations if isinstance(operations, list) else []):
        if not isinstance(one, dict):
            continue
        said = answers[number] if isinstance(answers, list) and number < len(answers) else {}
        status = text_of(said.get("status")) if isinstance(said, dict) else None
        location = text_of(said.get("location")) if isinstance(said, dict) else None
        path = text_of(one.get("path")) or ""
        part = _one(
            (text_of(one.get("method")) or "").upper(),
            path,
            _resolved(one.get("data"), names),
            {"id": location.rpartition("/")[2]} if location else None,
        )
        failed = "failed" if status is not None and not status.startswith("2") else base["failed"]
        yield {**base, **part, "failed": failed, "number": str(number)}


def _names(operations: list[Any], answers: Any) -> dict[str, str]:
    """What the resources that a bulk request creates are called, by the temporary id that its other operations use."""
    found = {}
    for number, one in enumerate(operations):
        bulk = text_of(look_up(one, "bulkId"))
        answer = answers[number] if isinstance(answers, list) and number < len(answers) else None
        made = (text_of(look_up(answer, "location")) or "").rpartition("/")[2]
        name = text_of(look_up(one, "data.userName")) or made or text_of(look_up(one, "data.displayName"))
        if bulk and name:
            found[f"bulkId:{bulk}"] = name
    return found


def _resolved(data: Any, names: dict[str, str]) -> Any:
    """The data of an operation, with names in place of temporary ids (RFC 7644, section 3.7.2)."""
    if isinstance(data, dict):
        return {key: _resolved(value, names) for key, value in data.items()}
    if isinstance(data, list):
        return [_resolved(value, names) for value in data]
    return names.get(data, data) if isinstance(data, str) else data


def _one(method: str, path: str, body: Any, answer: Any) -> Part:
    """What one request does."""
    steps = [step for step in path.split("/") if step]
    kind = next((step for step in steps if step in ("Users", "Groups")), None)
    rest = steps[steps.index(kind) + 1 :] if kind else []
    body = body if isinstance(body, dict) else {}
    answer = answer if isinstance(answer, dict) else {}
    # A log that keeps one body for both keeps that of the answer, and only an answer names the id of what was made.
    name = rest[0] if rest else text_of(answer.get("id")) or text_of(body.get("id"))
    if kind == "Groups":
        said = (answer, body, _patched(body))
        called = next((found for one in said if (found := text_of(one.get("displayName")))), None)
        return {"acts": list(_group(method, name, body)), "called": called}
    if kind != "Users":
        return {}
    login = text_of(body.get("userName"))
    account = login or name if method == "POST" else name or login
    if method == "PATCH" and "userName" not in _patched(body):
        # Unless it is a new one, the login in the answer is what this id is called.
        account = login = text_of(answer.get("userName")) or account
    part: Part = {"acts": list(_user(method, account, body))}
    if name and login:
        part["known"] = {"name": login, "id": name}
    if method in ("POST", "PUT", "PATCH"):
        part["person"] = _person(_patched(body) if method == "PATCH" else body, name)
    return part


def _user(method: str, account: str | None, body: Part) -> Iterator[Part]:
    verb = {"POST": "create", "DELETE": "delete"}.get(method)
    if verb:
        yield {"verb": verb, "account": account}
    said = _patched(body) if method == "PATCH" else body
    active = text_of(said.get("active"))
    if method in ("PATCH", "PUT") and active is not None:
        yield {"verb": "enable" if active.casefold() == "true" else "disable", "account": account}
    for key in ("roles", "entitlements"):
        for one in _values(said.get(key)) if method in ("POST", "PATCH") else []:
            yield {
                "verb": "revoke" if _removes(body, key) else "grant",
                "account": account,
                "entitlement": one,
                "kind": key[:-1],
            }


def _removes(body: Part, key: str) -> bool:
    operations = body.get("Operations")
    return isinstance(operations, list) and any(
        isinstance(one, dict)
        and (text_of(one.get("op")) or "").casefold() == "remove"
        and text_of(one.get("path")) == key
        for one in operations
    )


def _group(method: str, group: str | None, body: Part) -> Iterator[Part]:
    name = group or text_of(body.get("displayName"))
    if method == "DELETE":
        yield {"verb": "change-rule", "entitlement": group, "kind": "group", "reason": "deleted"}
        yield {"verb": "revoke", "account": None, "entitlement": group, "kind": "group"}
    elif method == "POST":
        members = _values(body.get("members"))
        if not members:
            # Nobody gains anything, but only this record tells what the group's id is called.
            yield {"verb": "change-rule", "entitlement": name, "kind": "group", "reason": "created"}
        for member in members:
            yield {"verb": "grant", "account": member, "entitlement": name, "kind": "group"}
    elif method == "PUT":
        for member in _values(body.get("members")):
            yield {"verb": "held", "account": member, "entitlement": group}
    elif method == "PATCH":
        operations = body.get("Operations")
        for one in operations if isinstance(operations, list) else []:
            if isinstance(one, dict):
                yield from _membership(one, group)
        if "displayName" in _patched(body):
            yield {"verb": "change-rule", "entitlement": group, "kind": "group", "reason": "renamed"}


def _membership(one: Part, group: str | None) -> Iterator[Part]:
    op, path, value = (
        (text_of(one.get("op")) or "").casefold(),
        text_of(one.get("path")) or "",
        one.get("value"),
    )
    filtered = MEMBER.search(path)
    if not path and isinstance(value, dict):
        path, value = ("members", value["members"]) if "members" in value else ("", value)
    if not path.casefold().startswith("members"):
        return
    members: list[str | None] = [filtered[1]] if filtered else list(_values(value))
    if op == "add":
        yield from (
            {"verb": "grant", "account": member, "entitlement": group, "kind": "group"} for member in members
        )
    elif op == "remove":
        # Without a value everybody is removed; the request does not say who that was.
        for member in members or [None]:
            yield {"verb": "revoke", "account": member, "entitlement": group, "kind": "group"}
    elif op == "replace":
        yield from ({"verb": "held", "account": member, "entitlement": group} for member in members)


def _patched(body: Part) -> Part:
    """The attributes that a PATCH sets, whether it names them by path or in its value."""
    found: Part = {}
    operations = body.get("Operations")
    for one in operations if isinstance(operations, list) else []:
        if not isinstance(one, dict):
            continue
        path, value = text_of(one.get("path")), one.get("value")
        if path:
            found[path.replace(f"{ENTERPRISE}:", f"{ENTERPRISE}.")] = value
        elif isinstance(value, dict):
            found |= value
    return found


def _resource(record: Part) -> Part:
    """A user or group of an export, as of its last change."""
    schemas = record.get("schemas")
    listed = [str(one) for one in schemas] if isinstance(schemas, list) else []
    name, at = text_of(record.get("id")), text_of(look_up(record, "meta.lastModified"))
    location = text_of(look_up(record, "meta.location")) or ""
    base: Part = {
        "at": at,
        "system": text_of(record.get("system")) or urlsplit(location).hostname or "scim",
        "id": None,
    }
    if any(one.endswith(":PatchOp") for one in listed):
        # A request by itself names neither its group nor its time, and is rejected for that.
        return {**base, "acts": list(_group("PATCH", None, record))}
    if any(one.endswith(":Group") for one in listed):
        group = name or text_of(record.get("displayName"))
        return {
            **base,
            "called": text_of(record.get("displayName")),
            "acts": [
                {"verb": "held", "account": one, "entitlement": group}
                for one in _values(record.get("members"))
            ],
        }
    if any(one.endswith(":User") for one in listed):
        held = [
            {"verb": "held", "account": text_of(record.get("userName")) or name, "entitlement": one}
            for key in ("groups", "roles", "entitlements")
            for one in _values(record.get(key))
        ]
        return {**base, "acts": held, "person": _person(record, name)}
    return {}


def _person(user: Part, name: str | None) -> Part:
    """What is known of the person behind an account."""
    mails = user.get("emails")
    listed = [one for one in mails if isinstance(one, dict)] if isinstance(mails, list) else []
    mail = next((text_of(one.get("value")) for one in listed if one.get("primary") is True), None)
    mail = mail or next((text for one in listed if (text := text_of(one.get("value")))), None)
    login = text_of(user.get("userName"))
    worker = text_of(look_up(user, f'["{ENTERPRISE}"].employeeNumber')) or text_of(
        user.get(f"{ENTERPRISE}.employeeNumber")
    )
    facts = [
        {"attribute": attribute, "value": text_of(_nested(user, path)) or ""}
        for path, attribute in FACTS.items()
        if _nested(user, path) is not None
    ]
    return {
        "worker_id": worker,
        "email": mail or (login if login and "@" in login else None),
        "account": login or name,
        "facts": facts,
    }


def _nested(user: Part, path: str) -> Any:
    if path in user:
        return user[path]
    extension, dot, inner = path.partition(f"{ENTERPRISE}.")
    if dot and not extension:
        holder = user.get(ENTERPRISE)
        return look_up(holder, inner) if isinstance(holder, dict) else None
    return user.get(path)


def _values(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    found = [text_of(one.get("value")) if isinstance(one, dict) else text_of(one) for one in listed]
    return [one for one in found if one]


def _any(record: Part, paths: tuple[str, ...]) -> Any:
    return next((found for path in paths if (found := look_up(record, path)) is not None), None)
