"""Controls on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.show.terminal import Terminal
from tracer.show.text import clock, plural, safe_text


def controls_text(rows: Sequence[Mapping[str, Any]], terminal: Terminal, *, cut: bool) -> str:
    """One line per control, and one more for every owner that it had besides the one it has."""
    if not rows:
        return "No controls: hand in a register that names them.\n"
    heads = [
        "control",
        "point",
        "covers",
        "owner",
        "from",
        "to",
        "responder",
        "runs",
        "failed",
        "no evidence",
    ]
    table: list[list[str]] = []
    for row in rows:
        seats = row.get("owners") or [{}]
        for number, seat in enumerate(reversed(seats)):
            first = number == 0
            table.append(
                [
                    safe_text(row.get("control"), 40) if first else "",
                    safe_text(row.get("point"), 40) if first else "",
                    _covers(row.get("covers") or {}) if first else "",
                    safe_text(seat.get("owner"), 60) or "nobody",
                    clock(seat.get("from"), missing="")[:10],
                    clock(seat.get("to"), missing="")[:10],
                    safe_text(row.get("responder"), 60) if first else "",
                    f"{row.get('runs'):,}" if first else "",
                    f"{row.get('failed'):,}" if first else "",
                    f"{row.get('no_evidence'):,}" if first else "",
                ]
            )
    failed = sum(bool(row.get("failed")) for row in rows)
    empty = sum(not row.get("owner_now") for row in rows)
    said = f"{plural(len(rows), 'control')}: {failed:,} failed, {empty:,} with nobody in its seat now."
    return terminal.printable("\n".join([*terminal.table(heads, table, cut=cut), "", said]) + "\n")


def _covers(covers: Mapping[str, Any]) -> str:
    told = []
    for key, value in covers.items():
        values = ", ".join(safe_text(one, 40) for one in (value if isinstance(value, list) else [value]))
        told.append(f"{safe_text(key, 20)} {values}")
    return safe_text("; ".join(told), 80) or "everything"
