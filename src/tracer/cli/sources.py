"""`tracer sources`: what can be read, how to obtain it, which events it yields, and what it cannot tell."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.errors import UsageError

if TYPE_CHECKING:
    from tracer.evidence.declarations import Declaration


@click.command("sources")
@click.argument("name", required=False)
@click.option(
    "--sources",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Read your own declarations too (docs/declaring-a-source.md).",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(name: str | None, folder: Path | None, as_json: bool) -> None:
    """What can be read; with NAME: how to obtain it, and which events it yields.

    Example: tracer sources aws-cloudtrail
    """
    from tracer.evidence.declarations import declarations

    known = declarations(folder)
    if name is not None and name not in known:
        raise UsageError(f"unknown source {name!r}", todo=f"known are {', '.join(known)}")
    chosen = [known[name]] if name else list(known.values())
    if as_json:
        click.echo(json.dumps([_told(one) for one in chosen], indent=2))
    elif name:
        _explain(chosen[0])
    else:
        for one in chosen:
            click.echo(f"{one.name:26} {one.title}")


def _told(one: "Declaration") -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "kind": one.kind,
        "format": one.format,
        "export": one.export,
        "names": one.names,
        "cannot_tell": list(one.cannot_tell),
        "reference": one.reference or None,
        "events": sorted({action.verb for action in one.actions}),
        "actions": [
            {
                "verb": action.verb,
                "when": [str(condition) for condition in (*action.when, *action.where)],
                "entitlement": action.values.get("entitlement"),
            }
            for action in one.actions
        ],
    }


def _explain(one: "Declaration") -> None:
    formatter = click.HelpFormatter(width=click.get_current_context().terminal_width or 110)
    formatter.write(f"{one.name}: {one.title}\n\n")
    said = [
        ("export", one.export),
        ("names", one.names),
        ("cannot tell", "; ".join(one.cannot_tell)),
        ("columns", ", ".join((*one.header, *(f"[{name}]" for name in one.optional)))),
        ("reference", one.reference),
    ]
    formatter.write_dl([(label, text) for label, text in said if text])
    if one.actions:
        with formatter.section("What its records become"):
            formatter.write_dl(
                [(one.verb, ", ".join(map(str, (*one.when, *one.where)))) for one in one.actions]
            )
    click.echo(formatter.getvalue().rstrip())
