"""`tracer mark`: what an analyst says of a finding, kept as evidence."""

import getpass

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option
from tracer.cli.output import print_json, tell


@click.command("mark")
@case_argument
@click.argument("finding")
@click.option(
    "--as",
    "disposition",
    type=click.Choice(["confirmed", "disputed", "accepted"]),
    required=True,
    help="It is so; it is not so; it is so, and the risk is borne knowingly.",
)
@click.option("--because", required=True, metavar="TEXT", help="Why: shown wherever the finding is.")
@click.option("--by", metavar="NAME", help="Who says so (default: the user who runs this).")
@json_option
@secrets_option
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
def command(
    case: str, finding: str, disposition: str, because: str, by: str | None, as_json: bool, quiet: bool
) -> None:
    """Say that FINDING is confirmed, disputed or accepted.

    FINDING is the id of a finding, the beginning of one, or the id of a grant for its root. What was said stays in the
    case through every rebuild; say something else later and both are kept, the latest stands. For example:

    \b
        tracer mark case.db 3f9c1a --as accepted --because "Risk signed in RA-12" --by grc@corp.example
    """
    from tracer.questions.mark import mark
    from tracer.questions.names import finding_named

    with judged_case(case) as connection:
        kept = mark(connection, finding_named(connection, finding), disposition, because, by or _user())
    if as_json:
        print_json(kept)
    elif not quiet:
        tell(f"Kept: {kept['finding']} is {kept['disposition']}", err=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
