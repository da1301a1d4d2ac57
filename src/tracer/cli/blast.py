"""`tracer blast`: the other grants with the cause of a finding, and what was done with them while they were wrong."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option
from tracer.cli.output import print_json, print_text


@click.command("blast")
@case_argument
@click.argument("finding")
@json_option
@secrets_option
def command(case: str, finding: str, as_json: bool) -> None:
    """Which other grants FINDING reaches: the same rule version, wrong fact, approver or executor, or the same failure.

    FINDING is the id of a finding, the beginning of one, or the id of a grant for its root. For example:

    \b
        tracer blast case.db 3f9c1a
        tracer blast case.db 3f9c1a --json
    """
    from tracer.questions.blast import blast
    from tracer.questions.names import finding_named

    with judged_case(case) as connection:
        answer = blast(connection, finding_named(connection, finding))
    if as_json:
        print_json(answer)
        return
    from tracer.show.blast import blast_text
    from tracer.show.terminal import Terminal

    print_text(blast_text(answer, Terminal.of(sys.stdout), cut=sys.stdout.isatty()))
