"""`tracer why`: the root cause of a wrong access, and who owned the control."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, print_json, print_text, time_option


@click.command("why")
@case_argument
@click.argument("identity")
@click.argument("entitlement", required=False)
@time_option("--at", "Judge the grant in force at this time (default: the latest).")
@click.option("--system", help="Only access in this system.")
@json_option
def command(
    case: str, identity: str, entitlement: str | None, at: str | None, system: str | None, as_json: bool
) -> None:
    """Which control let IDENTITY have ENTITLEMENT, and who owned that control then.

    IDENTITY is a name, an account, a unique part of one, or the id of a grant, access key, session, ticket or event.
    Without ENTITLEMENT all grants of that identity are answered for, worst first. For example:

    \b
        tracer why case.db nora.weber@corp.example
        tracer why case.db nora.weber@corp.example gl-poster --system erp --json
    """
    from tracer.questions.why import why

    with judged_case(case) as connection:
        answers = why(connection, identity, entitlement, at=at, system=system)
        if as_json:
            print_json(answers[0] if entitlement is not None and answers else answers)
            return
        if not answers:
            click.echo("No grant of that name is in evidence.")
            return
        from tracer.questions.overview import points
        from tracer.show.terminal import Terminal
        from tracer.show.why import why_text

        marks = points(connection, [answers[0]["grant"]["id"]])
        print_text(why_text(answers, Terminal.of(sys.stdout), marks))
