"""What our own books say could not be read: of which source and time, and of which sections of the register.

Reads the temporary tables `unread` and `unread_sections`. Absence proves nothing there. Times are UTC text; before and after
all times are '' and '9999'.
"""

import sqlite3
from collections import defaultdict
from typing import NamedTuple

from tracer.case.spans import Span, joined


class Unread(NamedTuple):
    """A file of which records could not be read: of what, within which time these were made, and in words."""

    evidence_id: str
    source: str
    kind: str
    first: str
    last: str
    said: str


def unread(connection: sqlite3.Connection, *kinds: str) -> list[Unread]:
    """The files of these kinds of evidence of which records could not be read."""
    rows = connection.execute("SELECT * FROM temp.unread ORDER BY source, first_at, evidence_id")
    return [one for one in map(Unread._make, rows) if one.kind in kinds]


def unread_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """Source -> the times in which its records that could not be read were made, in order."""
    found: dict[str, list[Span]] = defaultdict(list)
    for source, first, last in connection.execute("SELECT source, first_at, last_at FROM temp.unread"):
        found[source].append((first, last))
    return {source: joined(spans) for source, spans in found.items()}


def lacks_section(connection: sqlite3.Connection, section: str) -> bool:
    """Whether entries of this section of the register could not be read."""
    row = connection.execute("SELECT 1 FROM temp.unread_sections WHERE section = ?", (section,)).fetchone()
    return row is not None


def unread_register(connection: sqlite3.Connection, *sections: str) -> str | None:
    """What of these sections of the register could not be read, in words; None where all was."""
    rows = connection.execute("SELECT section, said FROM temp.unread_sections ORDER BY section")
    return "; ".join(dict.fromkeys(said for section, said in rows if section in sections)) or None
