"""OCSF: who acted, which in a sign-in is the user it is about, and policies under one name.

https://schema.ocsf.io/1.5.0/categories/iam
"""

from typing import Any

from tracer.sources.hooks import Principal
from tracer.sources.paths import look_up, text_of

SIGN_IN = "3002"


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with `held`: the names of the policies, privileges or roles that it is about."""
    found = dict(record)
    found["held"] = [
        name
        for path in ("policy", "policies", "privileges", "iam_role", "iam_roles")
        for one in _listed(look_up(record, path))
        if (name := _name(one))
    ]
    return [found]


def principal(record: dict[str, Any]) -> Principal:
    """The user who acted, else the service that did."""
    if text_of(record.get("class_uid")) == SIGN_IN:
        return {"actor": _name(record.get("user"))}
    actor = look_up(record, "actor.user")
    who = _name(actor) or text_of(look_up(record, "actor.invoked_by"))
    return {"actor": who or text_of(look_up(record, "actor.app_name"))}


def _name(one: Any) -> str | None:
    if not isinstance(one, dict):
        return text_of(one)
    return next((text for key in ("email_addr", "name", "uid") if (text := text_of(one.get(key)))), None)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
