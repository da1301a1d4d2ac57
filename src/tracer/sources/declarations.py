"""What can be read: the declarations in `ingest/`, one file per source, data only.

docs/declaring-a-source.md says what each key means.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from tracer.case.resources import resource
from tracer.errors import DeclarationError
from tracer.sources.conditions import Condition, conditions
from tracer.sources.hooks import hook
from tracer.sources.paths import FILTERS
from tracer.sources.patterns import compiled
from tracer.sources.templates import parts

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

KINDS = ("audit-log", "ticket", "change", "provisioning", "state", "source-data", "review", "register")
"""The closed set of what a source is evidence of."""

FIELDS = [
    "source",
    "at",
    "verb",
    "system",
    "actor",
    "actor_system",
    "actor_kind",
    "subject",
    "subject_system",
    "subject_kind",
    "entitlement",
    "entitlement_kind",
    "scope",
    "expires_at",
    "ticket",
    "exception",
    "rule",
    "rule_version",
    "session",
    "issued",
    "chain",
    "outcome",
    "reason",
    "decision",
    "on_behalf_of",
    "inputs",
    "binding",
    "whole",
]
"""What an act says, in the order of the table.

`binding` names the object by which the access is held, where ending or changing that object ends or changes the access
of everybody in it; `whole` (`true`) says that the record tells all that the binding gives from then on. Of an act that two
records tell, `whole` is what one of them lists, or what they are parts of: see `tracer.events.access_lists` and `parts`.
"""

FACTS = ("worker_id", "email", "attribute", "value", "system", "effective_at", "recorded_at")
HOLDINGS = ("as_of", "system", "account", "entitlement", "scope", "expires_at")
ALIASES = ("of", "system", "value", "kind")


@dataclass(frozen=True, eq=False)
class Action:
    """One row of a declaration's table of actions: when these fields have these values, what it means.

    `each` names lists whose elements each give an act, `where` what must hold of the elements; `act` tells records
    apart that tell of different acts, where the vendor's id does not; `values` are templates of the act's fields.
    """

    when: tuple[Condition, ...]
    verb: str
    values: dict[str, Any]
    each: dict[str, str] = field(default_factory=dict)
    where: tuple[Condition, ...] = ()
    act: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Rows:
    """One row of the tables `facts` and `holdings`: what a record says of people, or of what is held at a moment."""

    when: tuple[Condition, ...]
    values: dict[str, Any]
    attributes: dict[str, Any] = field(default_factory=dict)
    each: dict[str, str] = field(default_factory=dict)
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, eq=False)
class Declaration:
    """One source: how it is recognised, where its records lie, and what they mean."""

    name: str
    title: str
    kind: str
    export: str
    names: str
    like: str | None = None
    reference: str = ""
    cannot_tell: tuple[str, ...] = ()
    format: str = "json"
    containers: tuple[str, ...] = ()
    recognise: tuple[str, ...] = ()
    recognise_values: tuple[Condition, ...] = ()
    named_only: bool = False
    header: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    reader: str = "actions"
    hook: str | None = None
    system: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    time_formats: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    actor: tuple[str, ...] = ()
    actor_kind: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    failure_when: tuple[Condition, ...] = ()
    failure_unless: tuple[Condition, ...] = ()
    reason: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    aliases: tuple[dict[str, Any], ...] = ()
    actions: tuple[Action, ...] = ()
    facts: tuple[Rows, ...] = ()
    holdings: tuple[Rows, ...] = ()

    def paths(self) -> Iterator[str]:
        """Every path, with its filters, that the declaration reads from a record."""
        yield from (path for alternatives in self.recognise for path in alternatives.split("|"))
        for one in (*self.recognise_values, *self.failure_when, *self.failure_unless):
            yield one.path
        yield from (*self.time, *self.id, *self.failure, *self.reason)
        yield from parts([*self.system, *self.actor, *self.actor_kind, *self.action])
        for action in self.actions:
            yield from _paths(action.when, action.where, action.each, [*action.values.values(), action.act])
        for row in (*self.facts, *self.holdings):
            templates = [*row.values.values(), *row.attributes.values()]
            yield from _paths(row.when, row.where, row.each, templates)


def _paths(
    when: tuple[Condition, ...], where: tuple[Condition, ...], each: dict[str, str], templates: list[Any]
) -> Iterator[str]:
    yield from (one.path for one in (*when, *where))
    yield from each.values()
    yield from (path for one in templates for path in parts(one))


LISTS = [one.name for one in fields(Declaration) if one.type == tuple[str, ...]]
"""Keys that may be written as one text or as a list of them."""


@cache
def declarations(folder: Path | None = None) -> dict[str, Declaration]:
    """All sources by name, with those of a user's own `folder`; theirs stand over ours of the same name.

    Raises DeclarationError naming the file that does not say what it must.
    """
    texts = _texts(resource("ingest"))
    if folder is not None:
        if not folder.is_dir():
            raise DeclarationError("no such folder", where=str(folder), todo="name a folder of .toml files")
        texts |= _texts(folder)
    read = (parse(text, f"{stem}.toml", texts) for stem, text in texts.items())
    return {one.name: one for one in read}


def _texts(folder: Traversable) -> dict[str, str]:
    """The declarations of a folder by the stems of their files."""
    return {
        path.name.removesuffix(".toml"): text_of(path)
        for path in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if path.name.endswith(".toml")
    }


def text_of(file: Traversable) -> str:
    """The text of a declaration. Raises DeclarationError where it cannot be read, or is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise DeclarationError(
            f"cannot be read ({error.strerror})", where=str(file), todo="check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise DeclarationError(
            "this declaration is no UTF-8 text", where=str(file), todo="save it as UTF-8"
        ) from error


def parse(text: str, where: str, others: dict[str, str] | None = None) -> Declaration:
    """A declaration from the text of its file; `others` are those that it may be `like`, by their stems.

    Raises DeclarationError where it is not understood.
    """
    try:
        said = tomllib.loads(text)
        if "like" in said:
            said = tomllib.loads((others or {})[said["like"]]) | said
        loose = tuple(_listed(said.pop("loose", ())))
        for name in LISTS:
            if name in said:
                said[name] = tuple(_listed(said[name]))
        for name in ("recognise_values", "failure_when", "failure_unless"):
            said[name] = conditions(said.get(name, {}), loose)
        said["aliases"] = tuple(_checked(one, ALIASES, "aliases") for one in said.get("aliases", ()))
        said["actions"] = tuple(_action(one, loose) for one in said.get("actions", ()))
        said["facts"] = tuple(_rows(one, FACTS, loose, "facts") for one in said.get("facts", ()))
        said["holdings"] = tuple(_rows(one, HOLDINGS, loose, "holdings") for one in said.get("holdings", ()))
        found = Declaration(**said)
        _known(found)
        return found
    except (ValueError, TypeError, KeyError, AttributeError, ModuleNotFoundError) as error:
        raise DeclarationError(
            f"this declaration is not understood ({error})", where=where, todo="compare it with another one"
        ) from error


def _known(found: Declaration) -> None:
    """Names that must be ones of ours."""
    if found.kind not in KINDS:
        raise KeyError(f"kind {found.kind!r} is none of {', '.join(KINDS)}")
    if found.hook is not None:
        hook(found.hook)
    for one in (*found.options.get("patterns", ()), *filter(None, [found.options.get("start")])):
        compiled(one)
    for path in found.paths():
        for one in path.split("|")[1:] if path not in found.recognise else ():
            if one.partition(":")[0] not in FILTERS:
                raise KeyError(f"the filter {one!r} is none of {', '.join(sorted(FILTERS))}")


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _checked(said: dict[str, Any], allowed: tuple[str, ...] | list[str], table: str) -> dict[str, Any]:
    unknown = sorted(set(said) - set(allowed))
    if unknown:
        raise KeyError(f"{table}: {unknown[0]!r} is none of {', '.join(allowed)}")
    return said


def _each(said: dict[str, Any]) -> dict[str, str]:
    """Lists by the name under which templates find their elements: `@` where only a path is given."""
    each = said.pop("each", None)
    if each is None:
        return {}
    return dict(each) if isinstance(each, dict) else {"@": str(each)}


def _action(said: dict[str, Any], loose: tuple[str, ...]) -> Action:
    when, each = conditions(said.pop("when"), loose), _each(said)
    where = conditions(said.pop("where", {}), loose)
    verb, act = said.pop("verb"), tuple(_listed(said.pop("act", ())))
    if verb not in VERBS:
        raise KeyError(f"the verb {verb!r} is none of {', '.join(VERBS)}")
    return Action(when, verb, _checked(said, FIELDS, "actions"), each, where, act)


def _rows(said: dict[str, Any], allowed: tuple[str, ...], loose: tuple[str, ...], table: str) -> Rows:
    when, each = conditions(said.pop("when", {}), loose), _each(said)
    where = conditions(said.pop("where", {}), loose)
    attributes = said.pop("attributes", {}) if table == "facts" else {}
    return Rows(when, _checked(said, allowed, table), attributes, each, where)
