"""The rule text that a replay tries in place of the recorded one: a register file, or the text alone."""

import json
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tracer.errors import CaseError, RegisterError, UsageError
from tracer.events.register_rows import attributes_known
from tracer.evidence.register import is_register, read_register
from tracer.rules.cel import unreadable
from tracer.rules.translate import translate


@dataclass(frozen=True)
class NewRule:
    """A rule to try; `id` is null where the file holds nothing but the text."""

    id: str | None
    version: str | None
    cel: str | None
    refused: str | None
    grants: tuple[str, ...] = ()


def read_rules(connection: sqlite3.Connection, path: Path, language: str) -> list[NewRule]:
    """The rules in a register file, or the one rule that a plain text is, in CEL unless `language` says otherwise.

    Raises CaseError where the file cannot be read, RegisterError where it is a register without rules or a bad one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CaseError(f"this file cannot be read ({error.strerror})", where=str(path)) from error
    known = attributes_known(connection)
    if not is_register(data):
        try:
            text = data.decode("utf-8-sig").strip()
        except UnicodeDecodeError as error:
            raise RegisterError(
                "this rule is no UTF-8 text", where=str(path), todo="save it as UTF-8"
            ) from error
        if not text:
            raise RegisterError("this file holds no rule", where=str(path))
        return [_rule(language, text, known)]
    entries = [entry.content for entry in read_register(data, str(path)).entries if entry.section == "rules"]
    if not entries:
        raise RegisterError("this register has no rules", where=str(path), todo="add its `rules:`")
    return [_of_entry(entry, known) for entry in entries]


def _of_entry(entry: dict[str, Any], known: set[str]) -> NewRule:
    rule = _rule(entry.get("language") or "cel", entry["expression"], known)
    return replace(rule, id=entry["id"], version=entry["version"], grants=_granted(entry.get("grants")))


def _rule(language: str, text: str, known: set[str]) -> NewRule:
    done = translate(language, text, known)
    refused = done.refused or (unreadable(done.cel) if done.cel is not None else None)
    return NewRule(None, None, None if refused else done.cel, refused)


def _granted(grants: list[dict[str, Any]] | None) -> tuple[str, ...]:
    return tuple(
        sorted(f"{one.get('system') or '*'}/{one.get('entitlement') or '*'}" for one in grants or [])
    )


def named(connection: sqlite3.Connection, rule: NewRule, path: Path, of: str | None) -> NewRule:
    """The rule with the id that it replaces: its own, what `of` says, the file's name, or the case's only rule.

    Raises UsageError where none of these says which, or `of` is no rule of the case.
    """
    ids = [row[0] for row in connection.execute("SELECT DISTINCT id FROM rules ORDER BY id")]
    if of is not None and of.casefold() not in {name.casefold() for name in ids}:
        raise UsageError(
            f"--of {of!r} is no rule of the case", todo=f"name one of {', '.join(ids[:12]) or 'none'}"
        )
    wanted = of or rule.id
    if wanted is None:
        wanted = next((name for name in ids if name.casefold() == path.stem.casefold()), None)
        wanted = wanted or (ids[0] if len(ids) == 1 else None)
    if wanted is None:
        raise UsageError(
            "which rule this text replaces is not said", todo=f"add --of RULE, one of {', '.join(ids[:12])}"
        )
    row = connection.execute(
        "SELECT grants FROM rules WHERE fold(id) = fold(?) AND grants IS NOT NULL ORDER BY valid_from DESC LIMIT 1",
        (wanted,),
    ).fetchone()
    grants = rule.grants or _granted(json.loads(row["grants"]) if row else None)
    return replace(rule, id=wanted, grants=grants)
