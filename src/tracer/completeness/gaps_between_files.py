"""Silences between the files of an export that are too long to be quiet times: a file is taken to be missing there.

What a log did not say in a gap between its files it may have said in a file that was not handed in. Quiet times are
told from gaps by the export itself: how long it is silent within its files (or, where the files are short and come in
numbers, as a trail's objects do, how long it usually is between two of them), and whether other files of it run into
one another, as consecutive exports do. Times are UTC text.
"""

import json
import sqlite3
from collections import defaultdict
from datetime import timedelta
from functools import cache
from itertools import pairwise
from math import exp, lgamma
from statistics import median, median_high
from typing import NamedTuple

import networkx as nx

from tracer.case.spans import Span, joined, length, reach, without
from tracer.case.times import plus
from tracer.completeness.unread import Unread, unread

LEAST = timedelta(days=1)
"""No shorter silence is taken for a gap."""

BETWEEN = 14
"""Of short files: so many times the median silence between two is no gap."""

PERIODIC = 3
"""So many exports of source data are made again and again."""

SEVERAL = 5
"""Files with fewer silences in them are scraps, which say nothing of how an export is made."""

CHANCE = 0.01
"""How seldom a quiet time that comes by chance may be taken for a gap."""


class File(NamedTuple):
    """From when to when a file tells, and from when to when it is whole, or a piece of it between two holes."""

    begin: str
    end: str
    first: str
    last: str


def lateness(connection: sqlite3.Connection) -> timedelta:
    """How long before the end of an export a record was written that only a later one has, at most."""
    (longest,) = connection.execute("SELECT longest FROM temp.lateness").fetchone()
    return timedelta(milliseconds=longest)


def log_gaps(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """Source of logs -> the times for which its records are taken to be missing, in order."""
    files: dict[str, list[File]] = defaultdict(list)
    for source, *file in connection.execute(
        """SELECT f.source, f.first_at, f.last_at, x.first_at, x.last_at FROM evidence f
           JOIN temp.exports x ON x.evidence_id = f.id WHERE f.kind IN ('audit-log', 'provisioning')"""
    ):
        files[source].append(File(*file))
    found = {source: _gaps(connection, of, LOGGED, source) for source, of in sorted(files.items())}
    for one in unread(connection, "audit-log", "provisioning"):
        found[one.source] = sorted([*found.get(one.source, []), *_unread(connection, one)])
    found |= dict(
        (source, [(first, last)])
        for source, first, last in connection.execute(
            """SELECT source, min(first_at), max(last_at) FROM evidence
               WHERE source IN (SELECT source FROM temp.losses) AND first_at IS NOT NULL
                 AND kind IN ('audit-log', 'provisioning') GROUP BY source"""
        )
    )
    return {source: gaps for source, gaps in found.items() if gaps}


def source_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """Source of logs -> the times for which its records are at hand, in order: first to last but for its gaps."""
    gaps = log_gaps(connection)
    return {
        source: without((first, last), gaps.get(source, []))
        for source, first, last in connection.execute(
            """SELECT source, min(first_at), max(last_at) FROM evidence
               WHERE kind IN ('audit-log', 'provisioning') AND first_at IS NOT NULL GROUP BY source"""
        ).fetchall()
    }


def fact_gaps(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """System (case-folded) of source data -> the times in which what it recorded is taken to be missing, in order.

    Systems that share a file are exported together: a file in which one of them has no row still speaks for it. Where
    the other evidence goes on for long after the last of several exports, what was recorded since is missing too.
    """
    (latest,) = connection.execute("SELECT max(last_at) FROM evidence").fetchone()
    rows = connection.execute(
        """SELECT fold(s.system), f.id, f.first_at, f.last_at, x.first_at, x.last_at FROM spans s
           JOIN evidence f ON f.id = s.evidence_id JOIN temp.exports x ON x.evidence_id = f.id WHERE f.kind = 'source-data'"""
    ).fetchall()
    together = nx.Graph((("system", system), ("file", file)) for system, file, *_ in rows)
    made: dict[str, set[File]] = defaultdict(set)
    for _, file, *spans in rows:
        made[file].add(File(*spans))
    found: dict[str, list[Span]] = {}
    for exported in nx.connected_components(together):
        systems = sorted(name for kind, name in exported if kind == "system")
        files = sorted(piece for kind, name in exported if kind == "file" for piece in made[name])
        gaps = _gaps(connection, files, CLAIMED, json.dumps(systems))
        if sum(kind == "file" for kind, _ in exported) >= PERIODIC:
            gaps += _ended(connection, json.dumps(systems), gaps, max(file.last for file in files), latest)
        found |= dict.fromkeys(systems, gaps) if gaps else {}
    for system, spans in unread_facts(connection).items():
        found[system] = sorted([*found.get(system, []), *spans])
    found |= {
        system: [(first, latest)]
        for system, first in connection.execute(
            """SELECT fold(s.system), min(f.first_at) FROM spans s JOIN evidence f ON f.id = s.evidence_id
               WHERE f.kind = 'source-data' AND f.source IN (SELECT source FROM temp.losses) GROUP BY 1"""
        )
    }
    return found


def unread_facts(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """System (case-folded) of source data -> the times in which it recorded what could not be read, in order."""
    found: dict[str, list[Span]] = defaultdict(list)
    for one in unread(connection, "source-data"):
        for (system,) in connection.execute(SPOKEN_OF, (one.evidence_id,)).fetchall():
            found[system] += _unread(connection, one)
    return {system: sorted(spans) for system, spans in found.items()}


SPOKEN_OF = """
    WITH told AS (SELECT DISTINCT fold(system) AS system FROM spans WHERE evidence_id = ?),
      known AS (SELECT fold(system) FROM facts UNION SELECT fold(system) FROM sources_of_truth)
    SELECT system FROM told UNION SELECT * FROM known WHERE NOT EXISTS (SELECT 1 FROM told)"""
"""The systems that a file of source data tells of: any, where nothing of it could be read."""

LOGGED = """
    SELECT r.evidence_id, v.at FROM events v JOIN event_records w ON w.event_id = v.id JOIN records r ON r.id = w.record_id
    WHERE v.source = :name
    UNION SELECT u.evidence_id, u.first_at FROM counted u JOIN evidence f ON f.id = u.evidence_id WHERE f.source = :name
    UNION SELECT u.evidence_id, u.last_at FROM counted u JOIN evidence f ON f.id = u.evidence_id WHERE f.source = :name"""
"""The moments at which a source's files say something."""

CLAIMED = """
    SELECT r.evidence_id, c.recorded_at AS at FROM claims c JOIN records r ON r.id = c.record_id
    WHERE fold(c.system) IN (SELECT value FROM json_each(:name))"""


def _gaps(connection: sqlite3.Connection, files: list[File], moments: str, name: str) -> list[Span]:
    """The gaps between these files, whose `moments` of that `name` say how long it is silent inside them.

    What the next file would have told of the end of the last one before a gap is missing with it, and what the next
    one begins with may be no more than that; so is what was written late and would stand in the export after the last.
    """
    told = [(file.begin, file.end) for file in files]
    short = _middle(told) < LEAST
    whole = [(file.first, file.last) for file in files]
    known, begin, end = joined(whole), min(file.begin for file in files), max(file.end for file in files)
    late = lateness(connection) if len(files) > 1 and not short else timedelta(0)
    edges = [(begin, known[0][0]), (plus(known[-1][1], -late), end)]
    edges = [(first, last) for first, last in edges if first < last]
    between = [(one[1], two[0]) for one, two in pairwise(known)]
    long = [silence for silence in between if length(silence) > LEAST]
    if not long:
        return edges
    longest, number = _within(connection, moments, name)
    # Where other files run into one another, the neighbour of one that does not is missing; scraps run anyhow.
    overlapping = not short and number >= SEVERAL and len(known) < len(files)
    quiet = max(LEAST, longest * (1 if overlapping else _times(number)))
    if short:
        quiet = max(quiet, BETWEEN * _middle(between))
    back = max(reach(whole), late)
    holes = [one for one in long if any(first <= one[0] and one[1] <= last for first, last in joined(told))]
    gaps = [silence for silence in long if length(silence) > quiet or silence in holes]
    return sorted([*((plus(first, -back), plus(last, late)) for first, last in gaps), *edges])


def _unread(connection: sqlite3.Connection, one: Unread) -> list[Span]:
    """The time of what could not be read, within that of all evidence; nothing where no time is known of any."""
    (begin, end) = connection.execute("SELECT min(first_at), max(last_at) FROM evidence").fetchone()
    return [(max(one.first, begin), min(one.last, end))] if begin else []


def _ended(connection: sqlite3.Connection, name: str, gaps: list[Span], last: str, until: str) -> list[Span]:
    """The time from the `last` claim on, where until `until` it is silent for too long to be quiet; `gaps` are no quiet times."""
    longest, number = connection.execute(
        f"""SELECT max(julianday(at) - julianday(before)), count(before) FROM (
              SELECT at, lag(at) OVER (ORDER BY at) AS before FROM (SELECT DISTINCT at FROM ({CLAIMED})))
            WHERE NOT EXISTS (SELECT 1 FROM json_each(:gaps) g WHERE before < g.value ->> 1 AND at > g.value ->> 0)""",
        {"name": name, "gaps": json.dumps(gaps)},
    ).fetchone()
    if number < SEVERAL or last >= until:
        return []
    quiet = max(LEAST, timedelta(days=longest) * _times(number))
    return [(last, until)] if length((last, until)) > quiet else []


@cache
def _times(number: int) -> float:
    """How many times the longest of so many silences another has to be to come by chance with `CHANCE` only.

    Of exponentially distributed silences one exceeds `c` times the longest of `n` others with probability
    c B(c, n + 1), B being Euler's beta function.
    """
    if number == 0:
        return float(10**6)
    low, high = 1.0, 1000.0
    for _ in range(40):
        middle = (low + high) / 2
        chance = exp(lgamma(1 + middle) + lgamma(number + 1) - lgamma(number + 1 + middle))
        low, high = (middle, high) if chance > CHANCE else (low, middle)
    return high


def _middle(spans: list[Span]) -> timedelta:
    """How long the one in the middle is."""
    return timedelta(seconds=median(length(span).total_seconds() for span in spans))


def _within(connection: sqlite3.Connection, moments: str, name: str) -> tuple[timedelta, int]:
    """The longest silence within a file, and how many there are in it: of the files the one in the middle.

    A first export of all that is older is silent for much longer than those that follow; half of the files are not.
    """
    rows = connection.execute(
        f"""SELECT max(julianday(at) - julianday(before)), count(before) FROM (
              SELECT evidence_id, at, lag(at) OVER (PARTITION BY evidence_id ORDER BY at) AS before FROM (SELECT DISTINCT evidence_id, at FROM ({moments}))) s
            WHERE NOT EXISTS (SELECT 1 FROM temp.holes h
              WHERE h.evidence_id IN ('', s.evidence_id) AND s.before <= h.first_at AND h.last_at <= s.at)
            GROUP BY evidence_id HAVING count(before) > 0""",
        {"name": name},
    ).fetchall()
    if not rows:
        return timedelta(0), 0
    return timedelta(days=median_high(row[0] for row in rows)), median_high(row[1] for row in rows)
