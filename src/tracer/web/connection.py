"""Connections that pages read a case by: what a question may do on them, and how much it may take."""

import re
import sqlite3
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from tracer.limits import Limit

VALUE = Limit(
    16_777_216,
    "bytes",
    bounds="one value or row that a page reads or a question in SQL makes",
    why="hardly a record of a log is nearly as long, and SQLite's own limit of a gigabyte fills the memory with a few of them",
    beyond="the page says that it is too big; tracer's commands and exports still have it",
)
ANSWER = Limit(
    16_777_216,
    "bytes",
    bounds="all values of the rows that one question of a page gives",
    why="a page holds them in memory several times over and looks through them for secrets; people read a thousandth of it",
    beyond="the page says so, and to ask for fewer rows",
)
PATTERN = Limit(
    1_000,
    "bytes",
    bounds="a pattern of LIKE or GLOB in a question or a filter",
    why="SQLite tries it at every place of the text, and nobody filters by a longer one",
    beyond="the page says that the pattern is too complex",
)
ARGUMENT = Limit(
    16_384,
    "characters",
    bounds="a text that is given to one of tracer's own SQL functions on a page",
    why="the functions take names, scopes and times, and nothing else runs while one of them does",
    beyond="the page says that it is too big",
)

READING = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
ABOUT = re.compile(
    r"(database|function|index|table)_(x?info|list)|index_xinfo|table_xinfo|foreign_key_list|(max_)?page_count|page_size"
    r"|query_only|schema_version",
)
"""Pragmas that only tell of tables; Datasette asks them for its pages."""


def reading(case: Path) -> sqlite3.Connection:
    """A connection that only reads; a path with a question mark or a percent sign is taken as it is.

    A case that somebody else made may hold views: they get no function that could do harm, and nothing is put on the disk.
    """
    connection = sqlite3.connect(f"{case.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    """Give the connection our SQL functions, each refusing what is too long for it."""
    from tracer.case.functions import add_functions

    # Creating functions is all that it does with a connection.
    add_functions(cast(sqlite3.Connection, _Bounded(connection)))


def confine(connection: sqlite3.Connection) -> None:
    """Let the connection only read, and bound what one statement makes; its rows become `sqlite3.Row`s."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_reads_only)
    connection.row_factory = rows_up_to(ANSWER)


def _reads_only(action: int, first: str | None, second: str | None, *_: Any) -> int:
    """SQLite's question whether a statement may do that: nothing but reading, and no extension."""
    reads = action in READING and (second or "").lower() != "load_extension"
    asks = action == sqlite3.SQLITE_PRAGMA and bool(ABOUT.fullmatch((first or "").lower()))
    # So SQLite asks when it sets up table-valued functions such as json_each; the schema itself stays as it is.
    sets_up = action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"
    return sqlite3.SQLITE_OK if reads or asks or sets_up else sqlite3.SQLITE_DENY


def rows_up_to(most: int) -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """A row factory that ends a statement with an error where its rows hold more than so many bytes."""
    current: weakref.ref[sqlite3.Cursor] | None = None
    held = 0

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        nonlocal current, held
        if current is None or current() is not cursor:
            current, held = weakref.ref(cursor), 0
        held += sum(len(value) for value in values if isinstance(value, str | bytes))
        if held > most:
            raise sqlite3.OperationalError(
                f"the rows hold more than {most:,} bytes; ask for fewer rows or columns"
            )
        return sqlite3.Row(cursor, values)

    return row


class _Bounded:
    """What `add_functions` needs of a connection: functions are made with their arguments bounded."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_function(
        self, name: str, arguments: int, function: Callable[..., Any], *, deterministic: bool
    ) -> None:
        def bounded(*given: Any) -> Any:
            if any(isinstance(one, str | bytes) and len(one) > ARGUMENT for one in given):
                # The one error whose meaning SQLite passes on: "string or blob too big".
                raise OverflowError(f"{name}() takes no text of more than {ARGUMENT:,} characters")
            return function(*given)

        self._connection.create_function(name, arguments, bounded, deterministic=deterministic)
