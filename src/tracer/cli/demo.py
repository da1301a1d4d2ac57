"""`tracer demo`: the sample organisation's case, one root cause, and the report."""

import tempfile
from pathlib import Path

import click

from tracer.cli.output import tell
from tracer.errors import CaseError

SHOWN = ("mira.solberg@larkfield.example", "post-entries")
"""The access that the demonstration asks about."""


@click.command("demo")
@click.argument("folder", required=False, type=click.Path(file_okay=False), metavar="[DIR]")
@click.option("--open", "show", is_flag=True, help="Open the report in a browser.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the answer.")
def command(folder: str | None, show: bool, quiet: bool) -> None:
    """Build the sample case in DIR (default: a temporary folder), answer one `why`, write the report.

    Example: tracer demo ./demo
    """
    from tracer.case.opening import open_case
    from tracer.case.resources import resource
    from tracer.cli.report import command as report
    from tracer.cli.why import command as why
    from tracer.evidence.ingest import ingest
    from tracer.judgement.judge import ensure_judged

    target = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="tracer-demo-"))
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(
            f"this folder cannot be made ({error.strerror})",
            where=str(target),
            todo="name one in a folder you can write to",
        ) from error
    case, page = target / "sample.db", target / "report.html"
    if not quiet:
        tell("Reading a year of evidence of a fictional organisation …", err=True)
    summary = ingest(case, [str(resource("samples/evidence"))])
    for problem in summary.problems:
        raise problem
    connection = open_case(case)
    ensure_judged(connection)
    connection.close()
    tell(f"$ tracer why {case} {SHOWN[0]} {SHOWN[1]}", "")
    why.main([str(case), *SHOWN], standalone_mode=False)
    report.main([str(case), "-o", str(page), "-q"], standalone_mode=False)
    tell("", f"The report is in {page}. Try next:")
    tell(*(f"  tracer {line} {case}" for line in ("findings", "defects", "serve")))
    if show:
        click.launch(str(page))
