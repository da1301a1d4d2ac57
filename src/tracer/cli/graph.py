"""`tracer graph`: the lineage of a grant or identity as a picture, or as a graph for other programs."""

import sqlite3
from pathlib import Path
from typing import Any

import click

from tracer.cli.options import case_argument, judged_case, secrets_option
from tracer.cli.output import print_document, write_file
from tracer.errors import UsageError

ENDINGS = {
    ".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid",
    ".graphml": "graphml", ".json": "prov",
}  # fmt: skip
SHOWN = ".svg, .png, .pdf, .dot, .mmd (Mermaid), .graphml or .json (PROV-JSON)"


@click.command("graph")
@case_argument
@click.argument("name", metavar="GRANT_OR_IDENTITY")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help=f"The file: {SHOWN} (default: DOT on stdout)."
)
@click.option("-q", "--quiet", is_flag=True, help="Do not say where the picture is.")
@secrets_option
def command(case: str, name: str, output: Path | None, quiet: bool) -> None:
    """Draw the lineage, the wrong path in red, in the form that the ending of the file says.

    GraphML and PROV-JSON have every link of the case's lineage with its record; a picture folds what is many. PDF needs
    the system's graphviz. For example:

    \b
        tracer graph case.db nora.weber@corp.example -o nora.svg
        tracer graph case.db nora.weber@corp.example -o nora.json
        tracer graph case.db nora.weber@corp.example | dot -Tpdf > nora.pdf
    """
    form = "dot" if output is None else ENDINGS.get(output.suffix.lower())
    if form is None:
        assert output is not None
        raise UsageError(
            f"cannot draw a picture that ends in {output.suffix or 'nothing'!r}",
            where=str(output),
            todo=f"name a file that ends in {SHOWN}",
        )
    from tracer.questions.why import why

    with judged_case(case) as connection:
        drawn = _drawn(connection, why(connection, name), form)
    if output is None:
        print_document(drawn)
        return
    write_file(output, drawn, "the picture", quiet=quiet)


def _drawn(connection: sqlite3.Connection, answers: list[dict[str, Any]], form: str) -> str | bytes:
    """The lineage of these grants in this form."""
    if form in ("graphml", "prov"):
        from tracer.questions.provenance import provenance_of
        from tracer.show.provenance import graphml, prov_json

        grants = [answer["grant"] for answer in answers]
        links = [grant["link"]["id"] for grant in grants if grant.get("link")]
        found = provenance_of(connection, [*(grant["id"] for grant in grants), *links])
        return graphml(found) if form == "graphml" else prov_json(found)
    from tracer.questions.overview import points
    from tracer.show.lanes import IN_FULL
    from tracer.show.picture import dot_of, drawn, svg_of

    marks = points(connection, [answer["grant"]["id"] for answer in answers[:IN_FULL]])
    if form == "mermaid":
        from tracer.show.mermaid import mermaid_of

        return mermaid_of(answers, marks)
    dot = dot_of(answers, marks)
    if form == "dot":
        return dot
    return svg_of(dot) if form == "svg" else drawn(dot, form)
