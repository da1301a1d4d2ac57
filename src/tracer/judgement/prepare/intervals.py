"""Times without a sign that are longer than an interval, in what is known to have been held. Times are UTC text."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from tracer.case.spans import Span, without
from tracer.case.times import plus

Gap = tuple[str, str, str, str | None]
"""From when, due when, until when nothing happened, and the due time that evidence covers wholly (None: none)."""


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


def known_to_be_held(covers: list[Span], unknown: list[Span]) -> list[Span]:
    """What is left of the covered time without that for which it is not known whether the access was held."""
    return [left for span in covers for left in without(span, unknown)] if unknown else covers


def held_longer(connection: sqlite3.Connection, interval: timedelta) -> Iterator[sqlite3.Row]:
    """Grants that were held for longer than the interval: grant, account, entitlement, folded system, from and until."""
    return connection.execute(
        """SELECT c.grant_id, c.granted_at, c.held_until, fold(c.system) AS system, g.account_id, g.entitlement_id
           FROM circumstances c JOIN grants g ON g.id = c.grant_id
           WHERE julianday(c.held_until) - julianday(c.granted_at) >= ? ORDER BY c.grant_id""",
        (interval.total_seconds() / 86400 - 1e-6,),
    )
