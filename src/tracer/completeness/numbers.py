"""Tickets that must have been, for the numbers before and after theirs were given out: what an export lacks of a series.

Where a series is whole but for a few of many, and its numbers rise with time, a missing number is a ticket that is not at
hand, made between its neighbours. Of a series of which much is missing, or whose numbers come in no order, others than
requests take numbers, too, and nothing is learned.
"""

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from tracer.completeness.series import number, series

MANY = 50
"""Fewer numbers say nothing of how a series is given out."""

WHOLE, RISING = 0.9, 0.95
"""So much of a series has to be at hand, and so many of its numbers made after those before them."""

NAMED = 5
"""No more tickets than these are named at once."""


class Gap(NamedTuple):
    """A ticket that is not at hand, and between which moments it was made."""

    first: str
    last: str
    ticket: str


class Numbers:
    """The tickets that the exports in evidence lack."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        told: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
        for ticket, at in connection.execute(
            "SELECT ticket, min(requested_at) FROM requests WHERE requested_at IS NOT NULL GROUP BY ticket ORDER BY 1"
        ):
            if (found := number(ticket)) is not None:
                told[series(ticket)][found] = (at, ticket)
        gaps = [gap for of in told.values() for gap in _missing(of)]
        self._gaps = sorted(gaps, key=lambda gap: (gap.last, gap.ticket))
        self._lasts = [gap.last for gap in self._gaps]

    def between(self, since: str, until: str) -> str | None:
        """Those that may have been made in [since, until], in words; None where there are none."""
        found = []
        for gap in self._gaps[bisect_left(self._lasts, since) :]:
            if gap.first > until:
                break
            found.append(gap.ticket)
        if not found:
            return None
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        return f"{', '.join(found[:NAMED])}{more}"


def _missing(told: dict[int, tuple[str, str]]) -> list[Gap]:
    """The numbers that a series lacks; none where it says nothing."""
    order = sorted(told)
    if len(order) < MANY or len(order) < WHOLE * (order[-1] - order[0] + 1):
        return []
    steps = list(pairwise(order))
    if sum(told[one][0] <= told[two][0] for one, two in steps) < RISING * len(steps):
        return []
    found = []
    for one, two in steps:
        (before, name), (after, _) = told[one], told[two]
        for lost in range(one + 1, two):
            digits = len(name) - len(name.rstrip("0123456789"))
            found.append(Gap(min(before, after), max(before, after), f"{name[:-digits]}{lost:0{digits}}"))
    return found
