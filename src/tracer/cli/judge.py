"""`tracer judge`: rebuild identities, grants, lineage, checks, findings and defects."""

import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from tracer.case.opening import open_case
from tracer.case.stage import StageRun
from tracer.case.troubles import explained
from tracer.cli.options import json_option
from tracer.cli.output import print_json, print_text, tell
from tracer.cli.progress import judging


@click.command("judge")
@click.argument("case", type=click.Path(dir_okay=False))
@click.option(
    "--checks",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also judge by the checks in this folder (*.sql), and keep them in the case; an empty folder takes them away.",
)
@click.option("--timings", is_flag=True, help="Print how long each stage took, and the peak memory after it.")
@json_option
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what was asked for.")
def command(case: str, folder: Path | None, timings: bool, as_json: bool, quiet: bool) -> None:
    """Rebuild identities, grants, lineage, checks, findings and defects of CASE.

    With --json it prints how many grants have which verdict, and with --timings how long each stage took. For example:

    \b
        tracer judge case.db
        tracer judge case.db --timings
    """
    from tracer.judgement.checks.catalogue import read_own_checks
    from tracer.judgement.judge import STAGES, judge
    from tracer.show.terminal import Terminal
    from tracer.show.timings import timings_text

    own = read_own_checks(folder) if folder else None
    runs: list[StageRun] = []
    with explained(case), closing(open_case(case)) as connection:
        with judging(len(STAGES), quiet=quiet) as shown:

            def ran(run: StageRun) -> None:
                runs.append(run)
                shown(run)

            judge(connection, own, ran=ran)
        counts = connection.execute(
            "SELECT verdict, count(*) FROM grants WHERE via IS NULL GROUP BY verdict ORDER BY verdict"
        ).fetchall()
    if as_json:
        verdicts = {str(verdict): count for verdict, count in counts}
        print_json({"verdicts": verdicts, "stages": [asdict(run) for run in runs] if timings else []})
    elif timings:
        print_text(timings_text(runs, Terminal.of(sys.stdout)))
    if not quiet and not as_json:
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts) or "no grants"
        tell(f"Judged: {told}", err=True)
