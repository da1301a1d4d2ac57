"""Exports of one source that tell of the same time: which files these are, and what each of them tells.

A ticket is told by whichever file holds it as it stands in its last version: one that was changed since is another.
"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from tracer.case.spans import length


class Overlap(NamedTuple):
    """Two files that tell of the same time, and what each of them (`here`, `there`) tells of it: what was done, and when."""

    one: sqlite3.Row
    two: sqlite3.Row
    here: dict[str, str]
    there: dict[str, str]


def overlaps(connection: sqlite3.Connection, files: list[sqlite3.Row]) -> Iterator[Overlap]:
    """Each pair of neighbours; `files` are in order of source and time."""
    _build_told_tickets(connection)
    for one, two in _neighbours(files):
        span = (two["first_at"], one["last_at"])
        yield Overlap(one, two, _told(connection, one["id"], *span), _told(connection, two["id"], *span))


def _neighbours(files: list[sqlite3.Row]) -> Iterator[tuple[sqlite3.Row, sqlite3.Row]]:
    """Of each file that begins where an earlier one of its source still goes on, and ends no earlier: that one, and it."""
    longest: sqlite3.Row | None = None
    for file in files:
        if longest is None or longest["source"] != file["source"]:
            longest = file
        elif file["last_at"] >= longest["last_at"]:
            if file["first_at"] <= longest["last_at"]:
                yield longest, file
            longest = file


def goes_on(one: sqlite3.Row, two: sqlite3.Row) -> bool:
    """Whether `two` begins where `one` ends, rather than tell of the same time: they share no more than half of either."""
    shortest = min(length((file["first_at"], file["last_at"])) for file in (one, two))
    return two["last_at"] > one["last_at"] and length((two["first_at"], one["last_at"])) <= shortest / 2


def _build_told_tickets(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `told_tickets`: digest of a ticket's record, its request, and when it was made; `_told` reads it."""
    connection.execute("DROP TABLE IF EXISTS temp.told_tickets")
    connection.execute(
        "CREATE TEMP TABLE told_tickets (sha256, act, at, PRIMARY KEY (sha256, act)) WITHOUT ROWID"
    )
    connection.execute(
        """INSERT OR IGNORE INTO told_tickets SELECT r.sha256, a.act, a.at FROM ticket_acts a
           JOIN records r ON r.id = a.record_id WHERE a.verb = 'request' AND a.at IS NOT NULL ORDER BY 1, 2"""
    )


def _told(connection: sqlite3.Connection, evidence: str, first: str, last: str) -> dict[str, str]:
    """What a file tells between two moments: each act, request or claim, and when."""
    return dict(
        connection.execute(
            """SELECT a.act, a.at FROM records r JOIN acts a ON a.record_id = r.id
               WHERE r.evidence_id = :file AND a.at BETWEEN :first AND :last
               UNION ALL SELECT a.act, a.at FROM records r JOIN told_tickets a ON a.sha256 = r.sha256
               WHERE r.evidence_id = :file AND a.at BETWEEN :first AND :last
               UNION ALL SELECT json_array(c.worker_id, c.email, c.attribute, c.value, c.system, c.effective_at, c.recorded_at), c.recorded_at
               FROM records r JOIN claims c ON c.record_id = r.id
               WHERE r.evidence_id = :file AND c.recorded_at BETWEEN :first AND :last""",
            {"file": evidence, "first": first, "last": last},
        ).fetchall()
    )
