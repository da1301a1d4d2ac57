"""`tracer report`: the governance-defect report of a case, or of one grant."""

import sqlite3
from pathlib import Path

import click

from tracer.cli.options import case_argument, judged_case, secrets_option, time_option
from tracer.cli.output import print_document, write_file
from tracer.errors import UsageError

ENDINGS = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".json": "json", ".csv": "csv"}


@click.command("report")
@case_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file: .html, .md, .json or .csv (default: stdout).",
)
@click.option("--grant", help="Only this grant (its id, as `why` prints it).")
@time_option("--since", "Only what became wrong from this time on.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md", "json", "csv"]),
    help="Default: by the file's ending, else html.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not say where the report is.")
@secrets_option
def command(
    case: str, output: Path | None, grant: str | None, since: str | None, form: str | None, quiet: bool
) -> None:
    """Write the report: root causes with chain, owner and evidence, repeated failures, what is missing.

    CSV has one row per finding, and nothing else. For example:

    \b
        tracer report case.db -o report.html
        tracer report case.db --since 2026-01-01 --format md > report.md
    """
    if grant is not None and since is not None:
        raise UsageError("--grant and --since do not go together", todo="use one of them")
    chosen = form or _by_ending(output)
    with judged_case(case) as connection:
        text = _written(connection, Path(case).name, grant, since, chosen)
    if output is None:
        print_document(text)
        return
    write_file(output, text, "the report", quiet=quiet)


def _by_ending(output: Path | None) -> str:
    if output is None:
        return "html"
    ending = output.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"cannot write a report that ends in {ending or 'nothing'!r}",
            where=str(output),
            todo="name a file that ends in .html, .md, .json or .csv, or say --format",
        )
    return ENDINGS[ending]


def _written(
    connection: sqlite3.Connection, name: str, grant: str | None, since: str | None, form: str
) -> str:
    from tracer.show import report
    from tracer.show.data import json_text

    if form == "csv":
        return _spreadsheet(connection, grant, since)
    drawn = form == "html"
    if grant is not None:
        whole = report.gather_grant(connection, grant, f"Grant {grant}", pictures=drawn)
    else:
        whole = report.gather(connection, f"Governance defects in {name}", since=since, pictures=drawn)
    if form == "json":
        return json_text(report.as_json(whole))
    return report.html(whole) if form == "html" else report.markdown(whole)


def _spreadsheet(connection: sqlite3.Connection, grant: str | None, since: str | None) -> str:
    from tracer.questions.findings import findings
    from tracer.questions.why import grant_of
    from tracer.show.spreadsheet import findings_csv

    if grant is not None:
        grant_of(connection, grant)
    rows = findings(connection, since=since)
    return findings_csv([row for row in rows if grant in (None, row["grant"])])
