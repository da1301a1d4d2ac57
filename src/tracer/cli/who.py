"""`tracer who`: who held an entitlement, by which paths."""

import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option, time_option
from tracer.cli.output import print_json, print_text


@click.command("who")
@case_argument
@click.argument("entitlement")
@time_option("--at", "Only who held it at this time (default: ever, open ones first).")
@click.option("--system", help="Only the entitlement of this system.")
@json_option
@secrets_option
def command(case: str, entitlement: str, at: str | None, system: str | None, as_json: bool) -> None:
    """Who held ENTITLEMENT: as which account, directly or through which group or role, decided by what.

    ENTITLEMENT is a name or a unique part of one. For example:

    \b
        tracer who case.db AdministratorAccess --at 2026-03-02T15:00:00Z
        tracer who case.db admin --system okta --json
    """
    from tracer.questions.who import who

    with judged_case(case) as connection:
        rows = who(connection, entitlement, at=at, system=system)
    if as_json:
        print_json(rows)
        return
    from tracer.show.terminal import Terminal
    from tracer.show.who import who_text

    print_text(who_text(rows, entitlement, at, Terminal.of(sys.stdout), cut=sys.stdout.isatty()))
