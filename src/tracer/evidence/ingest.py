"""Reading evidence into the case: every file, every record, and books that balance.

One transaction per file, so that a run that is killed goes on where it stopped; a file whose SHA-256 is in the case
already adds nothing. The case is the same however many workers read.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracer.case.lock import COMPANIONS, locked
from tracer.case.opening import open_case
from tracer.case.troubles import explained
from tracer.errors import CaseError, TracerError, UsageError
from tracer.evidence.handed_in import contents, files, size
from tracer.evidence.reading import Books, Failed, Message, Rows, read
from tracer.evidence.recognise import known_sources
from tracer.evidence.workers import Crew, Task
from tracer.evidence.writing import Writer

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
    workers: int | None = 1,
    progress: Callable[[Progress], None] | None = None,
) -> IngestSummary:
    """Read files, folders, globs, archives, URLs and `-` into the case at `case_path`, which is made if it is not there.

    `source` names the declaration to use; else each file is recognised by its content. `sources` is a folder of the
    user's own declarations. `workers` processes read (None: as many as there are cores, if it is worth it). Problems of
    single files are in the summary, and the others are read; of paths that are all not there no case is made. Raises
    UsageError for an unknown source, CaseError for an unusable case.
    """
    if source is not None and source not in known_sources(sources):
        raise UsageError(f"unknown source {source!r}", todo=f"known are {', '.join(known_sources(sources))}")
    problems: list[TracerError] = []
    named = [str(path) for path in paths]
    found = [one for one in files(named, problems.append) if not _own(one, case_path, named, problems)]
    if not found and problems and not Path(case_path).exists():
        return IngestSummary(problems=problems)
    with closing(open_case(case_path, create=True)) as connection, explained(case_path), locked(case_path):
        writer = Writer(connection)
        writer.problems.extend(problems)
        _read_all(found, writer, source, sources, workers, progress)
    return IngestSummary(writer.files, writer.problems)


def _read_all(
    found: list[str],
    writer: Writer,
    source: str | None,
    sources: Path | None,
    workers: int | None,
    progress: Callable[[Progress], None] | None,
) -> None:
    crew: Crew | None = None
    try:
        sizes = [size(path) for path in found]
        tasks = [Task(n, path, source, sources) for n, path in enumerate(found) if _for_workers(path)]
        count = min(_worth(sizes) if workers is None else workers, len(tasks))
        crew = Crew(tasks, writer.all_known(), count) if count > 1 else None
        for number, path in enumerate(found):
            at = Progress(path, number, len(found), sum(sizes[:number]), sum(sizes))
            if progress:
                progress(at)
            if crew is None or not _for_workers(path):
                told = messages(path, source, sources, writer.known)
            else:
                told = crew.messages(number)
            for message in told:
                writer.take(message)
                if progress and isinstance(message, Rows) and message.position:
                    progress(replace(at, size=at.size + min(message.position, sizes[number])))
        writer.finish()
    finally:
        if crew is not None:
            crew.dismiss()


def _own(path: str, case: Path | str, named: list[str], problems: list[TracerError]) -> bool:
    """Whether a file is the case itself or what stands beside it while it is written; one that was named is a problem."""
    own = os.path.realpath(case)
    if os.path.realpath(path) not in [own, *(own + suffix for suffix in COMPANIONS)]:
        return False
    if path in named:
        problems.append(CaseError("this is the case file itself, and no evidence", where=path))
    return True


def _for_workers(path: str) -> bool:
    """Whether another process can open it, too."""
    return path != "-" and not path.startswith("memory://")


def _worth(sizes: list[int]) -> int:
    return max(1, min(os.cpu_count() or 1, sum(sizes) // WORTH_A_WORKER))


def messages(
    path: str, source: str | None, sources: Path | None, known: Callable[[str], bool]
) -> Iterator[Message]:
    """What one of the files gives."""
    try:
        for content in contents(path):
            yield from read(content, source, sources, known)
    except OSError as error:
        why = f"cannot be read ({error.strerror or error})"
        yield Failed(CaseError(why, where=path, todo="check its permissions"))
    except TracerError as problem:
        yield Failed(problem)
