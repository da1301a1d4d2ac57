"""`tracer ingest`: read evidence into a case file."""

import dataclasses
import sys
from pathlib import Path

import click

from tracer.cli.output import print_json, tell, tell_problem
from tracer.cli.progress import shown
from tracer.errors import EXIT_PROBLEM, EXIT_STRICT
from tracer.show.text import safe_text


@click.command("ingest")
@click.argument("case", type=click.Path(dir_okay=False))
@click.argument("paths", nargs=-1, required=True)
@click.option("--source", metavar="NAME", help="Take every file for this source (see: tracer sources).")
@click.option(
    "--sources",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder of declarations of your own, which stand over those of the same name.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Processes that read in parallel (default: one per core, if there is much to read).",
)
@click.option("--strict", is_flag=True, help="Exit with 3 if anything was rejected or not recognised.")
@click.option("--json", "as_json", is_flag=True, help="Print the books of every file as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems.")
@click.option("-v", "--verbose", is_flag=True, help="Name every file as it is read.")
def command(
    case: str,
    paths: tuple[str, ...],
    source: str | None,
    sources: Path | None,
    workers: int | None,
    strict: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Read files, folders, archives, URLs and - (stdin) into CASE; the source is recognised by the content.

    What you name may be a link, or a command's output: <(command). In a folder only files are read, and links that stay in it.

    Example: tracer ingest case.db ./cloudtrail s3://evidence/okta/ register.yaml
    """
    from tracer.evidence.ingest import ingest

    with shown(quiet=quiet, verbose=verbose) as progress:
        summary = ingest(
            case, list(paths), source=source, sources=sources, workers=workers, progress=progress
        )
    for problem in summary.problems:
        tell_problem(problem)
    files = summary.files
    if as_json:
        print_json([dataclasses.asdict(one) for one in files])
    elif not quiet:
        for one in files:
            if one.known and not one.note:
                tell(f"{safe_text(one.path)}: already in the case")
            elif one.unread:
                tell(f"{safe_text(one.path)}: not read ({safe_text(one.note)})")
            elif one.source is None:
                why = f" ({safe_text(one.note)})" if one.note else f", {one.rejected} rejected"
                tell(f"{safe_text(one.path)}: not recognised{why}")
            else:
                tell(
                    f"{safe_text(one.path)}: {one.source}, {one.records} records = {one.kept} kept + {one.counted} counted "
                    f"+ {one.skipped} skipped + {one.rejected} rejected"
                )
    if summary.problems:
        sys.exit(EXIT_PROBLEM)
    if strict and any(one.rejected or (one.source is None and (one.note or not one.known)) for one in files):
        sys.exit(EXIT_STRICT)
