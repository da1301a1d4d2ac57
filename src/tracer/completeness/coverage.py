"""For which time evidence is at hand: of tickets, of exceptions, of verification, and of who was granted what.

Each file covers its own first to last record, a source the union of its files. All times are UTC text.
"""

import sqlite3
from collections import defaultdict

from tracer.case.spans import Span, gap, joined, settled, without
from tracer.completeness.gaps_between_files import lateness, log_gaps
from tracer.completeness.unread import unread, unread_spans


def ticket_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """Ticket system -> its covered time; a system that only the register names has none.

    A file of nothing but approvals covers no requests, nor does an export of which no request could be made, or none that
    says what was asked for (the register does not say which field holds what, or names a field that no ticket has).
    """
    found: dict[str, list[Span]] = defaultdict(list)
    for row in connection.execute(
        """SELECT f.source, x.first_at, x.last_at FROM evidence f JOIN temp.exports x ON x.evidence_id = f.id
           WHERE f.kind = 'ticket' AND f.source IN (
             SELECT source FROM requests WHERE entitlement IS NOT NULL OR fold(replace(source, '-csv', '')) IN (
               SELECT fold(replace(key, '-csv', '')) FROM entries WHERE section = 'tickets' AND key IS NOT NULL))
           AND NOT EXISTS (
             SELECT 1 FROM entries n, json_each(n.content) j, (SELECT known_fields FROM requests q WHERE q.source = f.source LIMIT 1) q
             WHERE n.section = 'tickets' AND fold(replace(n.key, '-csv', '')) = fold(replace(f.source, '-csv', ''))
               AND j.key IN ('beneficiary', 'system', 'entitlement') AND j.value <> ''
               AND j.key NOT IN (SELECT value FROM json_each(q.known_fields)))
           AND EXISTS (SELECT 1 FROM (
             SELECT coalesce(n.content, r.raw) AS said FROM records r LEFT JOIN entries n ON n.record_id = r.id
               AND n.section = 'ticket' WHERE r.evidence_id = f.id)
             WHERE NOT json_valid(said) OR json_type(said, '$.sysapproval') IS NULL
               AND json_type(said, '$.approver') IS NULL AND json_type(said, '$."approver.email"') IS NULL)"""
    ):
        found[row["source"].casefold().removesuffix("-csv")].append((row["first_at"], row["last_at"]))
    for (name,) in connection.execute(
        "SELECT DISTINCT key FROM entries WHERE section = 'tickets' AND key IS NOT NULL"
    ):
        found.setdefault(name.casefold().removesuffix("-csv"), [])
    for one in unread(connection, "ticket"):
        found.setdefault(one.source.casefold().removesuffix("-csv"), [])
    late = lateness(connection)
    return {name: settled(spans, late) for name, spans in sorted(found.items())}


def reviewed_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """Source of reviewed changes (repositories, pull requests, logs that hold requests) -> its covered time."""
    found: dict[str, list[Span]] = defaultdict(list)
    for row in connection.execute(
        """SELECT source, first_at, last_at FROM coverage
           WHERE kind <> 'ticket' AND source IN (SELECT source FROM requests) ORDER BY source, first_at"""
    ):
        found[row["source"]].append((row["first_at"], row["last_at"]))
    late, unread_of = lateness(connection), unread_spans(connection)
    return {
        name: [left for span in settled(spans, late) for left in without(span, unread_of.get(name, []))]
        for name, spans in found.items()
    }


def missing(spans: dict[str, list[Span]], since: str, until: str) -> tuple[str, str, str] | None:
    """From when to when which ticket systems leave [since, until] open; None if all cover it."""
    if not spans:
        return since, until, "ticket export (Jira, ServiceNow or whichever holds access requests)"
    holes = {name: hole for name, known in spans.items() if (hole := gap(known, since, until))}
    if not holes:
        return None
    first = min(hole[0] for hole in holes.values())
    last = max(hole[1] for hole in holes.values())
    return first, last, f"ticket export of {', '.join(sorted(holes))}"


def exception_spans(connection: sqlite3.Connection) -> list[Span] | None:
    """The time for which the exceptions on record are at hand; None: all of it, for the register itself lists them.

    Spreadsheets are exports: each covers what was recorded from its first to its last row. Empty: none was handed in.
    """
    rows = connection.execute(
        """SELECT f.source, min(x.recorded_at), max(x.recorded_at) FROM entries n
           JOIN records r ON r.id = n.record_id JOIN evidence f ON f.id = r.evidence_id
           LEFT JOIN exceptions x ON x.id = n.key
           WHERE n.section = 'exceptions' GROUP BY f.id"""
    ).fetchall()
    if any(source == "register" for source, _, _ in rows):
        return None
    missing = [
        (first, last)
        for first, last in connection.execute(
            "SELECT first_at, last_at FROM temp.holes WHERE evidence_id = '' ORDER BY 1"
        )
    ]
    return joined([piece for _, first, last in rows if first for piece in without((first, last), missing)])


def exception_sources(connection: sqlite3.Connection) -> set[str]:
    """The sources that exceptions come from; empty: none was handed in."""
    return {
        source
        for (source,) in connection.execute(
            """SELECT DISTINCT f.source FROM entries n JOIN records r ON r.id = n.record_id
               JOIN evidence f ON f.id = r.evidence_id WHERE n.section = 'exceptions'"""
        )
    }


def verification_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """System (case-folded) -> the time of the files of every source that verifies anything in it."""
    files: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for row in connection.execute(
        """SELECT DISTINCT fold(v.system) AS system, f.source, x.first_at, x.last_at
           FROM (SELECT DISTINCT system, source FROM events WHERE verb = 'verify') v
           JOIN evidence f ON f.source = v.source JOIN temp.exports x ON x.evidence_id = f.id"""
    ):
        files[row["system"], row["source"]].append((row["first_at"], row["last_at"]))
    found: dict[str, list[Span]] = defaultdict(list)
    late = lateness(connection)
    for (system, _), spans in files.items():
        found[system] += settled(spans, late)
    return found


def log_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """System (case-folded) -> the time of the logs that tell who was granted what in it.

    Only sources that logged a change of access there count; from its first to its last record a source is taken to
    be whole, but for silences between its files that are too long to be quiet times.
    """
    gaps = log_gaps(connection)
    found: dict[str, list[Span]] = defaultdict(list)
    for row in connection.execute(
        """SELECT fold(c.system) AS system, c.source, min(c.first_at) AS first_at, max(c.last_at) AS last_at FROM coverage c
           JOIN (SELECT DISTINCT source, fold(system) AS system FROM events
                 WHERE verb IN ('grant', 'revoke', 'delete', 'extend', 'create', 'disable', 'enable')) v
             ON v.source = c.source AND v.system = fold(c.system)
           WHERE c.kind IN ('audit-log', 'provisioning')
           GROUP BY fold(c.system), c.source"""
    ):
        found[row["system"]] += without((row["first_at"], row["last_at"]), gaps.get(row["source"], []))
    return {system: joined(spans) for system, spans in found.items()}


def review_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """System (case-folded) -> the time for which reviews of it are at hand.

    A file of reviews speaks for every system that it names. An export that names several systems is taken to be of
    the whole organisation, and speaks also for those of which it names nothing.
    """
    rows = connection.execute(
        """SELECT DISTINCT v.system, f.id, x.first_at, x.last_at
           FROM (SELECT DISTINCT fold(system) AS system, source FROM events WHERE verb = 'review') v
           JOIN evidence f ON f.source = v.source JOIN temp.exports x ON x.evidence_id = f.id
           JOIN spans s ON s.evidence_id = f.id AND fold(s.system) = v.system"""
    ).fetchall()
    named: dict[str, list[Span]] = defaultdict(list)
    systems: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        named[row["system"]].append((row["first_at"], row["last_at"]))
        systems[row["id"]].add(row["system"])
    whole = [(row["first_at"], row["last_at"]) for row in rows if len(systems[row["id"]]) > 1]
    every = [system for (system,) in connection.execute("SELECT DISTINCT fold(system) FROM entitlements")]
    late = lateness(connection)
    return {system: settled(named.get(system, []) + whole, late) for system in every}
