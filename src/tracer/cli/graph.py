"""`tracer graph`: the lineage of a grant or identity as a picture."""

from pathlib import Path

import click

from tracer.cli.options import case_argument, judged_case, write_file
from tracer.errors import UsageError

ENDINGS = (".svg", ".dot", ".gv")


@click.command("graph")
@case_argument
@click.argument("name", metavar="GRANT_OR_IDENTITY")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file: .svg or .dot (default: DOT on stdout)."
)
@click.option("-q", "--quiet", is_flag=True, help="Do not say where the picture is.")
def command(case: str, name: str, output: Path | None, quiet: bool) -> None:
    """Draw the lineage, the wrong path in red, as SVG or DOT by the ending of the file.

    \b
        tracer graph case.db nora.weber@corp.example -o nora.svg
        tracer graph case.db nora.weber@corp.example | dot -Tpdf > nora.pdf
    """
    if output is not None and output.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"cannot draw a picture that ends in {output.suffix or 'nothing'!r}",
            where=str(output),
            todo="name a file that ends in .svg or .dot",
        )
    from tracer.questions.overview import points
    from tracer.questions.why import why
    from tracer.show.lanes import IN_FULL
    from tracer.show.picture import dot_of, svg_of

    with judged_case(case) as connection:
        answers = why(connection, name)
        marks = points(connection, [answer["grant"]["id"] for answer in answers[:IN_FULL]])
    dot = dot_of(answers, marks)
    if output is None:
        click.echo(dot, nl=False)
        return
    text = svg_of(dot) if output.suffix.lower() == ".svg" else dot
    write_file(output, text, "the picture", quiet=quiet)
