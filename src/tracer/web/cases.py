"""Which of Datasette's databases are case files, and what is said about their tables."""

import json
import sqlite3
from copy import deepcopy
from functools import cache
from typing import Any


def is_case(path: str | None) -> bool:
    """Whether the file at that path is a case file; False for databases in memory."""
    if path is None:
        return False
    from tracer.case.opening import APPLICATION_ID

    connection = None
    try:
        connection = sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)
        return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)
    except sqlite3.Error:
        return False
    finally:
        if connection is not None:
            connection.close()


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(str(path))


def cases(datasette: Any) -> list[str]:
    """The names of the databases that are case files, in Datasette's order; the answer is kept per file."""
    known: dict[str, bool] = datasette.__dict__.setdefault("_tracer_cases", {})
    found = []
    for name, database in list(datasette.databases.items()):
        path = str(database.path) if database.path else ""
        if path and path not in known:
            known[path] = is_case(path)
        if path and known[path]:
            found.append(name)
    return found


@cache
def _described() -> dict[str, Any]:
    from tracer.case.resources import resource

    described = json.loads(resource("datasette-metadata.json").read_text(encoding="utf-8"))
    assert isinstance(described, dict)
    return described


def metadata(names: list[str], *, alone: bool) -> dict[str, Any]:
    """`datasette-metadata.json` for case files of these names; its title for all of Datasette where there is nothing else.

    A copy each time: Datasette writes into what it is given.
    """
    described = deepcopy(_described())
    head = {key: described[key] for key in ("title", "description") if key in described}
    tables = described.get("tables", {})
    found: dict[str, Any] = {"databases": {name: {**head, "tables": deepcopy(tables)} for name in names}}
    if alone:
        found["title"] = head.get("title")
    return found
