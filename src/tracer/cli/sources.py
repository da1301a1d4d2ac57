"""`tracer sources`: what can be read, how to obtain it, which events it yields, and what it cannot tell."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.options import secrets_option
from tracer.cli.output import print_json, tell
from tracer.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from tracer.sources.declarations import Declaration

BOOKS = ("records", "kept", "counted", "skipped", "rejected")


@click.command("sources")
@click.argument("name", required=False)
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Show what the declaration in FILE makes of the sample NAME, and what of it meets nothing.",
)
@click.option(
    "--sources",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Read your own declarations too (docs/declaring-a-source.md).",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@secrets_option
def command(name: str | None, checked: Path | None, folder: Path | None, as_json: bool) -> None:
    """What can be read; with NAME: how to obtain it, which events it yields, and what it cannot tell.

    Example: tracer sources aws-cloudtrail, or tracer sources --check badge-audit.toml export.jsonl
    """
    from tracer.sources.declarations import declarations

    if checked is not None:
        if name is None:
            raise UsageError("--check needs a sample", todo="say: tracer sources --check FILE SAMPLE")
        _check(checked, name, as_json)
        return

    known = declarations(folder)
    if name is not None and name not in known:
        todo = did_you_mean(name, known, "list them with: tracer sources")
        raise UsageError(f"unknown source {name!r}", todo=todo)
    chosen = [known[name]] if name else list(known.values())
    if as_json:
        print_json([_told(one) for one in chosen])
    elif name:
        _explain(chosen[0])
    else:
        tell(*(f"{one.name:26} {one.title}" for one in chosen))


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
    tell(*formatter.getvalue().rstrip().split("\n"))


def _check(file: Path, sample: str, as_json: bool) -> None:
    from tracer.evidence.trial import trial
    from tracer.show.text import safe_text

    found = trial(file, sample)
    if as_json:
        shown = {
            "source": found.declaration.name,
            "books": {name: found.books[name] for name in BOOKS},
            "acts": found.acts,
            "rejects": [{"record": ordinal, "reason": reason} for ordinal, reason in found.rejects],
            "unmet_rows": found.unmet_rows,
            "unmet_paths": found.unmet_paths,
        }
        print_json(shown)
        return
    tell(f"{found.declaration.name}: {', '.join(f'{found.books[name]} {name}' for name in BOOKS)}", "")
    for act in found.acts:
        rest = {key: value for key, value in act.items() if key not in ("record", "verb", "at")}
        said = ", ".join(f"{key} = {safe_text(value, 80)}" for key, value in rest.items())
        tell(f"  record {act['record']}: {act['at']} {act['verb']}: {said}")
    for ordinal, reason in found.rejects:
        tell(f"  record {ordinal} is rejected: {safe_text(reason)}")
    for label, unmet in (("Rows", found.unmet_rows), ("Paths", found.unmet_paths)):
        if unmet:
            tell(
                "",
                f"{label} that meet nothing in this sample:",
                *(f"  {safe_text(one, 200)}" for one in unmet),
            )
