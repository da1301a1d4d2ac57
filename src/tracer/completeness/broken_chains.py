"""Sources whose records break off what others begin, too often to be the work of those who are judged.

Where a log of deliveries loses records, deliveries are missing that were checked at once; where reviews are lost, access is
missing in one campaign that is reviewed in those before and after; where tickets are lost, logs name some that no export
holds; exceptions likewise. Each of these happens now and then by itself, in one system more than in others. Where it happens more often than
that, or many times in a row, and in several systems, records are lost.
"""

import sqlite3
from collections import Counter, defaultdict
from datetime import timedelta

from tracer.case.policy import limit
from tracer.case.spans import gap
from tracer.case.times import parse_iso, plus
from tracer.completeness.chance import CHANCE, at_least, too_often
from tracer.completeness.coverage import (
    exception_sources,
    exception_spans,
    missing,
    review_spans,
    ticket_spans,
)
from tracer.completeness.gaps_between_files import source_spans
from tracer.completeness.series import number, series

UNSEEN = 1 / 200
"""How often access is left out of one campaign alone, or is checked though it was delivered without a record."""

INVENTED = 1 / 100
"""How often a log names a ticket or an exception that never was."""

SYSTEMS = 3
"""In so many systems what is unseen has to be, or in all where there are fewer: one may be kept badly by itself."""

FEWEST = 3
"""Fewer breaks say nothing, however few the chains."""

CLOCKS = timedelta(minutes=10)
"""By no more do the clocks of two sources differ."""

ROW = 10
"""Of so many chains that follow one another, several that break tell of a stretch of time that was lost."""


def broken(connection: sqlite3.Connection) -> set[str]:
    """The sources in which too much breaks off."""
    connection.execute("DROP TABLE IF EXISTS temp.chains")
    connection.execute("CREATE TEMP TABLE chains (kind, source, system, at, whole)")
    _reviewed(connection)
    _checked(connection)
    _named(connection)
    _excepted(connection)
    connection.execute("CREATE INDEX temp.chains_at ON chains (kind, source, at)")
    return {
        *_too_many(connection, "reviewed", UNSEEN, SYSTEMS),
        *_too_many(connection, "checked", UNSEEN, SYSTEMS),
        *_too_many(connection, "named", INVENTED, 1),
        *_too_many(connection, "excepted", INVENTED, 1),
    }


def _too_many(connection: sqlite3.Connection, kind: str, by_itself: float, systems: int) -> set[str]:
    """The sources in which more of these chains break than do by themselves, over all or in a row."""
    found = set()
    for source, chains, told in connection.execute(
        "SELECT source, count(*), count(DISTINCT system) FROM chains WHERE kind = ? GROUP BY source", (kind,)
    ).fetchall():
        breaks = [
            (at, system)
            for at, system in connection.execute(
                "SELECT at, system FROM chains WHERE kind = ? AND source = ? AND whole = 0 ORDER BY at, system",
                (kind, source),
            )
        ]
        if len(breaks) < FEWEST or len({system for _, system in breaks}) < min(systems, told):
            continue
        if too_often(len(breaks), chains, by_itself) or _in_a_row(
            connection, (kind, source), breaks, chains, by_itself
        ):
            found.add(source)
    return found


def _in_a_row(
    connection: sqlite3.Connection,
    of: tuple[str, str],
    breaks: list[tuple[str, str]],
    chains: int,
    by_itself: float,
) -> bool:
    """Whether somewhere so many of `ROW` chains break that it hardly comes by chance anywhere among all of them."""
    least = next(
        k for k in range(FEWEST, ROW + 1) if k == ROW or chains * at_least(k, ROW, by_itself) <= CHANCE
    )
    for (first, _), (last, _) in zip(breaks, breaks[least - 1 :], strict=False):
        (between,) = connection.execute(
            "SELECT count(*) FROM chains WHERE kind = ? AND source = ? AND at BETWEEN ? AND ?",
            (*of, first, last),
        ).fetchone()
        if between <= ROW:
            return True
    return False


def _reviewed(connection: sqlite3.Connection) -> None:
    """Access that two campaigns reviewed, and whether the one between them did, where its reviews are at hand."""
    interval = limit(connection, "review_interval")
    if interval is None:
        return
    for name in ("campaigns", "reviewed_in"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("CREATE TEMP TABLE campaigns (source, number INT, first_at, last_at)")
    connection.executemany("INSERT INTO campaigns VALUES (?, ?, ?, ?)", _campaigns(connection, interval / 4))
    (most,) = connection.execute("SELECT max(number) FROM campaigns").fetchone()
    if most is None or most < 2:
        return
    connection.execute(
        """CREATE TEMP TABLE reviewed_in (subject_id, entitlement_id, source, number INT, system,
             PRIMARY KEY (subject_id, entitlement_id, source, number)) WITHOUT ROWID"""
    )
    connection.execute(
        """INSERT OR IGNORE INTO reviewed_in
           SELECT v.subject_id, v.entitlement_id, v.source, c.number, fold(v.system) FROM events v
           JOIN campaigns c ON c.source = v.source AND v.at BETWEEN c.first_at AND c.last_at
           WHERE v.verb = 'review' AND v.outcome = 'success' AND v.subject_id IS NOT NULL AND v.entitlement_id IS NOT NULL"""
    )
    connection.execute(
        """INSERT INTO chains
           SELECT 'reviewed', one.source, one.system, c.first_at, two.number IS NOT NULL
           FROM reviewed_in one JOIN campaigns c ON c.source = one.source AND c.number = one.number + 1
           JOIN reviewed_in three ON three.subject_id = one.subject_id AND three.entitlement_id = one.entitlement_id
             AND three.source = one.source AND three.number = one.number + 2
           LEFT JOIN reviewed_in two ON two.subject_id = one.subject_id AND two.entitlement_id = one.entitlement_id
             AND two.source = one.source AND two.number = one.number + 1
           WHERE NOT EXISTS (SELECT 1 FROM events v WHERE v.subject_id = one.subject_id
             AND v.entitlement_id = one.entitlement_id AND v.verb IN ('revoke', 'delete'))"""
    )
    spans = review_spans(connection)
    connection.executemany(
        "DELETE FROM chains WHERE kind = 'reviewed' AND system = ? AND at = ?",
        [
            (system, first)
            for first, last in connection.execute("SELECT first_at, last_at FROM campaigns").fetchall()
            for system, known in spans.items()
            if gap(known, first, last) is not None
        ],
    )


def _campaigns(connection: sqlite3.Connection, apart: timedelta) -> list[tuple[str, int, str, str]]:
    """Source, number, first and last review of each campaign: between two there is more time than `apart`."""
    found: list[tuple[str, int, str, str]] = []
    for source, at in connection.execute(
        "SELECT DISTINCT source, at FROM events WHERE verb = 'review' AND outcome = 'success' ORDER BY source, at"
    ):
        last = found[-1] if found and found[-1][0] == source else None
        if last and parse_iso(at) - parse_iso(last[3]) <= apart:
            found[-1] = (*last[:3], at)
        else:
            found.append((source, last[1] + 1 if last else 0, at, at))
    return found


def _checked(connection: sqlite3.Connection) -> None:
    """Access that was checked for the first time, and whether a delivery is told before; nothing where checks come any time.

    The log that would tell has to cover the time in which it would have been delivered: the time that a check may take.
    """
    window = limit(connection, "verification_window") or timedelta(days=1)
    days = window / timedelta(days=1)
    for name in ("checked", "telling"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("CREATE TEMP TABLE telling (system PRIMARY KEY, source, number INT)")
    connection.execute(
        """INSERT INTO telling SELECT system, source, max(number) FROM (
             SELECT fold(v.system) AS system, v.source, count(*) AS number FROM events v JOIN sources s ON s.name = v.source
             WHERE v.verb = 'grant' AND s.kind IN ('audit-log', 'provisioning') GROUP BY 1, 2) GROUP BY system"""
    )
    connection.execute(
        """CREATE TEMP TABLE checked AS
           SELECT t.source, k.system, k.at, julianday(k.at) - julianday((
             SELECT min(v.at) FROM events v WHERE v.subject_id = k.subject_id AND v.entitlement_id = k.entitlement_id
               AND v.verb IN ('grant', 'revoke', 'delete') AND v.outcome = 'success')) AS after
           FROM (SELECT subject_id, entitlement_id, fold(system) AS system, min(at) AS at FROM events
                 WHERE verb = 'verify' AND outcome = 'success' AND subject_id IS NOT NULL AND entitlement_id IS NOT NULL
                 GROUP BY 1, 2) k JOIN telling t ON t.system = k.system"""
    )
    clocks = CLOCKS / timedelta(days=1)
    (prompt, number_of) = connection.execute(
        "SELECT total(after BETWEEN ? AND ?), count(*) FROM checked", (-clocks, days)
    ).fetchone()
    if 2 * prompt < number_of:
        return
    connection.execute(
        "INSERT INTO chains SELECT 'checked', source, system, at, 1 FROM checked WHERE after >= ?", (-clocks,)
    )
    spans = source_spans(connection)
    connection.executemany(
        "INSERT INTO chains VALUES ('checked', ?, ?, ?, 0)",
        [
            row
            for row in connection.execute(
                "SELECT source, system, at FROM checked WHERE coalesce(after, -9) < ? ORDER BY at", (-clocks,)
            ).fetchall()
            if gap(spans.get(row["source"], []), plus(row["at"], -window), row["at"]) is None
        ],
    )


def _named(connection: sqlite3.Connection) -> None:
    """Tickets that logs name, and whether an export of their series holds them; of numbers and times that none reaches nothing is known."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    reached: dict[str, list[int]] = {}
    for ticket, source in connection.execute("SELECT DISTINCT ticket, source FROM requests"):
        held[series(ticket)][source] += 1
        if (at := number(ticket)) is not None:
            low, high = reached.get(series(ticket), (at, at))
            reached[series(ticket)] = [min(low, at), max(high, at)]
    spans, window = ticket_spans(connection), limit(connection, "request_window") or timedelta(0)
    found = []
    for ticket, system, at, whole in connection.execute(
        """SELECT fold(coalesce(g.named_ticket, g.ticket)), fold(e.system), min(g.first_sign_at), min(g.named_ticket IS NULL)
           FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
           WHERE g.named_ticket IS NOT NULL OR g.ticket_basis = 'explicit' GROUP BY 1, 2 ORDER BY 1, 2"""
    ):
        of = series(ticket)
        low, high = reached.get(of, (0, 0))
        if of in held and (
            whole or (low <= (number(ticket) or -1) <= high and missing(spans, plus(at, -window), at) is None)
        ):
            found.append(("named", held[of].most_common(1)[0][0], system, at, int(whole)))
    connection.executemany("INSERT INTO chains VALUES (?, ?, ?, ?, ?)", found)


def _excepted(connection: sqlite3.Connection) -> None:
    """Exceptions that logs name, and whether the spreadsheets of that time hold them; a register lists all there are."""
    spans = exception_spans(connection)
    if not spans:
        return
    source = min(exception_sources(connection))
    connection.executemany(
        "INSERT INTO chains VALUES ('excepted', ?, ?, ?, ?)",
        [
            (source, system, at, whole)
            for system, at, whole in connection.execute(
                """SELECT fold(e.system), min(g.first_sign_at), max(x.id IS NOT NULL) FROM grants g
                   JOIN entitlements e ON e.id = g.entitlement_id LEFT JOIN exceptions x ON fold(x.id) = fold(g.exception)
                   WHERE g.exception IS NOT NULL GROUP BY fold(g.exception), 1"""
            ).fetchall()
            if whole or gap(spans, at, at) is None
        ],
    )
