"""Who held an entitlement, on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.questions.through import path
from tracer.show.steps import FAIL, PASS, UNKNOWN, VERDICTS
from tracer.show.terminal import Terminal
from tracer.show.text import clock, plural, safe_text

MARKS = {"wrong-access": FAIL, "control-weakness": FAIL, "undetermined": UNKNOWN, "conforming": PASS}


def who_text(
    rows: Sequence[Mapping[str, Any]], name: str, at: str | None, terminal: Terminal, *, cut: bool
) -> str:
    """A sentence that counts, then one line per path."""
    when = f" at {clock(at)}" if at else ""
    if not rows:
        return terminal.printable(f"Nobody held {safe_text(name)}{when}, as far as evidence goes.\n")
    people = len({row["identity"] for row in rows})
    still = sum(bool(row["still_open"]) for row in rows)
    title = f"{safe_text(rows[0]['entitlement'])} in {safe_text(rows[0]['system'])}"
    said = f"held by {plural(people, 'identity', 'identities')}{when} in {plural(len(rows), 'path')}, {still:,} still open."
    heads = ["", "identity", "account", "path", "decided by", "from", "until", "verdict"]
    table = [
        [
            terminal.mark(MARKS.get(str(row["verdict"]), UNKNOWN)),
            safe_text(row["identity"], 60),
            safe_text(row["account"], 60),
            safe_text(path(row["via"], row["through"]), 120),
            safe_text(decided(row), 60),
            clock(row["granted_at"]),
            clock(row["ended_at"], missing="open"),
            VERDICTS.get(str(row["verdict"]), "") + (f": {safe_text(row['root'])}" if row["root"] else ""),
        ]
        for row in rows
    ]
    lines = [
        *terminal.wrap("", [(title, "head"), (said, None)], 0),
        "",
        *terminal.table(heads, table, cut=cut),
    ]
    open_as_of = max(
        (str(row["judged_at"]) for row in rows if row["still_open"] and row["judged_at"]), default=""
    )
    if open_as_of:
        lines += [
            "",
            terminal.style(f"Open as of the last record of that system, {clock(open_as_of)}.", "dim"),
        ]
    return terminal.printable("\n".join(lines) + "\n")


def decided(row: Mapping[str, Any]) -> str:
    """What a grant rests on, with its id: the rule and its version, the ticket, the exception, or nothing."""
    if row["basis"] == "rule":
        return f"rule {row['rule']}" + (f" version {row['rule_version']}" if row["rule_version"] else "")
    if row["basis"] == "ticket":
        return f"ticket {row['ticket']}"
    if row["basis"] == "exception":
        return f"exception {row['exception']}"
    return "nothing in evidence"
