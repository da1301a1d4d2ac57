"""`tracer why`: the root cause of a wrong access, and who owned the control."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option, time_option
from tracer.cli.output import print_json, print_text


@click.command("why")
@case_argument
@click.argument("identity")
@click.argument("entitlement", required=False)
@time_option("--at", "Judge the grant in force at this time (default: the latest).")
@click.option("--system", help="Only access in this system.")
@json_option
@secrets_option
@click.option(
    "-v", "--verbose", is_flag=True, help="Every link of the chain, not one line per control point."
)
def command(
    case: str,
    identity: str,
    entitlement: str | None,
    at: str | None,
    system: str | None,
    as_json: bool,
    verbose: bool,
) -> None:
    """Which control let IDENTITY have ENTITLEMENT, and who owned that control then.

    IDENTITY is a name, an account, a unique part of one, or the id of a grant, finding, access key, session, ticket or
    event (the vendor's or ours). Of a key or session: who is behind it, what was granted with it, and what they held.
    Without ENTITLEMENT all grants are answered for, worst first. For example:

    \b
        tracer why case.db nora.weber@corp.example
        tracer why case.db nora.weber@corp.example gl-poster --system erp --json
        tracer why case.db AKIAIOSFODNN7EXAMPLE
    """
    from tracer.questions.overview import points
    from tracer.questions.why import why

    with judged_case(case) as connection:
        answers = why(connection, identity, entitlement, at=at, system=system)
        marks = {} if as_json else points(connection, [answers[0]["grant"]["id"]])
    if as_json:
        print_json(answers[0] if entitlement is not None else answers)
        return
    from tracer.show.terminal import Terminal
    from tracer.show.why import why_text

    print_text(why_text(answers, Terminal.of(sys.stdout), marks, verbose=verbose))
