"""What several commands share: opening a judged case, times, whether secrets are shown."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import click

from tracer.cli.loudness import is_quiet, say
from tracer.cli.progress import judging
from tracer.errors import UsageError

case_argument = click.argument("case", type=click.Path(dir_okay=True), metavar="CASE")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _show_secrets(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from tracer.show.secrets import secrets_shown

        context.with_resource(secrets_shown())


secrets_option = click.option(
    "--show-secrets",
    is_flag=True,
    expose_value=False,
    callback=_show_secrets,
    help="Show passwords, keys and tokens that stand in evidence.",
)


@contextmanager
def judged_case(path: str) -> Iterator[sqlite3.Connection]:
    """The case file as it stands at one moment, rebuilt first where evidence was added since; closed at the end.

    Raises CaseError where it cannot be opened, or must be rebuilt and cannot be written.
    """
    from tracer.case.opening import is_stale, open_case
    from tracer.case.troubles import explained

    with explained(path), closing(open_case(path)) as connection:
        # In one transaction, so that whoever writes meanwhile does not change what is read.
        connection.execute("BEGIN")
        if is_stale(connection):
            connection.commit()
            _judge(connection)
            connection.execute("BEGIN")
        yield connection


def _judge(connection: sqlite3.Connection) -> None:
    # Only here: most questions are asked of a case that is judged, and judging takes long to load.
    from tracer.case.lock import UnwritableError
    from tracer.judgement.judge import STAGES, ensure_judged

    say("Judging what was added to the case …")
    try:
        with judging(len(STAGES), quiet=is_quiet()) as ran:
            ensure_judged(connection, ran=ran)
    except UnwritableError as problem:
        what = f"evidence came in since this case was judged, and it cannot be judged anew: {problem.what}"
        raise UnwritableError(what, where=problem.where, todo=problem.todo) from problem


def moment(_context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A time given on the command line as the case file writes it; a bare date is 00:00Z, no zone is UTC."""
    from tracer.case.times import iso, parse_iso

    if value is None:
        return None
    try:
        return iso(parse_iso(value))
    except ValueError:
        name = parameter.opts[0] if parameter.opts else parameter.name
        raise UsageError(
            f"{name} {value!r} is no time", todo="write it as 2026-03-02 or 2026-03-02T15:00:00Z"
        ) from None


def time_option(name: str, help_text: str) -> Callable[[Any], Any]:
    """An option that takes a time."""
    return click.option(name, callback=moment, metavar="TIME", help=help_text)
