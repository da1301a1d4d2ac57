"""`tracer judge`: rebuild identities, grants, lineage, checks, findings and defects."""

from contextlib import closing
from pathlib import Path

import click

from tracer.case.opening import open_case
from tracer.case.troubles import explained
from tracer.cli.output import tell


@click.command("judge")
@click.argument("case", type=click.Path(dir_okay=False))
@click.option(
    "--checks",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also judge by the checks in this folder (*.sql), and keep them in the case; an empty folder takes them away.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
def command(case: str, folder: Path | None, quiet: bool) -> None:
    """Rebuild identities, grants, lineage, checks, findings and defects of CASE.

    Example: tracer judge case.db
    """
    from tracer.judgement.checks.catalogue import read_own_checks
    from tracer.judgement.judge import judge

    own = read_own_checks(folder) if folder else None
    with explained(case), closing(open_case(case)) as connection:
        judge(connection, own)
        counts = connection.execute(
            "SELECT verdict, count(*) FROM grants WHERE via IS NULL GROUP BY verdict ORDER BY verdict"
        ).fetchall()
    if not quiet:
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts) or "no grants"
        tell(f"Judged: {told}", err=True)
