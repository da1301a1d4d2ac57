"""What an id that was asked for is: who is behind it, what evidence says of it, and how its grants belong to it."""

from collections.abc import Sequence

from tracer.show.places import places
from tracer.show.steps import Answer
from tracer.show.terminal import Terminal
from tracer.show.text import plural, readable, safe_text

PLAIN = ("identity", "grant", "finding")
"""Kinds of question that need no explanation: the answer names the access itself."""

LABEL = 9


def asked_lines(answers: Sequence[Answer], terminal: Terminal, folder: str) -> list[str]:
    """Lines that come before the answers to a key, session, ticket or event; none for a name."""
    asked = (answers[0].get("asked") if answers else None) or {}
    if not asked or asked.get("kind") in PLAIN:
        return []
    behind = ", ".join(safe_text(name) for name in asked.get("identities") or [])
    words = [(safe_text(asked.get("name")), "head"), (f"({safe_text(asked.get('kind'))})", None)]
    if behind:
        words += [
            ("is", None),
            ("of" if asked.get("kind") != "ticket" else "for", None),
            (behind + ".", "owner"),
        ]
    lines = terminal.wrap(terminal.style("Asked", "head") + " " * (LABEL - 5), words, LABEL)
    for told in asked.get("told") or []:
        lines += terminal.wrap(
            " " * LABEL,
            [(readable(told.get("what")), None), (places(told.get("evidence"), folder), "dim")],
            LABEL,
        )
    lines += terminal.wrap(terminal.style("Leads to", "head") + " ", [(_relations(answers), None)], LABEL)
    return [*lines, ""]


def _relations(answers: Sequence[Answer]) -> str:
    """How many grants belong to it in which way, and how many of them are wrong access."""
    count: dict[str, list[bool]] = {}
    for answer in answers:
        relation = safe_text((answer.get("asked") or {}).get("relation"))
        count.setdefault(relation, []).append(answer.get("verdict") == "wrong-access")
    said = [
        f"{plural(len(wrong), 'grant')} that {'was' if len(wrong) == 1 else 'were'} {relation}"
        if relation.startswith(("held", "granted"))
        else f"{plural(len(wrong), 'grant')}: {relation}"
        for relation, wrong in count.items()
    ]
    bad = sum(sum(wrong) for wrong in count.values())
    return "; ".join(said) + f"; {bad:,} wrong access."
