"""`tracer checks`: the failure modes, what each asks, and what evidence it needs."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from tracer.cli.output import print_json, print_text, tell
from tracer.errors import UsageError, did_you_mean

SHOWN = {
    "question": "Question", "class": "Class", "control_point": "Control point", "part": "Part", "order": "Order",
    "evidence": "Evidence", "default_owner": "Owner", "frameworks": "Frameworks",
}  # fmt: skip


@click.command("checks")
@click.argument("mode", required=False, metavar="[ID]")
@click.option(
    "--checks",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also the organisation's own checks in this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(mode: str | None, folder: Path | None, as_json: bool) -> None:
    """List the failure modes in root order; with ID: its question, place, evidence, owner and frameworks.

    Example: tracer checks self-approval
    """
    from tracer.judgement.checks.catalogue import catalogue, read_own_checks

    judged = catalogue(read_own_checks(folder) if folder else {})
    mode = mode and mode.strip().casefold()
    if mode is not None and mode not in judged.modes:
        raise unknown_mode(mode, judged.modes)
    chosen = [judged.modes[mode]] if mode else list(judged.modes.values())
    rows = [
        _row(one, judged) for one in sorted(chosen, key=lambda one: (one.first_rank or "9", one.position))
    ]
    if as_json:
        print_json(rows)
    elif mode:
        tell(*_explained(rows[0]).split("\n"))
    else:
        from tracer.show.terminal import Terminal

        heads = ["id", "class", "control point", "part", "order", "evidence"]
        listed = [
            [
                *(row[key] for key in ("id", "class", "control_point", "part")),
                ", ".join(row["rank"]) or "-",
                row["evidence"] or "not built yet",
            ]
            for row in rows
        ]
        lines = Terminal.of(sys.stdout).table(heads, listed, cut=sys.stdout.isatty())
        print_text("\n".join(lines) + "\n")


def unknown_mode(name: str, known: Iterable[str]) -> UsageError:
    """The error for an id that no check has, with the nearest one."""
    todo = did_you_mean(name, known, "list them with: tracer checks")
    return UsageError(f"unknown failure mode {name!r}", todo=todo)


def _row(mode: Any, judged: Any) -> dict[str, Any]:
    from tracer.judgement.checks.modes import frameworks

    check = judged.checks.get(mode.id)
    return {
        "id": mode.id,
        "class": mode.klass,
        "control_point": mode.control_point,
        "part": mode.part,
        "rank": list(mode.ranks),
        "yields_to": list(mode.yields_to),
        "default_owner": mode.default_owner,
        "frameworks": list(mode.frameworks),
        "framework_titles": {one: frameworks().get(one) for one in mode.frameworks},
        "question": mode.question,
        "evidence": check.evidence if check else None,
        "built": check is not None,
    }


def _explained(row: dict[str, Any]) -> str:
    titles = row["framework_titles"]
    rank = " and ".join(f"{place} (rule {place[0]})" for place in row["rank"])
    order = rank or "never the root of wrong access"
    if row["yields_to"]:
        order += f"; does not apply where {' or '.join(row['yields_to'])} fails"
    told = row | {
        "order": order,
        "frameworks": "\n".join(f"{one}  {titles[one]}" if titles[one] else one for one in row["frameworks"]),
        "evidence": row["evidence"] or "not built yet",
    }
    lines = [row["id"]]
    for key, label in SHOWN.items():
        first, *rest = (told[key] or "-").splitlines()
        lines += [f"  {label:14} {first}", *(f"  {'':14} {line}" for line in rest)]
    return "\n".join(lines)
