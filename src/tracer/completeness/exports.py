"""From when to when each file is whole: learned from files that run into one another.

What was written late is missing at the end of an export and stands in the next one, which reaches back for it. Where it
was written later still, exports are ragged: the next one seems to begin before it is whole, by a few late records, and
of what an export that was made again told nobody else tells. Both are seen where two exports of the same are at hand,
and held of those whose neighbours are not: one practice makes them all. Files that share most of their time may as well be
parts of one export, which look like that by chance where they are small: of these it is believed where it is too often so.
"""

import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import comb, inf, prod

from tracer.case.spans import length, without
from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.completeness.gaps_in_files import ALL, build_holes, holes
from tracer.completeness.lost import Lost
from tracer.completeness.overlaps import Overlap, goes_on, overlaps
from tracer.completeness.unread import build_unread, unread_spans

NOTHING = timedelta(0)

CHANCE = 0.01
"""How seldom parts of one export may be taken for exports that come one after the other."""


@dataclass(frozen=True)
class Seam:
    """Where a file goes on from an earlier one: how long its beginning lacks records, and that one's end lacked them.

    `whole` says that it tells all that was late: it tells some of before it is whole, or is that one made again. `chance` is
    how likely parts of one export, over which it is spread at random, look like that; 0 where they go on from one another,
    without end where they contradict it.
    """

    before: str
    begin: timedelta
    late: timedelta
    whole: bool
    chance: float


def build_exports(connection: sqlite3.Connection) -> None:
    """Fill the temporary tables `exports` (from when to when each file is whole; several times, where it has holes) and
    `lateness` (milliseconds, one row), after `holes`, `unread` (what could not be read, which no file of that source makes
    good), and `lost` (sources whose files lack records).

    `lateness` is how long before the end of an export a record was written that only a later one has, at most. Where
    exports are ragged it is taken off the files themselves, and 0.
    """
    files = connection.execute(
        """SELECT id, source, first_at, last_at FROM evidence WHERE first_at IS NOT NULL
           ORDER BY source, first_at, last_at, records, id"""
    ).fetchall()
    lost, told_on = Lost(), dict[str, Seam | None]()
    for pair in overlaps(connection, files):
        lost.count(pair)
        told_on[pair.two["id"]] = _seam(pair)
    lost.keep(connection)
    seams = _believed(told_on)
    late = max((seam.late for seam in seams.values()), default=NOTHING)
    whole = {file["id"]: (file["first_at"], file["last_at"]) for file in files}
    if any(seam.begin for seam in seams.values()):
        whole |= _ragged(files, seams, late)
        late = NOTHING
    for name in ("exports", "lateness"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("CREATE TEMP TABLE exports (evidence_id, first_at, last_at)")
    build_holes(connection)
    build_unread(connection)
    missing, unread, source = (
        holes(connection),
        unread_spans(connection),
        {file["id"]: file["source"] for file in files},
    )
    connection.executemany(
        "INSERT INTO exports VALUES (?, ?, ?)",
        (
            (name, *piece)
            for name, span in whole.items()
            for piece in without(span, sorted(missing[name] + missing[ALL] + unread.get(source[name], [])))
        ),
    )
    connection.execute("CREATE TEMP TABLE lateness (longest)")
    connection.execute("INSERT INTO lateness VALUES (?)", (round(late / timedelta(milliseconds=1)),))


def _believed(seams: dict[str, Seam | None]) -> dict[str, Seam]:
    """The seams without those that chance makes: all of these together, where no two files contradict them, hardly come by it."""
    found = {file: seam for file, seam in seams.items() if seam and seam.chance < inf}
    if prod(seam.chance for seam in seams.values() if seam and seam.chance) <= CHANCE:
        return found
    return {file: seam for file, seam in found.items() if not seam.chance or not (seam.begin or seam.late)}


def _ragged(files: list[sqlite3.Row], seams: dict[str, Seam], late: timedelta) -> dict[str, tuple[str, str]]:
    """The spans of files that come in numbers without their beginnings and ends, as far as no neighbour makes these good.

    A neighbour that tells late records of a file tells all of them; one that tells none of them but in its own time may
    have been made after another that did.
    """
    several = {one["source"] for one, two in pairwise(files) if one["source"] == two["source"]}
    made_good = {seam.before for seam in seams.values() if seam.whole}
    found: dict[str, tuple[str, str]] = {}
    for file in files:
        if file["source"] in several:
            seam = seams.get(file["id"])
            first = plus(file["first_at"], seam.begin if seam else late)
            if seam:
                first = max(first, found[seam.before][0])
            last = plus(file["last_at"], -(NOTHING if file["id"] in made_good else late))
            found[file["id"]] = (min(first, last), last)
    return found


def _seam(pair: Overlap) -> Seam | None:
    """How the second file goes on from the first; None where they share nothing: then it is an export of something else.

    It does not go on where it lacks the last of what both could tell, nor where both tell what lies before something that
    `two` lacks: parts of one export, as those that a log is spread over, tell of the same time and each lack much.
    """
    one, two, here, there = pair
    first, last = two["first_at"], one["last_at"]
    both = [at for one_of, at in here.items() if one_of in there]
    lacks, adds = (
        {one_of: at for one_of, at in a.items() if one_of not in b} for a, b in ((here, there), (there, here))
    )
    if not both:
        return None
    lacking, late = max(lacks.values(), default=""), min(adds.values(), default=last)
    if max(both) <= lacking or min(both) < lacking:
        return Seam(one["id"], NOTHING, NOTHING, whole=False, chance=inf)
    begin, reached = length((first, lacking or first)), length((late, last))
    # Of records in any order: that all that `two` lacks come first, or else that all that it adds come as late as they do.
    after = len(adds) + sum(at >= late for at in both)
    orders = (1, len(lacks)) if lacks else (comb(after, len(adds)), len(adds))
    by_chance = orders[0] / comb(len(both) + orders[1], orders[1])
    whole = late < lacking or (two["last_at"] == last and late < last)
    return Seam(one["id"], begin, reached, whole, 0 if goes_on(one, two) else by_chance)


STAGE = Stage(
    "exports",
    reads=(
        "acts",
        "claims",
        "counted",
        "evidence",
        "holdings",
        "records",
        "ticket_acts",
    ),
    writes=(
        "exports",
        "holes",
        "lateness",
        "lost",
        "unread",
        "unread_sections",
        "unread_snapshots",
    ),
    run=lambda work: build_exports(work.connection),
)
