"""Signs that access was held though no grant was logged: snapshots of entitlements, reviews and uses that name one.

Reads `events`, `holdings`, `accounts`; prepares them for grants. A snapshot says what its whole system holds at one
time (all rows of a system with the same `as_of`, whichever files they stand in). A review or a snapshot may call an
account by another name than the log does: a name that no log knows means the account through which the same identity
was granted that entitlement.
"""

import sqlite3
from collections import defaultdict
from datetime import timedelta

from tracer.case.times import plus

SHOWS = ("use", "review", "held")
"""What shows that access is held. Verifications, revocations and the like say nothing of who holds it."""

MIDNIGHT = "T00:00:00.000Z"


def build_signs(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `signs`: account, identity, entitlement, time, what shows it, and its record."""
    connection.execute("DROP TABLE IF EXISTS temp.signs")
    connection.execute("DROP TABLE IF EXISTS temp.logged_accounts")
    connection.execute("DROP TABLE IF EXISTS temp.granted_accounts")
    connection.execute("CREATE TEMP TABLE logged_accounts (id PRIMARY KEY)")
    for column in ("subject_id", "actor_id"):
        connection.execute(
            f"""INSERT OR IGNORE INTO logged_accounts SELECT DISTINCT v.{column} FROM events v
                JOIN sources s ON s.name = v.source AND s.kind IN ('audit-log', 'provisioning')
                WHERE v.{column} IS NOT NULL"""
        )
    connection.execute(
        """CREATE TEMP TABLE granted_accounts AS
           SELECT a.identity_id, v.entitlement_id, v.subject_id AS account_id, min(v.at) FROM events v
           JOIN accounts a ON a.id = v.subject_id
           WHERE v.verb = 'grant' AND v.outcome = 'success' AND v.entitlement_id IS NOT NULL
           GROUP BY a.identity_id, v.entitlement_id"""
    )
    connection.execute("CREATE INDEX temp.granted_by ON granted_accounts (identity_id, entitlement_id)")
    connection.execute(
        """CREATE TEMP TABLE signs AS
           SELECT CASE WHEN l.id IS NULL AND g.account_id IS NOT NULL THEN g.account_id ELSE x.account_id END AS account_id,
                  a.identity_id, x.entitlement_id, x.at, x.verb, x.system, x.scope, x.expires_at, x.decision, x.id, x.record_id
           FROM (SELECT subject_id AS account_id, entitlement_id, at, verb, system, scope, expires_at, decision, id, record_id
                 FROM events WHERE verb IN ('use', 'review') AND outcome = 'success' AND entitlement_id IS NOT NULL
                 UNION ALL
                 SELECT account_id(h.system, h.account), entitlement_id(h.system, coalesce(n.name, h.entitlement)), h.as_of,
                        'held', h.system, h.scope, h.expires_at, NULL, NULL, h.record_id FROM holdings h
                 LEFT JOIN entitlement_aliases n ON n.system = fold(h.system) AND n.alias = fold(h.entitlement)) x
           JOIN accounts a ON a.id = x.account_id
           LEFT JOIN logged_accounts l ON l.id = x.account_id
           LEFT JOIN granted_accounts g ON g.identity_id = a.identity_id AND g.entitlement_id = x.entitlement_id"""
    )
    connection.execute("CREATE INDEX temp.signs_of ON signs (account_id, entitlement_id, at)")


def snapshots(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """System (case-folded) -> the times of its snapshots that were read whole, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for system, at in connection.execute(
        """SELECT DISTINCT fold(system) AS system, as_of FROM holdings
           WHERE (fold(system), as_of) NOT IN (SELECT system, as_of FROM temp.unread_snapshots) ORDER BY 1, 2"""
    ):
        found[system].append(at)
    return found


def day_end(at: str) -> str:
    """Until when a sign may have been seen: one at midnight is as a rule a bare date, and stands for its whole day."""
    return plus(at, timedelta(days=1)) if at.endswith(MIDNIGHT) else at
