"""What can be read: the declarations in `ingest/`, one file per source, data only."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tracer.case.resources import resource
from tracer.errors import DeclarationError

VERBS = [
    "request",
    "approve",
    "deny",
    "cancel",
    "grant",
    "revoke",
    "extend",
    "verify",
    "review",
    "use",
    "create",
    "disable",
    "enable",
    "delete",
    "rotate",
    "delegate",
    "override",
    "assume",
    "change-rule",
]
"""The closed set of what an event can be."""


@dataclass(frozen=True, eq=False)
class Action:
    """One row of a declaration's table of actions: when these fields have these values, what it means."""

    when: dict[str, tuple[str, ...]]
    verb: str
    values: dict[str, Any]
    each: str | None = None


@dataclass(frozen=True)
class Declaration:
    """One source: how it is recognised, where its records lie, and what they mean."""

    name: str
    title: str
    kind: str
    export: str
    names: str
    reference: str = ""
    containers: tuple[str, ...] = ()
    recognise: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    reader: str = "actions"
    system: str | None = None
    time: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    principal: str | None = None
    actor: tuple[str, ...] = ()
    failure: str | None = None
    failure_unless: dict[str, Any] | None = None
    reason: str | None = None
    action: str | None = None
    carries: tuple[str, ...] = ()
    aliases: tuple[dict[str, str], ...] = ()
    actions: tuple[Action, ...] = field(default=())


@cache
def declarations() -> dict[str, Declaration]:
    """All sources by name. Raises DeclarationError naming the file that does not say what it must."""
    folder = resource("ingest")
    found = {}
    for path in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not path.name.endswith(".toml"):
            continue
        found_one = parse(path.read_text(encoding="utf-8"), path.name)
        found[found_one.name] = found_one
    return found


def parse(text: str, where: str) -> Declaration:
    """A declaration from the text of its file."""
    try:
        said = tomllib.loads(text)
        actions = tuple(_action(one, where) for one in said.pop("actions", []))
        for name in ("time", "actor"):
            if isinstance(said.get(name), str):
                said[name] = [said[name]]
        fixed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
        }
        return Declaration(**fixed, actions=actions)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise DeclarationError(
            f"this declaration is not understood ({error})", where=where, todo="compare it with another one"
        ) from error


def _action(said: dict[str, Any], where: str) -> Action:
    when = {
        path: tuple(value) if isinstance(value, list) else (value,)
        for path, value in said.pop("when").items()
    }
    verb, each = said.pop("verb"), said.pop("each", None)
    if verb not in VERBS:
        raise DeclarationError(f"unknown verb {verb!r}", where=where, todo=f"use one of {', '.join(VERBS)}")
    return Action(when, verb, said, each)
