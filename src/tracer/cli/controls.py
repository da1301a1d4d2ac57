"""`tracer controls`: each control with its owners over time, and how it did."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option
from tracer.cli.output import print_json, print_text


@click.command("controls")
@case_argument
@json_option
@secrets_option
def command(case: str, as_json: bool) -> None:
    """List the controls of the register: owners over time, responder, runs, failures, and runs without evidence.

    A run is a grant on which one of its checks came to a result. For example:

    \b
        tracer controls case.db
        tracer controls case.db --json
    """
    from tracer.questions.controls import controls

    with judged_case(case) as connection:
        rows = controls(connection)
    if as_json:
        print_json(rows)
        return
    from tracer.show.controls import controls_text
    from tracer.show.terminal import Terminal

    print_text(controls_text(rows, Terminal.of(sys.stdout), cut=sys.stdout.isatty()))
