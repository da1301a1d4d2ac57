"""Assurance of non-human identities on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.show.places import folder_lines, places, shared_folder
from tracer.show.steps import FAIL, PASS, UNKNOWN
from tracer.show.terminal import Terminal
from tracer.show.text import clock, plural, readable, safe_text

QUESTIONS = ("needed", "monitored", "removable")
MARKS = {"yes": PASS, "no": FAIL, "unknown": UNKNOWN}
INDENT = 4


def assurance_text(rows: Sequence[Mapping[str, Any]], terminal: Terminal, *, verbose: bool) -> str:
    """Per identity a line with the three answers, then why each is not yes; with `verbose` also why it is."""
    if not rows:
        return "No non-human identity is known.\n"
    lines: list[str] = []
    folder = shared_folder(
        item
        for row in rows
        for q in QUESTIONS
        for part in row[q]["parts"]
        for item in part.get("evidence") or ()
    )
    for row in rows:
        owner = safe_text(row.get("owner")) or "nobody"
        words: list[tuple[str, str | None]] = [
            (safe_text(row.get("identity")), "head"),
            (f"({safe_text(row.get('kind'))}, owned by {owner}):", None),
        ]
        for question in QUESTIONS:
            answer = str(row[question]["answer"])
            words.append(
                (f"{question} {answer}" + ("." if question == QUESTIONS[-1] else ","), MARKS.get(answer))
            )
        lines += terminal.wrap("", words, 0)
        for question in QUESTIONS:
            for part in row[question]["parts"]:
                if verbose or part["answer"] != "yes":
                    lines += _part(question, part, terminal, folder)
    count = {word: sum(any(row[q]["answer"] == word for q in QUESTIONS) for row in rows) for word in MARKS}
    said = f"{plural(len(rows), 'identity', 'identities')}: {count['no']:,} with a no, {count['unknown']:,} with an unknown"
    as_of = next((row["as_of"] for row in rows if row.get("as_of")), None)
    said += f", as of the last record in evidence ({clock(as_of)})." if as_of else "."
    return terminal.printable("\n".join([*lines, "", said, *folder_lines(folder, terminal)]) + "\n")


def _part(question: str, part: Mapping[str, Any], terminal: Terminal, folder: str) -> list[str]:
    mark = MARKS.get(str(part["answer"]), UNKNOWN)
    return terminal.wrap(
        f"  {terminal.style(terminal.mark(mark), mark)} ",
        [
            (f"{question}, {safe_text(part['part'])}:", None),
            (readable(part.get("because")), None),
            (places(part.get("evidence"), folder), "dim"),
        ],
        INDENT,
    )
