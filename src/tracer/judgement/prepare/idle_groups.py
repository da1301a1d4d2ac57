"""Uses through groups: a membership, and what a group holds, is used where a member uses it.

Corrects `idle` after `build_idle`, which looks at the account of a grant alone: who is in the group, also through others,
uses it too, and what the group holds, also through others, may be what a use names. Times are UTC text.
"""

import sqlite3
from collections import defaultdict

from tracer.case.policy import limit
from tracer.case.spans import without
from tracer.case.stage import Stage
from tracer.judgement.prepare.idle import use_spans
from tracer.judgement.prepare.intervals import gaps, lapses


def build_idle_groups(connection: sqlite3.Connection) -> None:
    """Split the idle times of memberships and of groups' grants where a member used what they give."""
    interval = limit(connection, "review_interval")
    signs = _signs(connection)
    if interval is None or not signs:
        return
    spans, unknown = use_spans(connection), lapses(connection)
    rows = connection.execute(
        """SELECT i.grant_id, i.last_at, i.next_at, fold(e.system) AS system FROM idle i
           JOIN grants g ON g.id = i.grant_id JOIN entitlements e ON e.id = g.entitlement_id ORDER BY i.grant_id, i.last_at"""
    ).fetchall()
    for row in rows:
        within = [(a, b) for a, b in signs.get(row["grant_id"], []) if row["last_at"] <= a < row["next_at"]]
        if not within:
            continue
        known = [
            left
            for span in spans.get(row["system"], [])
            for left in without(span, unknown.get(row["grant_id"], []))
        ]
        connection.execute(
            "DELETE FROM idle WHERE grant_id = ? AND last_at = ?", (row["grant_id"], row["last_at"])
        )
        connection.executemany(
            "INSERT INTO idle VALUES (?, ?, ?, ?, ?)",
            (
                (row["grant_id"], *gap)
                for gap in gaps(within, known, row["last_at"], row["next_at"], interval)
            ),
        )


def _signs(connection: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """Grant that lay idle -> first and last moment of the uses of its members, in order."""
    for name in ("idle_held", "idle_users", "idle_things", "used_by"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute(
        """CREATE TEMP TABLE idle_held AS SELECT DISTINCT g.id AS grant_id, g.account_id, g.entitlement_id
           FROM idle i JOIN grants g ON g.id = i.grant_id
           WHERE g.id IN (SELECT grant_id FROM memberships) OR g.account_id IN (SELECT group_id FROM memberships)"""
    )
    if connection.execute("SELECT 1 FROM idle_held LIMIT 1").fetchone() is None:
        return {}
    connection.execute(
        """CREATE TEMP TABLE idle_users AS
           SELECT grant_id, account_id AS user_id, '' AS since, '9999' AS until FROM idle_held
           UNION ALL
           SELECT h.grant_id, r.member_id, r.valid_from, coalesce(r.valid_to, '9999')
           FROM idle_held h JOIN reaches r ON r.group_id = h.account_id"""
    )
    connection.execute(
        """CREATE TEMP TABLE idle_things AS
           SELECT grant_id, entitlement_id FROM idle_held
           UNION SELECT grant_id, '' FROM idle_held
           UNION
           SELECT h.grant_id, w.entitlement_id FROM idle_held h JOIN memberships m ON m.grant_id = h.grant_id
           JOIN (SELECT member_id, group_id FROM reaches UNION SELECT group_id, group_id FROM memberships) r
             ON r.member_id = m.group_id
           JOIN grants w ON w.account_id = r.group_id"""
    )
    connection.execute("CREATE INDEX temp.things_of ON idle_things (grant_id, entitlement_id)")
    connection.execute(
        """CREATE TEMP TABLE used_by AS
           SELECT account_id AS user_id, entitlement_id, first_at, last_at FROM uses
           UNION ALL SELECT started_by, entitlement_id, first_at, last_at FROM uses WHERE started_by NOT IN ('', account_id)"""
    )
    connection.execute("CREATE INDEX temp.used_by_user ON used_by (user_id)")
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for grant, first, last in connection.execute(
        """SELECT DISTINCT q.grant_id, u.first_at, u.last_at FROM idle_users q CROSS JOIN used_by u ON u.user_id = q.user_id
           WHERE u.first_at >= q.since AND u.first_at < q.until AND EXISTS (
             SELECT 1 FROM idle_things t WHERE t.grant_id = q.grant_id AND t.entitlement_id = coalesce(u.entitlement_id, ''))
           ORDER BY 2, 3"""
    ):
        found[grant].append((first, last))
    return found


STAGE = Stage(
    "idle-groups",
    reads=(
        "entitlements",
        "grants",
        "lapses",
        "lateness",
        "memberships",
        "policy",
        "reaches",
        "use_spans",
        "uses",
    ),
    writes=(),
    completes=("idle",),
    run=lambda work: build_idle_groups(work.connection),
)
