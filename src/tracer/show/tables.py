"""Findings and defects as tables on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.questions.asked import SHOWN_OF_AN_ID
from tracer.show.steps import FAIL, NONE, PASS, UNKNOWN
from tracer.show.terminal import Terminal
from tracer.show.text import clock, plural, readable, safe_text

CELL = 60
"""Characters of one cell: longer names are cut, JSON has them whole."""


def findings_text(rows: Sequence[Mapping[str, Any]], terminal: Terminal, *, cut: bool) -> str:
    """One line per finding; `cut` keeps lines within the terminal."""
    if not rows:
        return "No findings.\n"
    heads = [
        "",
        "finding",
        "mode",
        "class",
        "part",
        "owner",
        "control",
        "access",
        "since",
        "marked",
        "because",
    ]
    table = [
        [
            terminal.mark(_mark(row)),
            _cell(row.get("id"))[:SHOWN_OF_AN_ID],
            _cell(row.get("mode") or row.get("verdict")),
            _cell(row.get("class")),
            _cell(row.get("part")),
            _cell(row.get("owner") or ("nobody" if row.get("mode") else "")),
            _cell(row.get("control")),
            safe_text(grant_name(row), 2 * CELL),
            clock(_since(row), missing="") if _since(row) else "",
            _marked(row),
            readable(safe_text(row.get("because") or _needs(row), 160)),
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
        "elsewhere",
        "first",
        "last",
        "trend",
        "cost",
        "marked",
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
            percent(row.get("elsewhere_rate")),
            clock(row.get("first_at"), missing="")[:10],
            clock(row.get("last_at"), missing="")[:10],
            _cell(row.get("trend")),
            cost(row),
            ", ".join(
                f"{row[word]} {word}" for word in ("confirmed", "disputed", "accepted") if row.get(word)
            ),
        ]
        for row in rows
    ]
    lines = terminal.table(heads, table, cut=cut)
    said = "The rate is failures of runs, with its 95 % Wilson interval; elsewhere is the same check at other controls."
    few = sum(bool(row.get("note")) for row in rows)
    if few:
        said += f" {plural(few, 'rate')} marked * rest on too few runs to say much."
    lines += ["", *terminal.wrap("", [(said, "dim")], 0)]
    return terminal.printable("\n".join(lines) + "\n")


def rate(row: Mapping[str, Any]) -> str:
    """How often the control failed in this way, with the 95 % interval; '' where that is not known."""
    value, low, high = row.get("rate"), row.get("rate_low"), row.get("rate_high")
    if not isinstance(value, int | float):
        return ""
    few = "*" if row.get("note") else ""
    if isinstance(low, int | float) and isinstance(high, int | float):
        return f"{percent(value)}{few} ({percent(low)} to {percent(high)})"
    return f"{percent(value)}{few}"


def cost(row: Mapping[str, Any]) -> str:
    """What the licences behind a defect cost, with their currency; '' where the catalogue gives no price."""
    value = row.get("cost")
    if value in (None, ""):
        return ""
    try:
        amount = f"{float(str(value)):,.2f}".removesuffix(".00")
    except ValueError:
        amount = _cell(value)
    return f"{amount} {_cell(row.get('currency'))}".rstrip()


def percent(value: Any) -> str:
    """A rate in percent, with a decimal where it is small; '' for none."""
    if not isinstance(value, int | float):
        return ""
    return f"{value:.1%}".replace(".0%", "%") if 0 < value < 0.1 else f"{value:.0%}"


def grant_name(row: Mapping[str, Any]) -> str:
    """Who holds what, where the finding says so; else the id of its grant."""
    grant = row.get("grant")
    if row.get("identity"):
        return f"{row['identity']}: {row.get('entitlement')} in {row.get('system')}"
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


def _marked(row: Mapping[str, Any]) -> str:
    """The disposition that stands; '' where nobody said anything."""
    kept = row.get("dispositions") or []
    return _cell(kept[0].get("disposition")) if kept else ""


def _cell(value: Any) -> str:
    return safe_text(value, CELL)
