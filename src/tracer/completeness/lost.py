"""Records that an export lacks though another export of its source tells them, in the midst of what both tell.

A file that lacks such records is not whole, wherever they were lost, and others of its source will not be either, where
no second export tells. A part of one export, or an export of something else, shares little with another: nothing is
learned of these, nor where files lack more than they share.
"""

import sqlite3
from collections import Counter

from tracer.completeness.overlaps import Overlap, goes_on

MOSTLY = 3
"""Two files of the same time are the same export, made twice, where they share so many times what only one of them tells."""

SCRAPS = 10
"""Files that share fewer records are parts of one export as likely as exports that come one after the other."""


class Lost:
    """How many records the files of each source share with others of the same time, and how many they lack."""

    def __init__(self) -> None:
        self._shared: Counter[str] = Counter()
        self._lacked: Counter[str] = Counter()

    def count(self, pair: Overlap) -> None:
        """Take two files of one source into account, where the second goes on from the first or is the same export again."""
        one, two, here, there = pair
        both = [at for act, at in here.items() if act in there]
        alone = [at for act, at in here.items() if act not in there]
        if not both:
            return
        if goes_on(one, two):
            lacks = sum(min(both) < at for at in alone)
        elif len(both) >= MOSTLY * (len(here) + len(there) - 2 * len(both)):
            lacks = sum(min(both) < at < max(both) for at in alone)
        else:
            return
        self._shared[one["source"]] += len(both)
        self._lacked[one["source"]] += lacks

    def keep(self, connection: sqlite3.Connection) -> None:
        """Fill the temporary table `lost`: source, and how many records files of it lack."""
        connection.execute("DROP TABLE IF EXISTS temp.lost")
        connection.execute("CREATE TEMP TABLE lost (source PRIMARY KEY, records) WITHOUT ROWID")
        connection.executemany(
            "INSERT INTO lost VALUES (?, ?)",
            (
                (source, number)
                for source, number in sorted(self._lacked.items())
                if 0 < number <= self._shared[source] and self._shared[source] >= SCRAPS
            ),
        )
