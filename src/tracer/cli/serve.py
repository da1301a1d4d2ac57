"""`tracer serve`: the case in Datasette."""

import click

from tracer.cli.options import case_argument, judged_case


@click.command("serve")
@case_argument
@click.option(
    "--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Port to listen at."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; the default is this machine only.",
)
@click.option("--open", "browse", is_flag=True, help="Open it in a browser.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say where it is served.")
def command(case: str, port: int, host: str, browse: bool, quiet: bool) -> None:
    """Explore the case in a browser: every table, the questions in SQL and one page per grant. Control-C ends it.

    Whoever can reach the address can read all evidence; without --host that is this machine only. For example:

    \b
        tracer serve case.db --open
        tracer serve case.db --port 8080
    """
    from tracer.web.server import address, serve

    with judged_case(case):
        pass
    if not quiet:
        click.echo(f"Serving {case} at {address(host, port)} (Control-C ends it)", err=True)
    serve(case, host, port, browse=browse)
