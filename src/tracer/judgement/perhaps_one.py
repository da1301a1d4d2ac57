"""Requests for somebody else who may be the same person: fills the temporary table `perhaps_one`.

Who is called otherwise than before (a marriage, another domain) is one person by the source data that holds both names.
Where none of it is at hand for one of two addresses, nobody can tell them apart: a request for the one proves nothing
of the other. Where there is no source data at all, not even by the register, addresses are taken as they stand, and
logins always are.
"""

import sqlite3

from tracer.judgement.changes import limit


def build_perhaps_one(connection: sqlite3.Connection) -> None:
    """Fill `perhaps_one`: grant, the other person, their ticket, and its record; one row for each grant in doubt."""
    window = limit(connection, "request_window")
    for name in ("perhaps_one", "described"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("CREATE TEMP TABLE perhaps_one (grant_id PRIMARY KEY, person, ticket, record_id)")
    connection.execute("CREATE TEMP TABLE described (identity_id PRIMARY KEY)")
    connection.execute("INSERT INTO described SELECT DISTINCT identity_id FROM facts")
    named = "SELECT 1 FROM described UNION ALL SELECT 1 FROM sources_of_truth LIMIT 1"
    if connection.execute(named).fetchone() is None:
        return
    undescribed = """c.identity LIKE '%@%' AND q.beneficiary_id LIKE '%@%' AND (c.identity NOT IN (SELECT identity_id FROM described)
             OR q.beneficiary_id NOT IN (SELECT identity_id FROM described))
           AND coalesce(c.identity_kind, 'human') = 'human'
           AND q.beneficiary_id NOT IN (SELECT id FROM identities WHERE kind <> 'human')"""
    connection.execute(
        f"""INSERT INTO perhaps_one SELECT c.grant_id, q.beneficiary_id, q.ticket, q.record_id
            FROM circumstances c JOIN requests q ON q.id = c.request_id
            WHERE c.decision IS NOT NULL AND q.beneficiary_id <> c.identity AND {undescribed}"""
    )
    connection.execute(
        f"""INSERT OR IGNORE INTO perhaps_one SELECT c.grant_id, q.beneficiary_id, q.ticket, q.record_id
            FROM circumstances c CROSS JOIN requests q ON fold(q.system) = fold(c.system) AND fold(q.entitlement) = fold(c.entitlement)
            WHERE c.basis <> 'rule' AND c.basis <> 'exception' AND (c.decision IS NULL OR c.decision IN ('denied', 'cancelled')) AND q.decision = 'approved'
              AND q.beneficiary_id <> c.identity AND q.requested_at <= c.granted_at
              AND (:days IS NULL OR julianday(c.granted_at) - julianday(q.requested_at) <= :days)
              AND q.id NOT IN (SELECT request_id FROM grants WHERE request_id IS NOT NULL) AND {undescribed}
            ORDER BY c.grant_id, q.requested_at DESC, q.id""",
        {"days": window.total_seconds() / 86400 if window else None},
    )
