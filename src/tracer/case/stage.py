"""Stages of judging: each says what it reads and what it fills, and one runner puts what it filled in order.

A stage is one module's work on the case. It reads evidence, tables of earlier stages and nothing else, and fills tables that
no other stage fills. Where a table still gets columns from a later stage, that stage `completes` it. A table that only one
stage makes and reads is its own affair and stands in no declaration. A test compares every declaration with what SQLite
sees.
"""

import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from tracer.case.schema import DERIVED, index

T = TypeVar("T")


class Work:
    """What stages work on: the case, and what several of them would otherwise look up each for itself."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._made: dict[Callable[[sqlite3.Connection], Any], Any] = {}

    def once(self, make: Callable[[sqlite3.Connection], T]) -> T:
        """What `make` makes of the case, made when it is first asked for; what it reads must not change after that."""
        if make not in self._made:
            self._made[make] = make(self.connection)
        return cast(T, self._made[make])


@dataclass(frozen=True)
class Stage:
    """`run` fills the tables in `writes` from those in `reads`, and sets columns of those in `completes`."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Work], None]
    completes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageRun:
    """How long a stage took, in seconds of the clock and of the processor, and the peak memory of the process after it, in bytes."""

    stage: str
    seconds: float
    cpu_seconds: float
    peak_memory: int


def run_stages(stages: Sequence[Stage], connection: sqlite3.Connection) -> Iterator[StageRun]:
    """Run all stages in their order; after each, index and analyse what it filled, and say how long it took."""
    work = Work(connection)
    connection.execute("PRAGMA analysis_limit = 1000")
    for stage in stages:
        begin, spent = time.perf_counter(), time.process_time()
        stage.run(work)
        filled = [name for name in (*stage.writes, *stage.completes) if name in DERIVED]
        index(connection, filled)
        for name in filled:
            connection.execute(f"ANALYZE {name}")
        yield StageRun(
            stage.name,
            time.perf_counter() - begin,
            time.process_time() - spent,
            _peak_memory(),
        )


def _peak_memory() -> int:
    """Bytes that this process has held at most; the system tells KiB, but macOS bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
