"""From when to when it is not known whether a grant was held, because the log is missing then and nothing shows it.

Fills `lapses` and completes `circumstances`: `quiet_from` and `quiet_to` (when the log is missing first), and
`held_until`, which is no later than the last that is known. A lapse lasts until the next sign that the access is held,
though the log be back before: a removal would stand in what is missing. The temporary table `lapsed_changes` says of which
changes it is not known that the grant was still held, at their beginning or at their deadline. Times are UTC text.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator

from tracer.case.spans import Span, joined, left_open, length
from tracer.completeness.gaps_between_files import LEAST, source_spans
from tracer.completeness.unread import unread_spans

Lapse = tuple[str, str | None]
"""From the last that is known to the next sign (None: there is none)."""


def build_lapses(connection: sqlite3.Connection) -> None:
    """Fill `lapses`, and what `circumstances` holds of them."""
    files = source_spans(connection)
    by_system, unread = _changing(connection, files), unread_spans(connection)
    unread_by_system = _changing(connection, unread)
    found, lapses = [], []
    for row in connection.execute(
        """SELECT c.grant_id, fold(c.system) AS system, v.source, c.held_until, c.granted_at, c.judged_at, c.maybe_until, c.expires_at,
             c.unlogged = 1 AND coalesce(c.log_covered, 0) = 0 AS unknown_end, g.account_id, g.entitlement_id,
             coalesce(z.verb = 'revoke' AND z.entitlement_id = g.entitlement_id, 0) AS taken,
             lead(g.first_sign_at) OVER (PARTITION BY g.account_id, g.entitlement_id ORDER BY g.first_sign_at, g.id) AS next_at
           FROM circumstances c JOIN grants g ON g.id = c.grant_id LEFT JOIN events v ON v.id = g.event_id
           LEFT JOIN events z ON z.id = g.end_event_id"""
    ):
        known = (files.get(row["source"]) if row["source"] else by_system.get(row["system"])) or []
        lost = (unread.get(row["source"]) if row["source"] else unread_by_system.get(row["system"])) or []
        missing = _missing(known, lost, row["granted_at"], row["judged_at"])
        if not missing and not row["unknown_end"]:
            continue
        signs = _signs(connection, row)
        of_grant = list(_of_grant(missing, row["maybe_until"], signs))
        if (last := _last_known(row, of_grant, signs)) is not None:
            of_grant = [one for one in of_grant if one[1] is not None and one[1] <= last] + [(last, None)]
        lapses += [(row["grant_id"], *one) for one in of_grant]
        held = row["held_until"]
        if of_grant and of_grant[-1][1] is None:
            held = min(held, of_grant[-1][0])
        first = missing[0] if missing else (None, None)
        found.append((*first, held, row["grant_id"]))
    connection.executemany("INSERT INTO lapses VALUES (?, ?, ?)", lapses)
    connection.executemany(
        "UPDATE circumstances SET quiet_from = ?, quiet_to = ?, held_until = ? WHERE grant_id = ?", found
    )
    _lapsed_changes(connection)


def _lapsed_changes(connection: sqlite3.Connection) -> None:
    """Of each change the moments at which a lapse was open, unless a sign after it shows the access while it was still wrong."""
    connection.execute("DROP TABLE IF EXISTS temp.lapsed_changes")
    connection.execute("CREATE TEMP TABLE lapsed_changes (change_id, at, PRIMARY KEY (change_id, at))")
    for moment in ("since", "deadline"):
        connection.execute(
            f"""INSERT OR IGNORE INTO lapsed_changes
                SELECT h.id, h.{moment} FROM changes h JOIN circumstances c ON c.grant_id = h.grant_id
                JOIN lapses l ON l.grant_id = h.grant_id AND l.first_at <= h.{moment}
                LEFT JOIN unsettled_changes u ON u.change_id = h.id
                WHERE min(coalesce(h.until, '9999'), coalesce(u.since, '9999')) <= coalesce(l.last_at, '9999')
                  OR c.held_until < coalesce(l.last_at, '9999')"""
        )


def _last_known(row: sqlite3.Row, lapses: list[Lapse], signs: list[str]) -> str | None:
    """The last sign, where the end that the access was given would stand in what is missing; None where it would not.

    That is so where its making is missing, and where it is seen after its end: it was extended, and nobody knows until when.
    """
    last = signs[-1] if signs else row["granted_at"]
    if last >= row["maybe_until"]:
        return None
    extended = bool(lapses) and row["expires_at"] is not None and row["expires_at"] < last
    return last if row["unknown_end"] or extended else None


def _signs(connection: sqlite3.Connection, row: sqlite3.Row) -> list[str]:
    """When the grant is seen held after it was made: what is seen after a later grant of the same shows nothing of it."""
    until = min(row["next_at"] or row["maybe_until"], row["maybe_until"])
    seen = [
        at
        for (at,) in connection.execute(
            """SELECT DISTINCT at FROM temp.signs WHERE account_id = ? AND entitlement_id = ? AND at > ? AND at <= ?
               AND (verb <> 'review' OR decision = 'keep') ORDER BY at""",
            (row["account_id"], row["entitlement_id"], row["granted_at"], until),
        )
    ]
    last = [row["maybe_until"]] if row["taken"] and until == row["maybe_until"] else []
    return [*seen, *last]


def _of_grant(missing: list[Span], until: str, signs: list[str]) -> Iterator[Lapse]:
    """The lapses that what is missing of the log makes in a grant held until `until` at most."""
    known = ""
    for first, last in missing:
        since = max(known, first)
        while since < min(last, until):
            sign = next((at for at in signs if at > since), None)
            yield since, sign
            if sign is None:
                return
            known = since = sign


def _changing(connection: sqlite3.Connection, files: dict[str, list[Span]]) -> dict[str, list[Span]]:
    """System (case-folded) -> the time of the sources that logged a change of access there."""
    found: dict[str, list[Span]] = defaultdict(list)
    for system, source in connection.execute(
        "SELECT DISTINCT fold(system), source FROM events WHERE verb IN ('grant', 'revoke', 'delete', 'extend')"
    ):
        found[system] += files.get(source, [])
    return {system: joined(spans) for system, spans in found.items()}


def _missing(known: list[Span], lost: list[Span], since: str, until: str) -> list[Span]:
    """The times of more than a day in [since, until] for which there is no log; an export's end is seldom the day's.

    However short they are those in which a record could not be read, `lost`.
    """
    unread = [(max(first, since), min(last, until)) for first, last in lost if first < until and since < last]
    return joined([hole for hole in left_open(known, since, until) if length(hole) > LEAST] + unread)
