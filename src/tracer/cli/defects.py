"""`tracer defects`: failures of one control in one mode, counted as one governance defect."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option
from tracer.cli.output import print_json, print_text


@click.command("defects")
@case_argument
@json_option
@secrets_option
def command(case: str, as_json: bool) -> None:
    """List governance defects, worst first: a control that fails repeatedly is one defect, not many incidents.

    \b
        tracer defects case.db
        tracer defects case.db --json
    """
    from tracer.questions.defects import defects

    with judged_case(case) as connection:
        rows = defects(connection)
    if as_json:
        print_json(rows)
        return
    from tracer.show.tables import defects_text
    from tracer.show.terminal import Terminal

    print_text(defects_text(rows, Terminal.of(sys.stdout), cut=sys.stdout.isatty()))
