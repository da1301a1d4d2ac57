"""`tracer findings`: every failing check, with its owner."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, print_json, print_text, time_option


@click.command("findings")
@case_argument
@click.option(
    "--class",
    "klass",
    type=click.Choice(["source-data", "decision", "execution"]),
    help="Only failures of this class.",
)
@click.option("--owner", help="Only failures of controls that this person owned.")
@click.option("--control", help="Only failures of this control.")
@click.option(
    "--part",
    type=click.Choice(["created", "approved", "failed-to-stop"]),
    help="Only failures with this part.",
)
@time_option("--since", "Only failures from this time on.")
@click.option(
    "--all", "everything", is_flag=True, help="Also each grant without a finding: conforming or undetermined."
)
@json_option
def command(
    case: str,
    klass: str | None,
    owner: str | None,
    control: str | None,
    part: str | None,
    since: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """List findings: each failing check of each grant.

    \b
        tracer findings case.db --class source-data
        tracer findings case.db --owner hr-ops@corp.example --since 2026-01-01 --json
    """
    from tracer.questions.findings import findings

    with judged_case(case) as connection:
        rows = findings(
            connection,
            klass=klass,
            owner=owner,
            control=control,
            part=part,
            since=since,
            everything=everything,
        )
    if as_json:
        print_json(rows)
        return
    from tracer.show.tables import findings_text
    from tracer.show.terminal import Terminal

    print_text(findings_text(rows, Terminal.of(sys.stdout), cut=sys.stdout.isatty()))
