"""`tracer serve`: the case in Datasette."""

import click

from tracer.cli.options import case_argument, judged_case
from tracer.cli.output import tell
from tracer.errors import UsageError


@click.command("serve")
@case_argument
@click.option(
    "--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Port to listen at."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; the default is this machine only. Any other needs --auth or --trust.",
)
@click.option(
    "--auth",
    is_flag=True,
    help="Let in only browsers that open the address that is printed, which works once.",
)
@click.option("--trust", is_flag=True, help="Let in everybody who reaches it.")
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="Another name that people type to reach it, such as that of a proxy; may be given often.",
)
@click.option("--show-secrets", is_flag=True, help="Show keys, tokens and passwords that stand in evidence.")
@click.option("--open", "browse", is_flag=True, help="Open it in a browser.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say where it is served.")
def command(
    case: str,
    port: int,
    host: str,
    auth: bool,
    trust: bool,
    names: tuple[str, ...],
    show_secrets: bool,
    browse: bool,
    quiet: bool,
) -> None:
    """Explore the case in a browser: every table, the questions in SQL and one page per grant. Control-C ends it.

    Whoever is let in can read all evidence: without --host that is whoever uses this machine. SQL of one's own can be
    asked with --auth or --trust. For example:

    \b
        tracer serve case.db --open
        tracer serve case.db --port 8080
        tracer serve case.db --host 0.0.0.0 --auth --allow-host forensics.corp.example
    """
    from tracer.show.secrets import secrets_shown
    from tracer.web.access import EVERYWHERE, Door, access
    from tracer.web.guard import ENTER
    from tracer.web.server import address, serve

    if auth and (trust or browse):
        raise UsageError(
            f"--auth and --{'trust' if trust else 'open'} exclude each other",
            todo="with --auth open the address that is printed",
        )
    here = address(names[0] if names else "127.0.0.1" if host in EVERYWHERE else host, port)

    def announce(token: str) -> None:
        # Also with --quiet: without it nobody gets in. No secret of the evidence, but one that is to be read here.
        with secrets_shown():
            tell(f"Let one browser in: {here.rstrip('/')}{ENTER}?token={token}", err=True)

    door = Door(announce) if auth else None
    allowed = access(host, allowed=names, door=door, trust=trust, show_secrets=show_secrets)
    with judged_case(case):
        pass
    if not quiet:
        tell(f"Serving {case} at {here} (Control-C ends it)", err=True)
    if door:
        door.open()
    serve(case, host, port, access=allowed, browse=browse)
