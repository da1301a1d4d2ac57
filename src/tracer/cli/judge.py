"""`tracer judge`: rebuild identities, grants, lineage, checks, findings and defects."""

import click

from tracer.case.opening import open_case


@click.command("judge")
@click.argument("case", type=click.Path(dir_okay=False))
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
def command(case: str, quiet: bool) -> None:
    """Rebuild identities, grants, lineage, checks, findings and defects of CASE.

    Example: tracer judge case.db
    """
    from tracer.judgement.judge import judge

    connection = open_case(case)
    judge(connection)
    if not quiet:
        counts = connection.execute(
            "SELECT verdict, count(*) FROM grants GROUP BY verdict ORDER BY verdict"
        ).fetchall()
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts) or "no grants"
        click.echo(f"Judged: {told}", err=True)
    connection.close()
