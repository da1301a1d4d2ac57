"""Records that an export lacks though another export of its source tells them, in the midst of what both tell.

A file that lacks such records is not whole, wherever they were lost, and others of its source will not be either, where
no second export tells. A part of one export, or an export of something else, shares little with another: nothing is
learned of these, nor where files lack more than they share.
"""

import sqlite3
from collections import Counter

from tracer.evidence.overlaps import goes_on, neighbours, told

MOSTLY = 3
"""Two files of the same time are the same export, made twice, where they share so many times what only one of them tells."""

SCRAPS = 10
"""Files that share fewer records are parts of one export as likely as exports that come one after the other."""


def build_lost(connection: sqlite3.Connection, files: list[sqlite3.Row]) -> None:
    """Fill the temporary table `lost`: source, and how many records files of it lack; `files` as `build_exports` orders them."""
    shared: Counter[str] = Counter()
    lacked: Counter[str] = Counter()
    for one, two in neighbours(files):
        here, there = (told(connection, file["id"], two["first_at"], one["last_at"]) for file in (one, two))
        both = [at for act, at in here.items() if act in there]
        alone = [at for act, at in here.items() if act not in there]
        if not both:
            continue
        if goes_on(one, two):
            lacks = sum(min(both) < at for at in alone)
        elif len(both) >= MOSTLY * (len(here) + len(there) - 2 * len(both)):
            lacks = sum(min(both) < at < max(both) for at in alone)
        else:
            continue
        shared[one["source"]] += len(both)
        lacked[one["source"]] += lacks
    connection.execute("DROP TABLE IF EXISTS temp.lost")
    connection.execute("CREATE TEMP TABLE lost (source PRIMARY KEY, records) WITHOUT ROWID")
    connection.executemany(
        "INSERT INTO lost VALUES (?, ?)",
        (
            (source, number)
            for source, number in sorted(lacked.items())
            if 0 < number <= shared[source] and shared[source] >= SCRAPS
        ),
    )
