"""What a replay changes, as text on a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracer.show.steps import FAIL, NEUTRAL, PASS, UNKNOWN
from tracer.show.terminal import Terminal
from tracer.show.text import clock, safe_text

LISTS = {
    "lose": (FAIL, "would lose it"),
    "gain": (PASS, "would gain it"),
    "not_reproducible": (UNKNOWN, "not reproducible: the replay proves nothing"),
    "indeterminate": (UNKNOWN, "cannot be said"),
    "keep": (NEUTRAL, "would keep it"),
    "neither": (NEUTRAL, "would still not have it"),
}
"""The lists of an answer in the order in which they are shown, with their mark and words."""

COUNTED = ("keep", "neither")
"""Lists of which only the count is shown, unless JSON is asked for."""

MOST = 20
"""Rows of one list that are shown; JSON has all."""


def replay_text(answers: Sequence[Mapping[str, Any]], terminal: Terminal, *, cut: bool) -> str:
    """One block per answer: what was asked, and who would lose, gain and keep access."""
    lines: list[str] = []
    inner = replace(terminal, width=terminal.width - 2)
    for answer in answers:
        lines += [terminal.style(_asked(answer["asked"]), "head"), *_unread(answer["asked"]), ""]
        for name, (mark, words) in LISTS.items():
            rows = answer[name]
            if not rows:
                continue
            lines.append(f"{terminal.mark(mark)} {len(rows)} {words}")
            if name in COUNTED:
                continue
            lines += [
                "  " + line
                for line in inner.table(["who", "what", "decision", "since", "because"], _rows(rows), cut=cut)
            ]
            if len(rows) > MOST:
                lines.append(f"  and {len(rows) - MOST} more (--json shows all)")
        lines.append("")
        if not any(answer["counts"].values()):
            lines += ["No decision of it is recorded, and nobody in source data is concerned.", ""]
    return terminal.printable("\n".join(lines))


def _asked(asked: Mapping[str, Any]) -> str:
    said = []
    if asked["rule"] or asked["cel"] or asked["refused"]:
        version = f" version {asked['version']}" if asked["version"] else ""
        said.append(f"with rule {asked['rule'] or 'as given'}{version}")
    said += [f"with {name} = {value or '(none)'}" for name, value in asked["set"].items()]
    if asked["approval"]:
        said.append(f"with approval {asked['approval']}")
    return safe_text("Replayed " + (" and ".join(said) or "as recorded"), 200)


def _unread(asked: Mapping[str, Any]) -> list[str]:
    """What was set and no decision reads, which may be a slip of the pen."""
    names = ", ".join(safe_text(name, 60) for name in asked["unread"])
    return [f"No decision here reads {names}."] if names else []


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [
        [
            safe_text(row["identity"] or "unknown", 60),
            safe_text(", ".join(row["entitlements"]) or (row["rule"] or ""), 60),
            safe_text(row["kind"], 20),
            clock(row["at"], missing=""),
            safe_text(_because(row), 240),
        ]
        for row in rows[:MOST]
    ]


def _because(row: Mapping[str, Any]) -> str:
    said = row["because"] or ""
    if row["unread"]:
        said += f" (it does not read {', '.join(row['unread'])})"
    return f"{said}; ask for {row['need']}" if row["need"] else said
