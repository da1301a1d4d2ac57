"""Requests for somebody else who may be the same person: fills the temporary table `perhaps_one`.

Who is called otherwise than before (a marriage, another domain) is one person by the source data that holds both names.
Where none of it is at hand for one of two addresses, nobody can tell them apart: a request for the one proves nothing
of the other; nor whose a login is that neither the register nor source data joins to anybody, unless it names their own; nor who is meant by
a name that is no address on a request of which no system is known, or that stands nowhere else. Where there is no source
data at all, and neither the register nor one of its rules speaks of any, addresses and logins are taken as they stand.
"""

import sqlite3

from tracer.case.policy import limit
from tracer.case.stage import Stage


def build_perhaps_one(connection: sqlite3.Connection) -> None:
    """Fill `perhaps_one`: grant, the other person, their ticket, and its record; one row for each grant in doubt."""
    window = limit(connection, "request_window")
    for name in ("perhaps_one", "described", "strangers"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("CREATE TEMP TABLE perhaps_one (grant_id PRIMARY KEY, person, ticket, record_id)")
    connection.execute("CREATE TEMP TABLE described (identity_id PRIMARY KEY)")
    connection.execute("INSERT INTO described SELECT DISTINCT identity_id FROM facts")
    connection.execute("CREATE TEMP TABLE strangers (identity_id PRIMARY KEY)")
    connection.execute(
        """INSERT INTO strangers SELECT i.id FROM identities i JOIN accounts a ON a.identity_id = i.id
           WHERE i.record_id IS NULL AND i.id NOT IN (SELECT identity_id FROM described) AND i.id NOT LIKE '%@%'
           GROUP BY i.id HAVING max(a.basis) = 'own'"""
    )
    named = """SELECT 1 FROM described UNION ALL SELECT 1 FROM sources_of_truth
      UNION ALL SELECT 1 FROM roles WHERE cel LIKE '%identity.%' UNION ALL SELECT 1 FROM rules WHERE cel LIKE '%identity.%' LIMIT 1"""
    if connection.execute(named).fetchone() is None:
        return
    connection.execute(
        """INSERT INTO perhaps_one SELECT c.grant_id, q.beneficiary_id, q.ticket, q.record_id
           FROM circumstances c JOIN requests q ON q.id = c.request_id
           WHERE c.decision IS NOT NULL AND q.beneficiary_id <> c.identity AND q.beneficiary_id LIKE '%@%'
             AND (c.identity LIKE '%@%' OR c.identity IN (SELECT identity_id FROM strangers) AND NOT EXISTS (
               SELECT 1 FROM accounts a WHERE a.identity_id = q.beneficiary_id AND a.basis = 'register' AND fold(a.system) = fold(c.system)))
             AND (c.identity NOT IN (SELECT identity_id FROM described) OR q.beneficiary_id NOT IN (SELECT identity_id FROM described))
             AND coalesce(c.identity_kind, 'human') = 'human'
             AND q.beneficiary_id NOT IN (SELECT id FROM identities WHERE kind <> 'human')"""
    )
    connection.execute(
        """INSERT OR IGNORE INTO perhaps_one SELECT c.grant_id, q.beneficiary_id, q.ticket, q.record_id
           FROM circumstances c JOIN requests q ON q.id = c.request_id
           WHERE c.decision IS NOT NULL AND q.system IS NULL AND q.beneficiary_id <> c.identity
             AND q.beneficiary_id IN (SELECT identity_id FROM strangers)"""
    )
    connection.execute(
        """WITH meant AS MATERIALIZED (
             SELECT c.grant_id, q.beneficiary_id, q.ticket, q.record_id FROM circumstances c JOIN requests q ON q.id = c.request_id
             WHERE c.decision IS NOT NULL AND q.beneficiary_id <> c.identity AND q.beneficiary_id NOT LIKE '%@%'
               AND (c.identity LIKE '%@%' OR c.identity IN (SELECT identity_id FROM strangers))
               AND coalesce(c.identity_kind, 'human') = 'human'
               AND q.beneficiary_id NOT IN (SELECT identity_id FROM described)
               AND q.beneficiary_id NOT IN (SELECT id FROM identities WHERE record_id IS NOT NULL)),
           called AS MATERIALIZED (
             SELECT id, identity_id FROM accounts WHERE identity_id IN (SELECT beneficiary_id FROM meant)),
           seen AS MATERIALIZED (
             SELECT a.identity_id FROM called a JOIN events v ON v.subject_id = a.id
             WHERE v.id NOT IN (SELECT event_id FROM request_events)
             UNION SELECT a.identity_id FROM events v JOIN called a ON a.id = v.actor_id)
           INSERT OR IGNORE INTO perhaps_one SELECT * FROM meant WHERE beneficiary_id NOT IN (SELECT identity_id FROM seen)"""
    )
    _open_requests(connection)
    # Requests are looked up by what they ask for and when: of a million grants each pair cannot be compared.
    connection.execute(
        """INSERT OR IGNORE INTO perhaps_one SELECT c.grant_id, q.beneficiary_id, q.ticket, q.record_id
           FROM circumstances c CROSS JOIN open_requests q ON q.system = fold(c.system) AND q.entitlement = fold(c.entitlement)
             AND q.described IN (0, c.identity NOT IN (SELECT identity_id FROM described)) AND q.requested_at <= c.granted_at
             AND q.requested_at >= coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', c.granted_at, '-' || :seconds || ' seconds'), '')
           WHERE c.basis NOT IN ('rule', 'exception') AND (c.decision IS NULL OR c.decision IN ('denied', 'cancelled'))
             AND (c.identity LIKE '%@%' OR c.identity IN (SELECT identity_id FROM strangers))
             AND coalesce(c.identity_kind, 'human') = 'human' AND q.beneficiary_id <> c.identity
           ORDER BY c.grant_id, q.requested_at DESC, q.id""",
        {"seconds": window.total_seconds() if window else None},
    )


def _open_requests(connection: sqlite3.Connection) -> None:
    """The approved requests for a person that no grant came of, as `open_requests`; `described`: source data knows the person."""
    connection.execute("DROP TABLE IF EXISTS temp.open_requests")
    connection.execute(
        """CREATE TEMP TABLE open_requests AS
           SELECT id, beneficiary_id, fold(system) AS system, fold(entitlement) AS entitlement, requested_at, ticket, record_id,
             beneficiary_id IN (SELECT identity_id FROM described) AS described
           FROM requests WHERE decision = 'approved' AND beneficiary_id LIKE '%@%'
             AND beneficiary_id NOT IN (SELECT id FROM identities WHERE kind <> 'human')
             AND id NOT IN (SELECT request_id FROM grants WHERE request_id IS NOT NULL)"""
    )
    connection.execute(
        "CREATE INDEX temp.open_requests_what ON open_requests (system, entitlement, described, requested_at)"
    )


STAGE = Stage(
    "same-person-doubts",
    reads=(
        "accounts",
        "circumstances",
        "events",
        "facts",
        "grants",
        "identities",
        "policy",
        "request_events",
        "requests",
        "roles",
        "rules",
        "sources_of_truth",
    ),
    writes=("perhaps_one",),
    run=lambda work: build_perhaps_one(work.connection),
)
