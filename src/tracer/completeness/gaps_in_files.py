"""Silences inside a file that are far too long to be quiet times: what was written then is taken not to be at hand.

Quiet times are told from holes by what the file says around them: for weeks before and after it speaks often, and is
never silent for nearly as long. Of a file that says little, or much at once and then nothing, nothing is known. Where
all logs together have a hole and nothing else speaks either, that time is missing of every file, however seldom it
speaks; reviews, which come all at once, do not say themselves when one is missing. A few tickets long before a file
speaks often are no beginning of it: what lies between is missing.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tracer.case.spans import Span, length

AROUND, AT_LEAST, OFTEN = 21, 14, 10
"""So many days before and after a silence count; at least so many of them have to be spoken in, and so many times."""
TIMES = 5
"""So many times the longest silence around it is no quiet time."""
ONE_SIDED = 40
"""So many times where only the time after it can tell."""
LEAST = 1
"""In days: no shorter silence is a hole."""
ALL = ""
"""What all files have in common, in place of the id of one."""

LOGS = "kind IN ('audit-log', 'provisioning')"
MOMENTS = """
    SELECT r.evidence_id, a.at FROM acts a JOIN records r ON r.id = a.record_id WHERE a.at IS NOT NULL
    UNION SELECT r.evidence_id, a.at FROM ticket_acts a JOIN records r ON r.id = a.record_id WHERE a.verb = 'request'
    UNION SELECT r.evidence_id, c.recorded_at FROM claims c JOIN records r ON r.id = c.record_id
    UNION SELECT evidence_id, first_at FROM counted UNION SELECT evidence_id, last_at FROM counted"""
"""When each file says something."""


def build_holes(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `holes`: file (`ALL`: every one), and from when to when what it would tell is missing."""
    for name in ("holes", "moments", "silences"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("CREATE TEMP TABLE holes (evidence_id, first_at, last_at)")
    connection.execute(f"CREATE TEMP TABLE moments AS {MOMENTS}")
    connection.execute("CREATE TEMP TABLE silences (name, first_at, last_at, begins REAL, ends REAL)")
    insert = """INSERT INTO silences SELECT name, before, at, julianday(before), julianday(at) FROM (
                  SELECT name, at, lag(at) OVER (PARTITION BY name ORDER BY at) AS before FROM ({moments})) WHERE before IS NOT NULL"""
    own = f"SELECT evidence_id AS name, at FROM temp.moments WHERE evidence_id IN (SELECT id FROM evidence WHERE {LOGS} OR kind IN ('ticket', 'source-data'))"
    common = f"SELECT DISTINCT '{ALL}' AS name, at FROM temp.moments WHERE evidence_id IN (SELECT id FROM evidence WHERE {LOGS})"
    connection.execute(insert.format(moments=own))
    (several,) = connection.execute(
        f"SELECT count(DISTINCT source) > 1 FROM evidence WHERE {LOGS}"
    ).fetchone()
    if several:
        connection.execute(insert.format(moments=common))
    connection.execute("CREATE INDEX temp.silences_ends ON silences (name, ends)")
    for name, first, last in _too_long(connection):
        holes = [(first, last)] if name else _of_all(connection, (first, last))
        connection.executemany("INSERT INTO holes VALUES (?, ?, ?)", ((name, *hole) for hole in holes))
    for name in ("moments", "silences"):
        connection.execute(f"DROP TABLE temp.{name}")


def holes(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """File -> its holes, in order; those of `ALL` are also of each file."""
    found: dict[str, list[Span]] = defaultdict(list)
    for file, first, last in connection.execute("SELECT * FROM temp.holes ORDER BY first_at, last_at"):
        found[file].append((first, last))
    return found


def _too_long(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """The silences that are no quiet times: of what, from when, until when."""
    side = """(SELECT CASE WHEN count(*) >= :often AND max(o.ends) - min(o.begins) >= :at_least THEN max(o.ends - o.begins) END
               FROM silences o WHERE o.name = s.name AND o.ends BETWEEN {first} AND {last} AND o.begins >= {first})"""
    before = side.format(first="s.begins - :around", last="s.begins")
    after = side.format(first="s.ends", last="s.ends + :around")
    # Of a ticket system that hardly began to be used nothing is known before; where it is used daily after, it begins there.
    begun = """(SELECT count(*) < :often FROM silences o WHERE o.name = s.name AND o.ends <= s.begins)
               AND name IN (SELECT id FROM evidence WHERE kind = 'ticket')"""
    return connection.execute(
        f"""SELECT name, first_at, last_at FROM (
              SELECT *, {before} AS before, {after} AS after, {begun} AS begun FROM silences s WHERE ends - begins > :least)
            WHERE ends - begins > :times * max(before, after) OR before IS NULL AND begun AND ends - begins > :one_sided * after
            ORDER BY name, first_at""",
        {
            "often": OFTEN,
            "at_least": AT_LEAST,
            "around": AROUND,
            "least": LEAST,
            "times": TIMES,
            "one_sided": ONE_SIDED,
        },
    ).fetchall()


def _of_all(connection: sqlite3.Connection, hole: Span) -> Iterator[Span]:
    """Of a hole of all logs the greater part in which nothing else speaks either, if there is one: clocks differ at its ends."""
    said = [
        at
        for (at,) in connection.execute(
            "SELECT DISTINCT at FROM temp.moments WHERE at BETWEEN ? AND ? ORDER BY 1", hole
        )
    ]
    half = length(hole) / 2
    yield from (silence for silence in pairwise(said) if length(silence) > half)
