"""`tracer checks`: the failure modes, what each asks, and what evidence it needs."""

import json

import click

from tracer.errors import UsageError


@click.command("checks")
@click.argument("mode", required=False, metavar="[ID]")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(mode: str | None, as_json: bool) -> None:
    """List the failure modes in root order; with ID: its question, evidence, owner and frameworks.

    Example: tracer checks self-approval
    """
    from tracer.judgement.checks import checks
    from tracer.judgement.modes import modes

    known, built = modes(), checks()
    if mode is not None and mode not in known:
        raise UsageError(f"unknown failure mode {mode!r}", todo="list them with: tracer checks")
    chosen = (
        [known[mode]]
        if mode
        else sorted(known.values(), key=lambda one: (one.first_rank or "9", one.position))
    )
    rows = [
        {
            "id": one.id,
            "class": one.klass,
            "control_point": one.control_point,
            "part": one.part,
            "rank": list(one.ranks),
            "yields_to": list(one.yields_to),
            "default_owner": one.default_owner,
            "frameworks": list(one.frameworks),
            "question": one.question,
            "evidence": built[one.id].evidence if one.id in built else None,
            "built": one.id in built,
        }
        for one in chosen
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif mode:
        for name, value in rows[0].items():
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            click.echo(f"{name:14} {shown if shown not in (None, '') else '-'}")
    else:
        for row in rows:
            click.echo(
                f"{row['id']:30} {row['class']:12} {row['part']:15} {'' if row['built'] else 'not built yet'}".rstrip()
            )
