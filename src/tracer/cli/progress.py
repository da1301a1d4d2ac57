"""How far `ingest` and judging are, on a terminal; in a pipe nothing is shown."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracer.cli.output import tell
from tracer.show.text import safe_text

if TYPE_CHECKING:
    from tracer.case.stage import StageRun
    from tracer.evidence.ingest import Progress

Shown = Callable[["Progress"], None]


@contextmanager
def shown(*, quiet: bool, verbose: bool) -> Iterator[Shown | None]:
    """What shows the progress; None where nothing is to be shown."""
    if verbose:
        yield _Names()
    elif quiet or not sys.stderr.isatty():
        yield None
    else:
        with _bar() as bar:
            yield bar


class _Names:
    """Names every file as it is read."""

    def __init__(self) -> None:
        self.last = -1

    def __call__(self, at: "Progress") -> None:
        if at.files != self.last:
            self.last = at.files
            tell(at.path, err=True)


@contextmanager
def _bar() -> Iterator[Shown]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (
        "{task.description}",
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    made = [TextColumn(one) if isinstance(one, str) else one for one in columns]
    with Bar(*made, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")

        def show(at: "Progress") -> None:
            name = escape(f"{at.files + 1}/{at.of_files} {safe_text(at.path[-40:])}")
            bar.update(task, description=name, completed=at.size, total=at.of_size or None)

        yield show


@contextmanager
def judging(stages: int, *, quiet: bool) -> Iterator[Callable[["StageRun"], None]]:
    """What shows how many of the stages are done, which was the last, and since when they run."""
    if quiet or not sys.stderr.isatty():
        yield lambda run: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=stages)
        yield lambda run: bar.update(task, advance=1, description=f"{run.stage} done")
