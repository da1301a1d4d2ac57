"""`tracer findings`: every failing check, with its owner."""

import sqlite3
import sys

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option, time_option
from tracer.cli.output import print_json, print_text, tell
from tracer.errors import EXIT_FOUND, UsageError, did_you_mean

CLASSES = ("source-data", "decision", "execution")
PARTS = ("created", "approved", "failed-to-stop")
VERDICTS = ("wrong-access", "control-weakness", "undetermined", "conforming")


@click.command("findings")
@case_argument
@click.option(
    "--class",
    "klass",
    type=click.Choice(CLASSES),
    help="Only failures of this class.",
)
@click.option("--owner", help="Only failures of controls that this person owned.")
@click.option("--control", help="Only failures of this control.")
@click.option(
    "--part",
    type=click.Choice(PARTS),
    help="Only failures with this part.",
)
@time_option("--since", "Only failures from this time on.")
@click.option(
    "--all", "everything", is_flag=True, help="Also each grant without a finding: conforming or undetermined."
)
@click.option(
    "--fail-on",
    "words",
    multiple=True,
    metavar="WORD",
    help="Exit with 5 if one is listed of this verdict, class, part or failure mode, or `any` at all; may be given again.",
)
@json_option
@secrets_option
def command(
    case: str,
    klass: str | None,
    owner: str | None,
    control: str | None,
    part: str | None,
    since: str | None,
    everything: bool,
    words: tuple[str, ...],
    as_json: bool,
) -> None:
    """List findings: each failing check of each grant.

    \b
        tracer findings case.db --class source-data
        tracer findings case.db --owner hr-ops@corp.example --since 2026-01-01 --json
        tracer findings case.db --fail-on wrong-access --fail-on undetermined

    With --fail-on, grants without a finding count too (undetermined), whether or not they are listed.
    """
    from tracer.questions.findings import findings, matching

    with judged_case(case) as connection:
        _known(connection, words)
        _asked_for(connection, "--control", control, CONTROLS)
        _asked_for(connection, "--owner", owner, OWNERS)
        (grants,) = connection.execute("SELECT EXISTS (SELECT 1 FROM grants)").fetchone()
        found = findings(
            connection,
            klass=klass,
            owner=owner,
            control=control,
            part=part,
            since=since,
            everything=everything or bool(words),
        )
    rows = found if everything else [row for row in found if row.get("mode")]
    if as_json:
        print_json(rows)
    else:
        from tracer.show.tables import findings_text
        from tracer.show.terminal import Terminal

        print_text(findings_text(rows, Terminal.of(sys.stdout), cut=sys.stdout.isatty()))
    if not grants:
        tell("No grant is in this case: hand in the logs of who was granted what", err=True)
    if matching(found, words):
        sys.exit(EXIT_FOUND)


CONTROLS = "SELECT id FROM controls UNION SELECT control FROM findings WHERE control IS NOT NULL"
OWNERS = """SELECT owner FROM control_owners WHERE owner IS NOT NULL UNION SELECT owner FROM findings WHERE owner IS NOT NULL
            UNION SELECT id FROM identities"""


def _asked_for(connection: sqlite3.Connection, option: str, name: str | None, known: str) -> None:
    """A name that is in no evidence would find nothing, which must not look as if nothing had failed."""
    if name is None:
        return
    names = {str(row[0]).casefold(): str(row[0]) for row in connection.execute(known)}
    if name.casefold() in names:
        return
    raise UsageError(
        f"{option} {name!r} is not in this case",
        todo=did_you_mean(name, names.values(), "list them with: tracer controls CASE"),
    )


def _known(connection: sqlite3.Connection, words: tuple[str, ...]) -> None:
    """A word that nothing can match would never fail: that is bad usage."""
    from tracer.judgement.checks.catalogue import catalogue_of

    known = {"any", *VERDICTS, *CLASSES, *PARTS, *catalogue_of(connection).modes}
    for word in words:
        if word not in known:
            what = f"--fail-on {word!r} is no verdict, class, part or failure mode"
            raise UsageError(what, todo=did_you_mean(word, known, "list the modes with: tracer checks"))
