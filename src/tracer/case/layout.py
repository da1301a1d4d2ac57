"""Whether a case file is built as tracer builds it: what reads a table must not read something else of that name."""

import sqlite3
from pathlib import Path

from tracer.case.schema import TABLES
from tracer.errors import CaseError


def made_by_us(connection: sqlite3.Connection, path: Path | str) -> None:
    """Raise CaseError where a table of ours is none, or anything runs by itself when a table is written."""
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        if kind == "trigger":
            raise strange(f"it has a trigger ({name!a}), and tracer makes none", path)
        plain = kind in ("table", "index") and not str(sql or "").upper().startswith("CREATE VIRTUAL")
        if str(name).lower() in TABLES and not (plain and kind == "table"):
            raise strange(f"{name!a} is no table of its own", path)


def check_layout(connection: sqlite3.Connection, path: Path | str) -> None:
    """Raise CaseError where the tables and columns are not those of the present schema; more tables are nobody's harm."""
    made_by_us(connection, path)
    for name, table in TABLES.items():
        columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
        if [column["name"] for column in columns] != list(table.types()):
            raise strange(f"its table {name} has other columns, or is not there", path)
        if any(column["hidden"] for column in columns):
            raise strange(f"its table {name} has columns that are computed", path)


def strange(what: str, path: Path | str) -> CaseError:
    """What is said of a file that is not built as it must be."""
    return CaseError(
        f"this is not a case file as tracer makes it: {what}",
        where=str(path),
        todo="take a copy of it from before, or make it anew from its evidence with: tracer ingest",
    )
