"""Writing what was read: one writer, one transaction per content, so that a run that is killed goes on where it stopped."""

import json
import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from tracer import version
from tracer.case.changing import commit
from tracer.case.ids import ID_LENGTH, record_id
from tracer.case.schema import EVIDENCE, TABLES, index
from tracer.case.times import iso
from tracer.errors import TracerError
from tracer.evidence.reading import Begun, Books, Done, Entries, Failed, Message, Recognised, Rows
from tracer.evidence.register import check_conflicts
from tracer.evidence.tally import merged

AGAIN = {"sources", "aliases"}
"""Tables in which the same row may come again."""


REFUSED = "source IS 'register' AND kept = 0 AND rejected > 0 AND note IS NOT NULL"
"""Registers that are in the books only to say that they could not be read, and are tried again."""

UNKNOWN = "source IS NULL AND rejected = 0"
"""Files that no source recognised: they are tried again, for there may be a declaration for them now."""

TRIED_AGAIN = f"({REFUSED}) OR ({UNKNOWN})"


class Writer:
    """Takes the messages of one content after another; `files` and `problems` are what came of them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        # What is written goes on once and is read by nobody before the end: little of it need be held.
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute("PRAGMA temp_store = DEFAULT")
        connection.create_function("merged", 2, merged, deterministic=True)
        self.files: list[Books] = []
        self.problems: list[TracerError] = []
        self.begun = Begun("", "")
        self.unknown: str | None = None
        self.state: Literal["open", "known", "failed"] = "failed"
        self.inserts = {table: _insert(table) for table in EVIDENCE}

    def known(self, identifier: str) -> bool:
        """Whether evidence of this id is in the case, and was read."""
        found = self.connection.execute(
            f"SELECT 1 FROM evidence WHERE id = ? AND NOT ({TRIED_AGAIN})", (identifier,)
        ).fetchone()
        return found is not None

    def all_known(self) -> set[str]:
        """The ids of all evidence in the case that was read."""
        return {
            row[0] for row in self.connection.execute(f"SELECT id FROM evidence WHERE NOT ({TRIED_AGAIN})")
        }

    def unopened(self) -> set[tuple[int, str]]:
        """Size and SHA-256 of files that ended the process that opened them."""
        lost = "SELECT bytes, sha256 FROM evidence WHERE source IS NULL AND rejected > 0"
        return {(size, sha256) for size, sha256 in self.connection.execute(lost)}

    def take(self, message: Message) -> None:
        """Write one message."""
        if isinstance(message, Begun):
            # What was begun before was not read to its end, where it is begun once more.
            self.connection.rollback()
            self.begun = message
            # A worker knows nothing of what others have read in the meantime.
            self.state = "known" if self.known(message.sha256[:ID_LENGTH]) else "open"
            if self.state == "open":
                self.connection.execute("BEGIN IMMEDIATE")
                self.unknown = self._note_of_unknown()
                self._forget()
        elif isinstance(message, Failed):
            self._failed(message.problem, message.register)
        elif isinstance(message, Done) and self.state == "known":
            self.files.append(Books(self.begun.path, self.begun.sha256, known=True))
        elif self.state == "open" and not isinstance(message, Recognised):
            self._write(message)

    def _write(self, message: Rows | Entries | Done) -> None:
        if isinstance(message, Rows):
            for table, rows in message.tables.items():
                self.connection.executemany(self.inserts[table], rows)
        elif isinstance(message, Done):
            self._done(message)
        else:
            try:
                self._entries(message)
            except TracerError as problem:
                told = (f"{entry.section}:\n{entry.raw}" for entry in message.register.entries)
                self._failed(problem, "\n".join(told))

    def _failed(self, problem: TracerError, register: str = "") -> None:
        self.connection.rollback()
        self.problems.append(problem)
        if register and self.state == "open":
            self._refused(problem, register)
        self.state = "failed"

    def _refused(self, problem: TracerError, register: str) -> None:
        """Keep in the books that a register was refused: one record, rejected, which is tried again when it comes again."""
        begun = self.begun
        self.connection.execute("BEGIN IMMEDIATE")
        self._forget()
        row = (record_id(begun.sha256, 0), begun.sha256[:ID_LENGTH], 0, 0, problem.what, register)
        self.connection.execute(self.inserts["rejects"], row)
        books = Books(begun.path, begun.sha256, "register", problem.diagnostics(), records=1, rejected=1)
        self._keep_books(books, (begun.size, "register", None, None))
        commit(self.connection)

    def _note_of_unknown(self) -> str | None:
        """Why nothing recognised this content when it was handed in before (may be empty); None where that is not so."""
        row = self.connection.execute(
            f"SELECT note FROM evidence WHERE id = ? AND {UNKNOWN}", (self.begun.sha256[:ID_LENGTH],)
        ).fetchone()
        return None if row is None else row[0] or ""

    def _forget(self) -> None:
        """Take what was kept of the same content when it was not read before out of the books."""
        identifier = self.begun.sha256[:ID_LENGTH]
        gone = self.connection.execute("DELETE FROM evidence WHERE id = ?", (identifier,))
        if gone.rowcount:
            self.connection.execute("DELETE FROM rejects WHERE evidence_id = ?", (identifier,))

    def _entries(self, message: Entries) -> None:
        register, begun = message.register, self.begun
        check_conflicts(self.connection, register, begun.sha256, begun.path)
        for entry in register.entries:
            content = json.dumps(entry.content, sort_keys=True)
            record = record_id(begun.sha256, entry.ordinal)
            self.connection.execute(
                self.inserts["entries"], (record, entry.section, entry.key, entry.line, content)
            )
        for other in register.supersedes:
            self.connection.execute(
                "INSERT OR IGNORE INTO supersedes VALUES (?, ?)", (begun.sha256[:ID_LENGTH], other)
            )

    def _done(self, message: Done) -> None:
        if self.unknown is not None and self.unknown == (message.books.note or ""):
            self.connection.rollback()  # It is as unknown as before: the case stays as it is, and judged.
            self.files.append(replace(message.books, known=True))
        else:
            self._keep_books(message.books, message.evidence)
            commit(self.connection)
            self.files.append(message.books)
        if message.problem is not None:
            self.problems.append(message.problem)

    def _keep_books(self, one: Books, evidence: tuple[Any, ...]) -> None:
        size, kind, first_at, last_at = evidence
        path = os.fsencode(one.path).decode("utf-8", "backslashreplace")
        self.connection.execute(
            self.inserts["evidence"],
            (
                one.sha256[:ID_LENGTH], path, one.sha256, size, one.source, kind, iso(datetime.now(UTC)), version(),
                one.records, one.kept, one.counted, one.skipped, one.rejected, first_at, last_at, one.note or None,
            ),
        )  # fmt: skip
        self.connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('stale', '1')")

    def finish(self) -> None:
        """Indexes and statistics, once everything is in."""
        self.connection.execute("BEGIN IMMEDIATE")
        index(self.connection, TABLES)
        self.connection.execute("ANALYZE")
        commit(self.connection)


COUNTED_ON = """ON CONFLICT DO UPDATE SET count = count + excluded.count, failed = failed + excluded.failed,
first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at),
first_ordinal = min(first_ordinal, excluded.first_ordinal), keys = merged(keys, excluded.keys),
failed_keys = merged(failed_keys, excluded.failed_keys)"""
"""How the uses of an hour that comes again are added to those at hand."""


def _insert(table: str) -> str:
    marks = ", ".join("?" * len(EVIDENCE[table].types()))
    return f"INSERT {'OR IGNORE ' if table in AGAIN else ''}INTO {table} VALUES ({marks}) {COUNTED_ON if table == 'counted' else ''}"
