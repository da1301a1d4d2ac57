"""Jira: audit records of Data Center and of Cloud under one set of names.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-audit-records/
"""

from typing import Any

from tracer.sources.paths import look_up, text_of


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with `did`, `who`, `user`, `group`, `thing`, `changes` (lists of `key`, `old`, `new`) and `moved`."""
    things = [*_listed(record.get("affectedObjects")), record.get("objectItem")]
    things += _listed(record.get("associatedItems"))
    objects = [one for one in things if isinstance(one, dict)]
    changes = [
        {
            "key": (text_of(one.get("key")) or text_of(one.get("fieldName")) or "").lower(),
            "old": text_of(one.get("from")) or text_of(one.get("changedFrom")),
            "new": text_of(one.get("to")) or text_of(one.get("changedTo")),
        }
        for one in [*_listed(record.get("changedValues")), *_listed(record.get("changedValue"))]
        if isinstance(one, dict)
    ]
    by_key = {one["key"] or "": one for one in changes}
    found = {
        "did": (text_of(look_up(record, "type.action")) or text_of(record.get("summary")) or "").strip(),
        "user": _named(objects, "USER"),
        "group": _named(objects, "GROUP"),
        "role": _named(objects, "PROJECT_ROLE"),
        "project": _named(objects, "PROJECT"),
        "thing": text_of(objects[0].get("name")) if objects else None,
        "value": {key: one["new"] or one["old"] for key, one in by_key.items()},
        "joined": _moved(by_key, "new", "old"),
        "left": _moved(by_key, "old", "new"),
        "active": next(
            (one["new"] for key, one in by_key.items() if key in ("active / inactive", "active")), None
        ),
    }
    return [{**record, **found}]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(objects: list[dict[str, Any]], kind: str) -> str | None:
    return next(
        (
            text_of(one.get("name"))
            for one in objects
            if (text_of(one.get("type")) or text_of(one.get("typeName")) or "").upper() == kind
        ),
        None,
    )


def _moved(changes: dict[str, dict[str, str | None]], here: str, there: str) -> list[dict[str, str | None]]:
    """Users and groups that stand on one side of a change of a project role and not on the other."""
    found: list[dict[str, str | None]] = []
    for key, kind in (("users", None), ("groups", "group")):
        sides = {side: _names(changes.get(key, {}).get(side)) for side in (here, there)}
        found += [{"name": one, "kind": kind} for one in sides[here] if one not in sides[there]]
    return found


def _names(value: str | None) -> list[str]:
    return [name for part in (value or "").split(",") if (name := part.strip())]
