"""Reading evidence into the case: every file, every record, and books that balance.

One transaction per file, so that a run that is killed goes on where it stopped; a file whose SHA-256 is in the case
already adds nothing, unless nothing recognised it. The case is the same however many workers read.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice
from pathlib import Path

from tracer.case.lock import COMPANIONS, locked
from tracer.case.opening import open_case
from tracer.case.troubles import explained
from tracer.errors import CaseError, TracerError, UsageError, did_you_mean
from tracer.evidence.handed_in import contents, files, size
from tracer.evidence.reading import Books, Failed, Message, Rows, read
from tracer.evidence.recognise import known_sources
from tracer.evidence.workers import Task, WorkerPool
from tracer.evidence.writing import Writer
from tracer.machine.temporary import run_folder

WORTH_A_WORKER = 8 << 20
"""Bytes to read for which it is worth to start another process."""


@dataclass
class IngestSummary:
    """All files of a run, and the problems of those that could not be read at all."""

    files: list[Books] = field(default_factory=list)
    problems: list[TracerError] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    """How far a run is: the file at hand, and files and bytes read and to be read."""

    path: str
    files: int
    of_files: int
    size: int
    of_size: int


def ingest(
    case_path: Path | str,
    paths: list[str] | tuple[str, ...] | list[Path],
    *,
    source: str | None = None,
    sources: Path | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> IngestSummary:
    """Read files, folders, globs, archives, URLs and `-` into the case at `case_path`, which is made if it is not there.

    `source` names the declaration to use; else each file is recognised by its content. `sources` is a folder of the
    user's own declarations. `workers` processes read (None: as many as there are cores, if it is worth it), so that a
    file on which reading ends in a crash costs nothing but itself; 0: this process reads, and takes what comes. Problems
    of single files are in the summary, and the others are read; of paths that are all not there no case is made. Raises
    UsageError for an unknown source, DeclarationError for one of the user's own that is not understood, CaseError for
    an unusable case.
    """
    if source is not None or sources is not None:
        known = known_sources(sources)
        if source is not None and source not in known:
            todo = did_you_mean(source, known, "list them with: tracer sources")
            raise UsageError(f"unknown source {source!r}", todo=todo)
    problems: list[TracerError] = []
    named = [str(path) for path in paths]
    found = [one for one in files(named, problems.append) if not _own(one.path, case_path, named, problems)]
    if not found and problems and not Path(case_path).exists():
        return IngestSummary(problems=problems)
    tasks = [
        Task(number, one, source, str(sources.absolute()) if sources else None)
        for number, one in enumerate(found)
    ]
    sizes = [size(one) for one in found]
    with (
        # First of all, for they need a while to start.
        _pool(tasks, _worth(sizes) if workers is None else workers) as pool,
        closing(open_case(case_path, create=True)) as connection,
        explained(case_path),
        locked(case_path),
    ):
        writer = Writer(connection)
        writer.problems.extend(problems)
        _read_all(tasks, sizes, writer, pool, progress)
    return IngestSummary(writer.files, writer.problems)


@contextmanager
def _pool(tasks: list[Task], workers: int) -> Iterator[WorkerPool | None]:
    """The processes that read; None where this one does."""
    if not tasks or not workers:
        yield None
        return
    with run_folder() as temporary, closing(WorkerPool(tasks, min(workers, len(tasks)), temporary)) as pool:
        yield pool


def _read_all(
    tasks: list[Task],
    sizes: list[int],
    writer: Writer,
    pool: WorkerPool | None,
    progress: Callable[[Progress], None] | None,
) -> None:
    if pool is not None:
        pool.start(writer.all_known(), writer.unopened())
    for task, before in zip(tasks, accumulate(sizes, initial=0), strict=False):
        at = Progress(task.path, task.number, len(tasks), before, sum(sizes))
        if progress:
            progress(at)
        for message in messages(task, writer.known) if pool is None else pool.messages(task.number):
            writer.take(message)
            if progress and isinstance(message, Rows) and message.position:
                progress(replace(at, size=at.size + min(message.position, sizes[task.number])))
    writer.finish()


def _own(path: str, case: Path | str, named: list[str], problems: list[TracerError]) -> bool:
    """Whether a file is the case itself or what stands beside it while it is written; one that was named is a problem."""
    own = os.path.realpath(case)
    if os.path.realpath(path) not in [own, *(own + suffix for suffix in COMPANIONS)]:
        return False
    if path in named:
        problems.append(CaseError("this is the case file itself, and no evidence", where=path))
    return True


def _worth(sizes: list[int]) -> int:
    return max(1, min(os.cpu_count() or 1, sum(sizes) // WORTH_A_WORKER))


def messages(task: Task, known: Callable[[str], bool]) -> Iterator[Message]:
    """What one of the files gives."""
    sources = Path(task.sources) if task.sources else None
    try:
        for content in islice(contents(task.one), task.skip, None):
            yield from read(content, task.source, sources, known)
    except OSError as error:
        why = f"cannot be read ({error.strerror or error})"
        yield Failed(CaseError(why, where=task.path, todo="check its permissions"))
    except TracerError as problem:
        yield Failed(problem)
