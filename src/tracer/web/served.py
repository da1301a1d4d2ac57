"""The Datasette of `tracer serve`: one case, opened to be read, our plugin and no other, and access to it."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results
from datasette.plugins import DEFAULT_PLUGINS, pm

from tracer.web import plugin, question
from tracer.web.access import Access
from tracer.web.connection import reading
from tracer.web.guard import asking
from tracer.web.question import Asked, Questions
from tracer.web.rows import Row, is_masked, masked_rows

SETTINGS = {
    "default_page_size": 50,
    "allow_download": False,
    "trace_debug": False,
    "template_debug": False,
    "sql_time_limit_ms": 1000,
    "num_sql_threads": 3,
}


def served(case: str | Path, access: Access) -> Any:
    """The Datasette. Nothing of the folder that we were started in is read, and no setting is taken from outside."""
    for other in pm.get_plugins():
        if other is not plugin and getattr(other, "__name__", "") not in DEFAULT_PLUGINS:
            # What is installed beside tracer was made for other servers; it would see the case, or open it.
            pm.unregister(other)
    if not pm.is_registered(plugin):
        pm.register(plugin, "tracer.web.plugin")
    # Errors inside our SQL functions are said on the page; a traceback would show evidence on the terminal.
    sqlite3.enable_callback_tracebacks(False)
    datasette = CaseServer([str(case)], settings={**SETTINGS, "default_allow_sql": access.sql})
    [name] = [name for name, one in datasette.databases.items() if one.path]
    datasette.remove_database(name)
    datasette.add_database(CaseDatabase(datasette, str(case), masking=not access.show_secrets), name)
    plugin.serve_to(datasette, access)
    return datasette


class CaseServer(Datasette):  # type: ignore[misc]
    """A Datasette that looks for no row by a value that it shows masked."""

    async def expand_foreign_keys(self, database: str, table: str, column: str, values: Any) -> Any:
        """The names of linked rows; where the link itself is masked, it has none."""
        known = [value for value in values if not is_masked([value])]
        return await super().expand_foreign_keys(database, table, column, known)


def end(datasette: Any) -> None:
    """End all questions that run, so that nothing is waited for."""
    for database in datasette.databases.values():
        if isinstance(database, CaseDatabase):
            database.end()
    datasette.executor.shutdown(wait=False)


class CaseDatabase(Database):  # type: ignore[misc]
    """A case file: only read, and readers' own SQL is asked in processes of their own."""

    def __init__(self, datasette: Any, path: str, *, masking: bool) -> None:
        """With `masking` no statement gives a secret, whatever form the page has in which it is shown."""
        super().__init__(datasette, path)
        self._masking = masking
        self._questions = Questions()
        self._asking = ThreadPoolExecutor(max_workers=question.AT_A_TIME, thread_name_prefix="question")

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A connection to read by."""
        assert not write, "a case is only read here"
        connection = reading(Path(self.path))
        self._all_file_connections.append(connection)
        return connection

    async def execute(self, sql: str, params: Any = None, truncate: bool = False, **kwargs: Any) -> Any:
        """The rows of a statement; a failing one is said on the page, not on the terminal."""
        if self._masking and is_masked(params):
            raise sqlite3.OperationalError(
                "nothing can be found by a value that is masked; sort or filter by another column, or serve with --show-secrets"
            )
        asked = asking.get()
        if asked and asked == sql:
            results = await self._answer(sql, params, truncate)
        else:
            kwargs["log_sql_errors"] = False
            results = await super().execute(sql, params, truncate, **kwargs)
        if self._masking:
            # In a thread: looking through large records takes longer than other pages should wait.
            loop = asyncio.get_running_loop()
            results.rows = await loop.run_in_executor(self.ds.executor, masked_rows, results.rows)
        return results

    async def _answer(self, sql: str, params: Any, truncate: bool) -> Any:
        most = self.ds.max_returned_rows
        values = dict(params) if isinstance(params, dict) else list(params or [])
        asked = Asked(str(self.path), sql, values, most + 1 if truncate else None)
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._asking, self._questions.ask, asked)
        if found.interrupted:
            raise QueryInterrupted(found.error, sql, params)
        if found.error:
            raise sqlite3.OperationalError(found.error)
        rows = [Row.of(row, found.columns) for row in found.rows]
        truncated = truncate and len(rows) > most
        return Results(rows[:most] if truncated else rows, truncated, [(name,) for name in found.columns])

    def end(self) -> None:
        """End what runs on the case."""
        self._questions.end()
        self._asking.shutdown(wait=False)
        for connection in list(self._all_file_connections):
            connection.interrupt()
