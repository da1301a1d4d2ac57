"""Access that is held through groups and roles, once everything else is judged.

One row of `grants` for each account and each grant of a group that it is in, with `via` naming the group that holds
it. It is no finding of its own: its verdict is that of its weakest link, the worst of the memberships and the group's
grant; of several ways into the group the best one counts. `inherited_from` is that link, `root_finding_id` its root.
"""

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from tracer.case.ids import content_id
from tracer.case.stage import Stage
from tracer.lineage.groups import FOREVER, close

VERDICTS = ("conforming", "control-weakness", "undetermined", "wrong-access")
"""Verdicts from best to worst: the levels of links."""

MOST = 1_000_000
"""Inherited rows beyond which only those are kept that are not conforming; `reaches` has all pairs all the same."""

Piece = tuple[str, str, int, str]
"""From when to when a path existed, how bad its worst link is, and which grant that is."""


def build_inherited(connection: sqlite3.Connection) -> None:
    """Add the inherited rows of `grants`; needs `memberships`, and verdicts of all direct grants."""
    connection.execute("DROP TABLE IF EXISTS temp.links")
    connection.execute(
        f"""CREATE TEMP TABLE links AS
            SELECT m.member_id AS member, m.group_id AS grp, m.valid_from AS since, coalesce(m.valid_to, '{FOREVER}') AS until,
                   {_level("g")} AS level, g.id AS worst
            FROM memberships m JOIN grants g ON g.id = m.grant_id LEFT JOIN findings f ON f.id = g.root_finding_id
            WHERE f.wrong_since IS NULL OR f.wrong_since <= m.valid_from OR g.verdict <> 'wrong-access'
            UNION ALL
            SELECT m.member_id, m.group_id, m.valid_from, min(f.wrong_since, coalesce(m.valid_to, '{FOREVER}')), 0, g.id
            FROM memberships m JOIN grants g ON g.id = m.grant_id JOIN findings f ON f.id = g.root_finding_id
            WHERE g.verdict = 'wrong-access' AND f.wrong_since > m.valid_from
            UNION ALL
            SELECT m.member_id, m.group_id, f.wrong_since, coalesce(m.valid_to, '{FOREVER}'), 3, g.id
            FROM memberships m JOIN grants g ON g.id = m.grant_id JOIN findings f ON f.id = g.root_finding_id
            WHERE g.verdict = 'wrong-access' AND f.wrong_since > m.valid_from
              AND f.wrong_since < coalesce(m.valid_to, '{FOREVER}')"""
    )
    close(connection)
    held = _held_by_groups(connection)
    (many,) = connection.execute("SELECT count(*) FROM closure").fetchone()
    whole = many * max(1, sum(map(len, held.values())) // max(1, len(held))) <= MOST
    connection.executemany(INSERT, _all(connection, held, 0 if whole else 1))
    connection.execute(
        """UPDATE grants SET root_finding_id = (SELECT l.root_finding_id FROM grants l WHERE l.id = grants.inherited_from)
           WHERE via IS NOT NULL AND verdict IN ('wrong-access', 'control-weakness')"""
    )


INSERT = """INSERT OR IGNORE INTO grants (id, identity_id, account_id, entitlement_id, granted_at, first_sign_at, ended_at,
  ended_by, basis, via, scope, role_id, judged_at, record_id, verdict, inherited_from)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _all(
    connection: sqlite3.Connection, held: dict[str, list[sqlite3.Row]], least: int
) -> Iterator[tuple[Any, ...]]:
    """The rows of all members, of at least this level."""
    rows = connection.execute(
        """SELECT c.member, c.grp, c.since, c.until, c.level, c.worst, a.identity_id FROM closure c
           JOIN accounts a ON a.id = c.member ORDER BY c.member, c.grp, c.since, c.until, c.level, c.worst"""
    ).fetchall()
    for (member, group), found in groupby(rows, key=lambda row: (row[0], row[1])):
        if group not in held:
            continue
        reached = list(found)
        pieces = [tuple(row)[2:6] for row in reached]
        for own in held[group]:
            yield from _rows(member, reached[0][6], own, pieces, least)


def _level(grant: str) -> str:
    """How bad a grant is, in SQL."""
    cases = " ".join(f"WHEN '{verdict}' THEN {level}" for level, verdict in enumerate(VERDICTS))
    return f"CASE {grant}.verdict {cases} ELSE 2 END"


def _held_by_groups(connection: sqlite3.Connection) -> dict[str, list[sqlite3.Row]]:
    """Group -> the grants that it holds itself, with their verdicts."""
    held: dict[str, list[sqlite3.Row]] = {}
    for row in connection.execute(
        f"""SELECT g.*, a.name AS group_name, f.wrong_since, {_level("g")} AS level FROM grants g
            JOIN accounts a ON a.id = g.account_id LEFT JOIN findings f ON f.id = g.root_finding_id
            WHERE g.account_id IN (SELECT group_id FROM memberships) ORDER BY g.id"""
    ):
        held.setdefault(row["account_id"], []).append(row)
    return held


def _rows(
    member: str, identity: str | None, own: sqlite3.Row, pieces: list[Piece], least: int
) -> Iterator[tuple[Any, ...]]:
    """The times in which the member had what the group holds, each with its weakest link."""
    began, end = own["first_sign_at"], own["ended_at"] or FOREVER
    cut = [(max(since, began), min(until, end), level, worst) for since, until, level, worst in pieces]
    cut = sorted(piece for piece in cut if piece[0] < piece[1])
    for since, until, parts in _spans(cut):
        level, weakest = _weakest(parts)
        wrong = own["wrong_since"] or began
        if own["level"] >= level and (own["level"] < 3 or wrong < until):
            level, weakest = own["level"], own["id"]
        if level < least:
            continue
        logged = own["granted_at"] is not None
        yield (
            content_id("inherited", member, own["id"], since), identity, member, own["entitlement_id"],
            since if logged else None, since, None if until == FOREVER else until,
            None if until == FOREVER else own["ended_by"] if until == own["ended_at"] else "membership",
            own["basis"], own["group_name"], own["scope"], own["role_id"], own["judged_at"], own["record_id"],
            VERDICTS[level], weakest,
        )  # fmt: skip


def _spans(pieces: list[Piece]) -> Iterator[tuple[str, str, list[Piece]]]:
    """Pieces (sorted) that overlap or touch, together."""
    together: list[Piece] = []
    for piece in pieces:
        if together and piece[0] > max(one[1] for one in together):
            yield together[0][0], max(one[1] for one in together), together
            together = []
        together.append(piece)
    if together:
        yield together[0][0], max(one[1] for one in together), together


def _weakest(pieces: list[Piece]) -> tuple[int, str]:
    """The worst time of these, where at each time the best path counts: its level, and the link that makes it so."""
    if len({piece[2] for piece in pieces}) == 1:
        return pieces[0][2], min(pieces)[3]
    worst = (-1, "")
    for moment in sorted({piece[0] for piece in pieces}):
        best = min((piece[2], piece[3]) for piece in pieces if piece[0] <= moment < piece[1])
        worst = max(worst, (best[0], best[1]), key=lambda one: one[0])
    for moment in sorted({piece[1] for piece in pieces}):
        current = [(piece[2], piece[3]) for piece in pieces if piece[0] <= moment < piece[1]]
        if current:
            worst = max(worst, min(current), key=lambda one: one[0])
    return worst


STAGE = Stage(
    "inherited",
    reads=(
        "accounts",
        "findings",
        "memberships",
    ),
    writes=(),
    completes=("grants",),
    run=lambda work: build_inherited(work.connection),
)
