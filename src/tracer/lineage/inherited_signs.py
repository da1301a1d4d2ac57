"""Signs of access that is held through groups: who is in a group holds what it holds, so that no grant of it is missing.

Goes through the grants that only signs show (uses, reviews, snapshots), once the logged ones are made. A sign needs no
grant of its own where the account was in a group then, also through others, that held the same. Of a membership or a
group's grant that signs alone show it is not known when it began, so that it explains earlier signs too; groups that are
in one another explain nothing, for their signs could explain one another away.
"""

import sqlite3

from tracer.case.stage import Stage
from tracer.lineage.groups import FOREVER, MEMBERS, close, name_groups


def build_inherited_signs(connection: sqlite3.Connection) -> None:
    """Drop from `grants` what signs show and groups explain; where groups explain the first signs, begin with the rest.

    Reads `signs`, `grants`, `accounts`, `entitlements`.
    """
    name_groups(connection)
    connection.execute("DROP TABLE IF EXISTS temp.links")
    connection.execute(
        f"""CREATE TEMP TABLE links AS
            SELECT member AS member, grp AS grp, CASE WHEN logged THEN since ELSE '' END AS since, coalesce(until, '{FOREVER}') AS until, 0 AS level, grant_id AS worst
            FROM ({MEMBERS}) WHERE EXISTS (SELECT 1 FROM grants WHERE granted_at IS NULL)"""
    )
    close(connection)
    connection.execute("DROP TABLE IF EXISTS temp.left_over")
    connection.execute("DROP TABLE IF EXISTS temp.circular")
    connection.execute(
        """CREATE TEMP TABLE circular AS SELECT DISTINCT x.member AS id FROM closure x
           JOIN closure y ON y.member = x.grp AND y.grp = x.member"""
    )
    connection.execute(
        f"""CREATE TEMP TABLE left_over AS
            SELECT g.id AS grant_id, s.at, s.record_id, EXISTS (
              SELECT 1 FROM closure c JOIN grants w ON w.account_id = c.grp AND w.entitlement_id = g.entitlement_id
              WHERE c.member = g.account_id AND c.grp NOT IN (SELECT id FROM circular)
                AND max(c.since, coalesce(w.granted_at, '')) <= s.at AND s.at < min(c.until, coalesce(w.ended_at, '{FOREVER}'))) AS explained
            FROM grants g JOIN signs s ON s.account_id = g.account_id AND s.entitlement_id = g.entitlement_id
              AND s.at >= g.first_sign_at AND s.at <= coalesce(g.ended_at, '{FOREVER}')
            WHERE g.granted_at IS NULL AND g.account_id IN (SELECT member FROM closure)"""
    )
    connection.execute(
        """DELETE FROM grants WHERE id IN (SELECT grant_id FROM left_over GROUP BY grant_id HAVING min(explained) = 1)"""
    )
    connection.execute(
        """UPDATE grants SET first_sign_at = f.at, record_id = f.record_id
           FROM (SELECT grant_id, min(at) AS at, record_id FROM left_over WHERE explained = 0 GROUP BY grant_id) f
           WHERE f.grant_id = grants.id AND f.at > grants.first_sign_at"""
    )


STAGE = Stage(
    "inherited-signs",
    reads=(
        "account_aliases",
        "accounts",
        "entitlement_aliases",
        "entitlements",
        "identities",
        "signs",
    ),
    writes=(),
    completes=("grants",),
    run=lambda work: build_inherited_signs(work.connection),
)
