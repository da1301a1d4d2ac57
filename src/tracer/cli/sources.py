"""`tracer sources`: what can be read, how to obtain it, and which events it yields."""

import json
from typing import Any

import click

from tracer.errors import UsageError


@click.command("sources")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(name: str | None, as_json: bool) -> None:
    """What can be read; with NAME: how to obtain it, and which events it yields.

    Example: tracer sources aws-cloudtrail
    """
    from tracer.evidence.declarations import declarations

    known = declarations()
    if name is not None and name not in known:
        raise UsageError(f"unknown source {name!r}", todo=f"known are {', '.join(known)}")
    chosen = [known[name]] if name else list(known.values())
    if as_json:
        shown: list[dict[str, Any]] = [
            {
                "name": one.name,
                "title": one.title,
                "kind": one.kind,
                "export": one.export,
                "names": one.names,
                "reference": one.reference or None,
                "events": sorted({action.verb for action in one.actions}),
            }
            for one in chosen
        ]
        click.echo(json.dumps(shown, indent=2))
        return
    for one in chosen:
        click.echo(f"{one.name:22} {one.title}")
        if name:
            click.echo(f"\n  export     {one.export}\n  names      {one.names}")
            if one.reference:
                click.echo(f"  reference  {one.reference}")
            for action in one.actions:
                when = ", ".join(map(str, action.when))
                click.echo(f"  {action.verb:10} when {when}")
