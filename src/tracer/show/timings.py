"""How long each stage of judging took, as a table on a terminal."""

from collections.abc import Sequence

from tracer.case.stage import StageRun
from tracer.show.terminal import Terminal


def timings_text(runs: Sequence[StageRun], terminal: Terminal) -> str:
    """One line per stage in the order in which they ran, and their sum; peak memory is of the process until then."""
    table = [
        [run.stage, f"{run.seconds:.2f}", f"{run.cpu_seconds:.2f}", f"{run.peak_memory / 1e6:,.0f}"]
        for run in runs
    ]
    seconds, spent = sum(run.seconds for run in runs), sum(run.cpu_seconds for run in runs)
    peak = max((run.peak_memory for run in runs), default=0)
    table.append(["all", f"{seconds:.2f}", f"{spent:.2f}", f"{peak / 1e6:,.0f}"])
    lines = terminal.table(["stage", "s", "CPU s", "peak MB"], table, cut=False)
    return terminal.printable("\n".join(lines) + "\n")
