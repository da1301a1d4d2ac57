"""A question in SQL that a reader wrote, asked in a process of its own, which can be ended whatever SQLite is doing.

A single call inside SQLite can neither be bounded nor interrupted from without (`trim` and `instr` take the product of
both lengths, preparing nested WITH doubles for each), so the process has limits of memory and time of the system's.
"""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from tracer.limits import Limit

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


class Questions:
    """Asks in processes of their own; `end` ends all that run, and none starts after it."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False
        self._lock = threading.Lock()

    def ask(self, asked: Asked) -> Answered:
        """The answer; an error where the process was ended or has failed."""
        with self._lock:
            if self._ended:
                return Answered([], [], "the server is ending", interrupted=True)
            process = _start()
            self._running.add(process)
        try:
            said, _ = process.communicate(msgspec.msgpack.encode(asked), timeout=SECONDS + 2)
            return msgspec.msgpack.decode(said, type=Answered)
        except subprocess.TimeoutExpired:
            return Answered([], [], "it took too long", interrupted=True)
        except msgspec.DecodeError:
            late = process.returncode is not None and process.returncode < 0
            return Answered([], [], "it took too long or too much memory", interrupted=late)
        finally:
            process.kill()
            process.wait()
            with self._lock:
                self._running.discard(process)

    def end(self) -> None:
        """End all that run."""
        with self._lock:
            self._ended = True
            for process in self._running:
                process.kill()


def _start() -> subprocess.Popen[bytes]:
    kept = {key: os.environ[key] for key in ("HOME", "SYSTEMROOT", "TMPDIR", "TEMP") if key in os.environ}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "tracer.web.question"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=kept,
    )


def answer(asked: Asked) -> Answered:
    """The answer from the case, in this process."""
    import time

    from tracer.web.connection import confine, prepare

    until = time.monotonic() + SECONDS
    address = f"{Path(asked.case).absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True)
    try:
        connection.text_factory = lambda value: str(value, "utf-8", "replace")
        connection.execute("PRAGMA temp_store = MEMORY")
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


def _bounded() -> None:
    """Let the system end this process where it takes too much; where it knows no such limits, our caller does."""
    try:
        import resource
        import signal
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The default of SIGALRM ends the process even inside one call of SQLite, also where our caller was killed.
    signal.alarm(SECONDS + 1)


def main() -> None:
    """Answer the question on stdin."""
    _bounded()
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Asked)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(asked)))


if __name__ == "__main__":
    main()
