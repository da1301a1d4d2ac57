"""A question in SQL that a reader wrote, asked in a process of its own, which can be ended whatever SQLite is doing.

A single call inside SQLite can neither be bounded nor interrupted from without (`trim` and `instr` take the product of
both lengths, preparing nested WITH doubles for each), so the process has limits of memory and time of the system's.
"""

import os
import signal
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from tracer.limits import Limit
from tracer.machine.children import Channel, Child, ChildEndedError

SECONDS = Limit(
    3,
    "seconds",
    bounds="how long a reader's own question in SQL runs",
    why="a page that takes longer is not waited for, and tracer's own questions take a fraction on a million grants",
    beyond="its process is ended, and the page says so",
)
MEMORY = Limit(
    1_073_741_824,
    "bytes",
    bounds="the memory of a process that answers a reader's own question in SQL",
    why="sorting all events of a large case takes less, and two of them fit into the smallest machine that judges one",
    beyond="the question ends with an error",
)
AT_A_TIME = Limit(
    2,
    "questions",
    bounds="readers' own questions in SQL that are answered at a time",
    why="each takes a processor and its memory; the pages themselves have other threads and do not wait for them",
    beyond="the next one waits for its turn",
)


class Asked(msgspec.Struct):
    """What is asked of the process: the case, the statement, its parameters, and how many rows are wanted (None: all)."""

    case: str
    sql: str
    parameters: dict[str, Any] | list[Any]
    most: int | None


class Answered(msgspec.Struct):
    """What it says: columns and rows, or the error and whether it was the time that ran out."""

    columns: list[str]
    rows: list[list[Any]]
    error: str = ""
    interrupted: bool = False


STARTING = 10
"""Seconds that a process may take to start on a busy machine, besides those of the question."""


class Questions:
    """Asks in processes of their own; `end` ends all that run, and none starts after it."""

    def __init__(self) -> None:
        self._running: set[Child] = set()
        self._ended = False
        self._lock = threading.Lock()

    def ask(self, asked: Asked) -> Answered:
        """The answer; an error where the process was ended or has failed."""
        try:
            child = self._started()
        except ChildEndedError as ended:
            return Answered([], [], ended.how)
        try:
            child.send(msgspec.msgpack.encode(asked))
            return msgspec.msgpack.decode(child.receive(SECONDS + STARTING), type=Answered)
        except ChildEndedError as ended:
            return Answered([], [], ended.how, interrupted=True)
        finally:
            with self._lock:
                self._running.discard(child)
            child.close()

    def _started(self) -> Child:
        with self._lock:
            if self._ended:
                raise ChildEndedError("the server is ending")
            child = Child("tracer.web.question", memory=MEMORY, cpu=SECONDS + 1)
            self._running.add(child)
            return child

    def end(self) -> None:
        """End all that run."""
        with self._lock:
            self._ended = True
            for child in self._running:
                with suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGKILL)


def work(channel: Channel) -> None:
    """Answer one question after the other: what a process does."""
    while (asked := channel.receive()) is not None:
        channel.send(msgspec.msgpack.encode(answer(msgspec.msgpack.decode(asked, type=Asked))))


def answer(asked: Asked) -> Answered:
    """The answer from the case, in this process."""
    from tracer.web.connection import confine, prepare, reading

    until = time.monotonic() + SECONDS
    connection = reading(Path(asked.case))
    try:
        connection.text_factory = lambda value: str(value, "utf-8", "replace")
        prepare(connection)
        confine(connection)
        connection.set_progress_handler(lambda: time.monotonic() > until, 1000)
        cursor = connection.execute(asked.sql, asked.parameters)
        rows = cursor.fetchall() if asked.most is None else cursor.fetchmany(asked.most)
        return Answered([one[0] for one in cursor.description or ()], [list(row) for row in rows])
    except MemoryError:
        return Answered([], [], "it takes too much memory")
    except sqlite3.Error as error:
        return Answered([], [], str(error), interrupted=str(error) == "interrupted")
    finally:
        connection.close()
