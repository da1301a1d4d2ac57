"""What a case holds as a whole: verdicts, marks at control points, missing evidence, the books of each file."""

import sqlite3
from collections.abc import Iterable
from typing import Any

WORST_FIRST = ("fail", "no-evidence", "pass", "not-applicable")


def verdict_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Verdict -> number of grants; a verdict that no grant has is missing."""
    rows = connection.execute(
        "SELECT verdict, count(*) FROM grants WHERE verdict IS NOT NULL AND via IS NULL GROUP BY verdict"
    )
    return {row[0]: row[1] for row in rows}


def grants_with(connection: sqlite3.Connection, verdict: str, *, since: str | None = None) -> list[str]:
    """Ids of the grants with that verdict, still open ones first, then by the time since which they were wrong.

    `since` (UTC, ISO 8601) leaves out what became wrong, or for others was granted, before it.
    """
    rows = connection.execute(
        """SELECT g.id, coalesce(f.wrong_since, f.failed_at, g.first_sign_at) AS at
           FROM grants g LEFT JOIN findings f ON f.id = g.root_finding_id
           WHERE g.verdict = ? AND g.via IS NULL ORDER BY g.ended_at IS NOT NULL, at, g.id""",
        (verdict,),
    )
    return [row[0] for row in rows if since is None or (row[1] or "") >= since]


def points(connection: sqlite3.Connection, grants: Iterable[str]) -> dict[str, dict[str, str]]:
    """Grant id -> control point -> the worst that its checks came to: fail, no-evidence, pass or not-applicable."""
    from tracer.judgement.checks.catalogue import catalogue_of

    table = catalogue_of(connection).modes
    found: dict[str, dict[str, str]] = {}
    for grant in grants:
        at_points = found.setdefault(grant, {})
        for mode, verdict in connection.execute(
            "SELECT mode, verdict FROM checks WHERE grant_id = ?", (grant,)
        ):
            point = table[mode].control_point if mode in table else None
            if point is not None and verdict in WORST_FIRST:
                at_points[point] = min(at_points.get(point, verdict), verdict, key=WORST_FIRST.index)
    return found


def missing_evidence(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """What undetermined grants need, whom to ask and for which period: one row per need and person, most needed first."""
    rows = connection.execute(
        """SELECT c.need, c.ask, min(c.period_from) AS period_from, max(c.period_to) AS period_to,
             count(DISTINCT c.grant_id) AS grants
           FROM checks c JOIN grants g ON g.id = c.grant_id
           WHERE c.verdict = 'no-evidence' AND c.need IS NOT NULL AND g.verdict = 'undetermined'
           GROUP BY c.need, c.ask ORDER BY grants DESC, c.need, c.ask"""
    )
    return [
        {"need": row[0], "ask": row[1], "period": [row[2], row[3]], "grants": row[4]}
        for row in rows.fetchall()
    ]


def books(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every file of evidence with its hash and its balanced books, by path."""
    rows = connection.execute(
        """SELECT path, sha256, bytes, source, records, kept, counted, skipped, rejected, first_at, last_at
           FROM evidence ORDER BY path, id"""
    )
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]
