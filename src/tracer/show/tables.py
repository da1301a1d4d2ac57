"""Findings and defects as tables on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.show.steps import FAIL, NONE, PASS, UNKNOWN
from tracer.show.terminal import Terminal
from tracer.show.text import clock, plural, safe_text

CELL = 60
"""Characters of one cell: longer names are cut, JSON has them whole."""


def findings_text(rows: Sequence[Mapping[str, Any]], terminal: Terminal, *, cut: bool) -> str:
    """One line per finding; `cut` keeps lines within the terminal."""
    if not rows:
        return "No findings.\n"
    heads = ["", "mode", "class", "part", "owner", "control", "grant", "since", "because"]
    table = [
        [
            terminal.mark(_mark(row)),
            _cell(row.get("mode") or row.get("verdict")),
            _cell(row.get("class")),
            _cell(row.get("part")),
            _cell(row.get("owner") or ("nobody" if row.get("mode") else "")),
            _cell(row.get("control")),
            _cell(grant_name(row)),
            clock(_since(row), missing="") if _since(row) else "",
            safe_text(row.get("because") or _needs(row), 160),
        ]
        for row in rows
    ]
    roots = sum(bool(row.get("is_root")) for row in rows)
    found = sum(bool(row.get("mode")) for row in rows)
    said = f"{plural(found, 'finding')}, {plural(roots, 'root', 'of them roots') if roots == 1 else f'{roots} of them roots'}"
    lines = [*terminal.table(heads, table, cut=cut), "", f"{said}."]
    return terminal.printable("\n".join(lines) + "\n")


def defects_text(rows: Sequence[Mapping[str, Any]], terminal: Terminal, *, cut: bool) -> str:
    """One line per governance defect, in the order given (worst first)."""
    if not rows:
        return "No defects.\n"
    heads = [
        "severity",
        "mode",
        "control",
        "owner",
        "count",
        "roots",
        "identities",
        "rate",
        "first",
        "last",
        "trend",
    ]
    table = [
        [
            _cell(row.get("severity")),
            _cell(row.get("mode")),
            _cell(row.get("control") or "none"),
            _cell(row.get("owner") or "nobody"),
            _cell(row.get("count")),
            _cell(row.get("roots")),
            _cell(row.get("identities")),
            rate(row),
            clock(row.get("first_at"), missing="")[:10],
            clock(row.get("last_at"), missing="")[:10],
            _cell(row.get("trend")),
        ]
        for row in rows
    ]
    return terminal.printable("\n".join(terminal.table(heads, table, cut=cut)) + "\n")


def rate(row: Mapping[str, Any]) -> str:
    """How often the control failed in this way, with the 95 % interval; '' where that is not known."""
    value, low, high = row.get("rate"), row.get("rate_low"), row.get("rate_high")
    if not isinstance(value, int | float):
        return ""
    if isinstance(low, int | float) and isinstance(high, int | float):
        return f"{value:.0%} ({low:.0%} to {high:.0%})"
    return f"{value:.0%}"


def grant_name(row: Mapping[str, Any]) -> str:
    """Who holds what, where the finding says so; else the id of its grant."""
    grant = row.get("grant")
    if not isinstance(grant, Mapping):
        return str(grant or "")
    if not grant.get("identity"):
        return str(grant.get("id") or "")
    return f"{grant['identity']} {grant.get('system')}:{grant.get('entitlement')}"


def _since(row: Mapping[str, Any]) -> Any:
    grant = row.get("grant")
    return row.get("wrong_since") or (grant.get("wrong_since") if isinstance(grant, Mapping) else None)


def _mark(row: Mapping[str, Any]) -> str:
    if row.get("mode"):
        return FAIL if row.get("is_root") else NONE
    return UNKNOWN if row.get("verdict") == "undetermined" else PASS


def _needs(row: Mapping[str, Any]) -> str:
    return "; ".join(
        safe_text(item.get("need")) for item in row.get("missing") or [] if isinstance(item, Mapping)
    )


def _cell(value: Any) -> str:
    return safe_text(value, CELL)
