"""Whether a case file holds what tracer never writes: asked when something went wrong that nobody foresaw.

A case that somebody hands on may have been changed by hand. What then stands in it is told in one sentence: the table, the
column and the value. Where every value could be ours, the error is a fault of tracer's and stays one.
"""

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tracer.case.schema import EVIDENCE, TABLES
from tracer.case.times import parse_iso
from tracer.errors import CaseError

LISTS = {"grants", "provisioners", "known_fields", "other_approvers", "shared_with", "blank", "conflicts"}
OBJECTS = {"inputs", "chain_note", "covers", "content", "cost"}
"""Columns of JSON: a list, and an object."""

TIMES = {
    "at",
    "since",
    "deadline",
    "as_of",
    "valid_from",
    "valid_to",
    "owner_from",
    "owner_to",
    "decided_end",
}
"""Columns that are times, with those whose names end in `_at`."""

ONE_OF = {
    ("defects", "severity"): {"critical", "high", "medium", "low"},
    ("lineage", "relation"): {
        *("used", "wasGeneratedBy", "wasInvalidatedBy", "wasAssociatedWith", "actedOnBehalfOf"),
        *("wasDerivedFrom", "wasInformedBy"),
    },
    ("lineage", "from_kind"): {"grant", "event", "account", "request", "rule", "exception", "fact"},
    ("lineage", "to_kind"): {"grant", "event", "account", "request", "rule", "exception", "fact"},
    ("grants", "verdict"): {"wrong-access", "control-weakness", "undetermined", "conforming"},
    ("checks", "verdict"): {"fail", "pass", "no-evidence", "not-applicable"},
    ("findings", "class"): {"source-data", "decision", "execution"},
}
"""Columns that hold one of a few words, and never none."""

ANEW = "take a copy of it from before, or make it anew from its evidence with: tracer ingest"

SHOWN = 60
"""Characters of such a value that are shown."""


def what_is_strange(path: Path | str) -> CaseError | None:
    """The first value that tracer would not have written there; None where there is none, or the file cannot be read."""
    with (
        suppress(sqlite3.Error, OSError),
        closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        for table, what in _strange(connection):
            return CaseError(
                f"this case was changed by something else than tracer: in its table {table}, {what}",
                where=str(path),
                todo=ANEW
                if table in EVIDENCE
                else f"make what was judged anew with: tracer judge CASE; or {ANEW}",
            )
    return None


def _strange(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Table, and what is wrong in it."""
    for table, made in TABLES.items():
        types = made.types()
        for row in connection.execute(f"SELECT {', '.join(types)} FROM {table}"):
            for (name, kind), value in zip(types.items(), row, strict=True):
                if not _is_ours(table, name, kind, value) or (value is None and name in made.key):
                    yield table, f"{name} is {_shown(value)}"
    for table, _row, other, _key in connection.execute("PRAGMA foreign_key_check"):
        yield table, f"a row refers to one of {other} that is not there"


def _is_ours(table: str, name: str, kind: type, value: Any) -> bool:
    """Whether tracer may have written this value."""
    if (table, name) in ONE_OF:
        return value in ONE_OF[table, name]
    if value is None:
        return True
    if kind is float:
        return isinstance(value, int | float) and math.isfinite(value)
    if not isinstance(value, kind):
        return False
    return not isinstance(value, str) or _is_text_of_ours(name, value)


def _is_text_of_ours(name: str, text: str) -> bool:
    try:
        text.encode()
        if text and (name in TIMES or name.endswith("_at")):
            parse_iso(text)
        return name not in LISTS | OBJECTS or isinstance(json.loads(text), dict if name in OBJECTS else list)
    except (ValueError, RecursionError):
        return False


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    text = value if isinstance(value, str) else repr(value)
    return f"{text[:SHOWN]!a}{'…' if len(text) > SHOWN else ''}"
