"""Whether reviews were done when they were due, and whether access lay idle for as long. Times are UTC text.

Fills `reviews_due` (every time between two reviews that was longer than `policy.review_interval`) and `idle` (every
time without a use that was). Nothing is read out of silence: a miss counts only where the files of reviews, or of uses,
cover the whole interval, and only where it is known to have been held all that time. Both stay empty where the policy
sets no interval.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from tracer.case.policy import limit
from tracer.case.spans import Span, settled, without
from tracer.case.times import plus
from tracer.completeness.coverage import review_spans
from tracer.completeness.gaps_between_files import lateness

Gap = tuple[str, str, str, str | None]
"""From when, due when, until when nothing happened, and the due time that evidence covers wholly (None: none)."""


def build_reviews_due(connection: sqlite3.Connection) -> None:
    """Fill `reviews_due`, for every grant that was held for longer than the interval."""
    interval = limit(connection, "review_interval")
    if interval is None:
        return
    spans, unknown = review_spans(connection), lapses(connection)
    done: dict[tuple[str, str], list[str]] = defaultdict(list)
    # +at: the few reviews are sorted, for in the order of the index on time every event would be read.
    for row in connection.execute(
        """SELECT subject_id, entitlement_id, at FROM events WHERE verb = 'review' AND outcome = 'success'
             AND subject_id IS NOT NULL AND entitlement_id IS NOT NULL ORDER BY +at"""
    ):
        done[row["subject_id"], row["entitlement_id"]].append(row["at"])
    connection.executemany(
        "INSERT INTO reviews_due VALUES (?, ?, ?, ?, ?)",
        (
            (row["grant_id"], *gap)
            for row in _held_longer(connection, interval)
            for gap in gaps(
                [(at, at) for at in done.get((row["account_id"], row["entitlement_id"]), [])],
                _known(spans.get(row["system"], []), unknown.get(row["grant_id"], [])),
                row["granted_at"],
                row["held_until"],
                interval,
            )
        ),
    )


def build_idle(connection: sqlite3.Connection) -> None:
    """Fill `idle`, for every grant that was held for longer than the interval in a system that logs uses."""
    spans, unknown = use_spans(connection), lapses(connection)
    connection.execute("DROP TABLE IF EXISTS temp.systems_with_uses")
    connection.execute("CREATE TEMP TABLE systems_with_uses (system PRIMARY KEY)")
    connection.executemany(
        "INSERT INTO systems_with_uses VALUES (?)", [(system,) for system in sorted(spans)]
    )
    interval = limit(connection, "review_interval")
    if interval is None:
        return
    used: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(
        """SELECT account_id, entitlement_id, first_at, last_at FROM uses
           UNION ALL SELECT started_by, entitlement_id, first_at, last_at FROM uses WHERE started_by <> account_id
           ORDER BY 3, 4"""
    ):
        used[row["account_id"], row["entitlement_id"] or ""].append((row["first_at"], row["last_at"]))
    rows: list[tuple[str | None, ...]] = []
    for row in _held_longer(connection, interval):
        covers = spans.get(row["system"], [])
        if covers:
            own = used.get((row["account_id"], row["entitlement_id"]), [])
            either = sorted(own + used.get((row["account_id"], ""), []))
            known = _known(covers, unknown.get(row["grant_id"], []))
            found = gaps(either, known, row["granted_at"], row["held_until"], interval)
            rows.extend((row["grant_id"], *gap) for gap in found)
    connection.executemany("INSERT INTO idle VALUES (?, ?, ?, ?, ?)", rows)


def gaps(
    signs: list[tuple[str, str]], covers: list[Span], since: str, until: str, interval: timedelta
) -> Iterator[Gap]:
    """The times in [since, until] longer than `interval` in which none of `signs` (first and last, in order) lies."""
    last = since
    for first, end in [*((a, b) for a, b in signs if b >= since and a < until), (until, until)]:
        due = plus(last, interval)
        if first > due or (first == due and first < until):
            yield last, due, first, _certain(covers, last, first, interval)
        last = max(last, end)


def _certain(covers: list[Span], last: str, following: str, interval: timedelta) -> str | None:
    """The first time by which an interval had passed in evidence that covers it all, before anything followed."""
    for first, end in covers:
        due = plus(max(last, first), interval)
        if first < following and due <= min(end, following) and max(last, first) <= end:
            return due
    return None


def lapses(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """Grant -> the times for which it is not known whether it was held, in order."""
    found: dict[str, list[Span]] = defaultdict(list)
    for grant, first, last in connection.execute(
        "SELECT grant_id, first_at, coalesce(last_at, '9999') FROM lapses ORDER BY grant_id, first_at"
    ):
        found[grant].append((first, last))
    return found


def _known(covers: list[Span], unknown: list[Span]) -> list[Span]:
    """What is left of the covered time without that for which it is not known whether the access was held."""
    return [left for span in covers for left in without(span, unknown)] if unknown else covers


def _held_longer(connection: sqlite3.Connection, interval: timedelta) -> Iterator[sqlite3.Row]:
    return connection.execute(
        """SELECT c.grant_id, c.granted_at, c.held_until, fold(c.system) AS system, g.account_id, g.entitlement_id
           FROM circumstances c JOIN grants g ON g.id = c.grant_id
           WHERE julianday(c.held_until) - julianday(c.granted_at) >= ? ORDER BY c.grant_id""",
        (interval.total_seconds() / 86400 - 1e-6,),
    )


def use_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """System (case-folded) -> the time for which the logs of uses are at hand; a system that logs none has none."""
    found: dict[str, list[Span]] = defaultdict(list)
    for row in connection.execute("SELECT system, first_at, last_at FROM use_spans ORDER BY 1, 2, 3"):
        found[row["system"]].append((row["first_at"], row["last_at"]))
    late = lateness(connection)
    return {system: settled(known, late) for system, known in found.items()}
