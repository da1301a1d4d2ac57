"""`tracer assurance`: non-human identities: still needed, still monitored, still removable."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option
from tracer.cli.output import print_json, print_text


@click.command("assurance")
@case_argument
@json_option
@secrets_option
@click.option("-v", "--verbose", is_flag=True, help="Also the parts that are answered yes.")
def command(case: str, as_json: bool, verbose: bool) -> None:
    """For each non-human identity: is it still needed, still monitored, still removable? Yes, no or unknown.

    Needed: owner, purpose, use. Monitored: logs, reviews. Removable: end, rotation, a revocation that was seen to work.
    Missing evidence is unknown, never no. For example:

    \b
        tracer assurance case.db
        tracer assurance case.db --json
    """
    from tracer.questions.assurance import assurance

    with judged_case(case) as connection:
        rows = assurance(connection)
    if as_json:
        print_json(rows)
        return
    from tracer.show.assurance import assurance_text
    from tracer.show.terminal import Terminal

    print_text(assurance_text(rows, Terminal.of(sys.stdout), verbose=verbose))
