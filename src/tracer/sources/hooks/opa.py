"""Open Policy Agent: what was decided, on which inputs, by which revision of which policy.

The input is whatever the caller sends: the names below are those under which callers usually say who and what.
https://www.openpolicyagent.org/docs/management-decision-logs
"""

import json
from typing import Any

from tracer.sources.paths import look_up, text_of

SUBJECT = ("subject", "user", "principal", "identity", "account", "beneficiary", "username", "sub", "email")
ENTITLEMENT = ("entitlement", "role", "group", "permission", "access", "resource", "object")
SYSTEM = ("system", "application", "app", "target_system")
NAME = ("id", "email", "name", "username", "login", "sub")
ALLOW = ("allow", "allowed", "granted", "grant", "permit", "result", "eligible")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The decision with `verdict` (allow, deny or nothing that says either), `who`, `revision` and `inputs`."""
    found = dict(record)
    asked = record.get("input")
    found["verdict"] = _verdict(record.get("result"))
    found["who"] = {
        "subject": _named(asked, SUBJECT),
        "entitlement": _named(asked, ENTITLEMENT),
        "system": _named(asked, SYSTEM),
    }
    found["revision"] = _revision(record)
    found["inputs"] = json.dumps(_attributes(asked), sort_keys=True) if isinstance(asked, dict) else None
    path = text_of(record.get("path")) or text_of(record.get("query"))
    found["path"] = path.strip("/") if path else None
    return [found]


def _verdict(result: Any) -> str | None:
    if isinstance(result, dict):
        result = next((result[name] for name in ALLOW if isinstance(result.get(name), bool)), None)
    return {True: "allow", False: "deny"}.get(result) if isinstance(result, bool) else None


def _named(asked: Any, names: tuple[str, ...]) -> str | None:
    """The first of these that the input says, itself or by the name it has."""
    for name in names:
        value = asked.get(name) if isinstance(asked, dict) else None
        if isinstance(value, dict):
            value = next((v for key in NAME if (v := text_of(value.get(key)))), None)
        if text := text_of(value):
            return text
    return None


def _revision(record: dict[str, Any]) -> str | None:
    """The revision of the bundle: of the only one, else of all of them by name."""
    bundles = record.get("bundles")
    if isinstance(bundles, dict) and bundles:
        said = {name: text_of(look_up(one, "revision")) for name, one in sorted(bundles.items())}
        return (
            next(iter(said.values()))
            if len(said) == 1
            else ",".join(f"{name}={value}" for name, value in said.items())
        )
    return text_of(record.get("revision"))


def _attributes(asked: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, str]:
    """The input as attributes: names of the inner objects joined by dots, those of the subject without its name."""
    found: dict[str, str] = {}
    for key, value in asked.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and depth < 4:
            inner = "" if not before and key in SUBJECT else f"{name}."
            found |= _attributes(value, inner, depth + 1)
        else:
            found[name] = text_of(value) or (
                "" if value is None else json.dumps(value, sort_keys=True, default=str)
            )
    return found
