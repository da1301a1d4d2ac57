"""From acts to events: what each record tells, once per act, with accounts and entitlements.

Reads `acts`, `aliases`, `ticket_acts` and `ticket_aliases`; writes `accounts`, `account_aliases`,
`entitlement_aliases`, `entitlements`, `events`, `event_records` and `coverage`. Several records that tell one act (same `act` key) become one event with
all of them as evidence; where they differ in a value the smallest one stands, so that the order of files is nothing.
"""

import sqlite3

from tracer.case.functions import add_functions
from tracer.case.stage import Stage
from tracer.events.access_lists import settle_access_lists
from tracer.events.bindings import settle_bindings
from tracer.events.entitlement_names import settle_entitlement_names
from tracer.events.parts import settle_parts
from tracer.sources.declarations import FIELDS

JOINING_KINDS = "('id', 'email', 'worker-id', 'login', 'arn')"
"""Kinds of alias that name one account for certain; a display name does not."""


def build_events(connection: sqlite3.Connection) -> None:
    """Fill accounts, entitlements, events and coverage from the acts of all records."""
    add_functions(connection)
    connection.execute("DROP TABLE IF EXISTS temp.told")
    connection.execute(
        f"""CREATE TEMP TABLE told AS
            SELECT act AS id, {", ".join(f"min({name}) AS {name}" for name in FIELDS)}, min(record_id) AS record_id
            FROM (SELECT * FROM acts UNION ALL SELECT * FROM ticket_acts) GROUP BY act"""
    )
    connection.execute("DROP TABLE IF EXISTS temp.told_records")
    connection.execute("CREATE TEMP TABLE told_records (id, record_id)")
    settle_bindings(connection)
    settle_access_lists(connection)
    settle_parts(connection)
    settle_entitlement_names(connection)
    _aliases(connection)
    _accounts(connection)
    _entitlements(connection)
    connection.execute(
        """INSERT INTO events (id, at, verb, source, system, actor_id, subject_id, entitlement_id, scope, expires_at,
               ticket, exception, rule, rule_version, session, issued, chain, outcome, reason, decision, on_behalf_of,
               inputs, record_id)
           SELECT t.id, t.at, t.verb, t.source, t.system,
                  coalesce(a.account_id, account_id(coalesce(t.actor_system, t.system), t.actor)),
                  coalesce(s.account_id, account_id(coalesce(t.subject_system, t.system), t.subject)),
                  entitlement_id(t.system, t.entitlement), t.scope, t.expires_at, t.ticket, t.exception, t.rule,
                  t.rule_version, t.session, t.issued, t.chain, t.outcome, t.reason, t.decision, t.on_behalf_of,
                  t.inputs, t.record_id
           FROM told t
           LEFT JOIN same_account a
             ON a.system = fold(coalesce(t.actor_system, t.system)) AND a.alias = fold(t.actor)
           LEFT JOIN same_account s
             ON s.system = fold(coalesce(t.subject_system, t.system)) AND s.alias = fold(t.subject)"""
    )
    connection.execute(
        """INSERT OR IGNORE INTO event_records
           SELECT act, record_id FROM acts WHERE act IN (SELECT id FROM told)
           UNION SELECT act, record_id FROM ticket_acts UNION SELECT id, record_id FROM told
           UNION SELECT id, record_id FROM told_records"""
    )
    _coverage(connection)


def _aliases(connection: sqlite3.Connection) -> None:
    """Other names of accounts; one that belongs to a single account of its system stands for that account."""
    connection.execute("DROP VIEW IF EXISTS temp.account_names")
    connection.execute(
        """CREATE TEMP VIEW account_names AS
           SELECT system, name, alias, kind FROM aliases WHERE kind NOT IN ('entitlement-id', 'entitlement-name')
           UNION ALL SELECT system, name, alias, kind FROM ticket_aliases"""
    )
    connection.execute(
        """INSERT OR IGNORE INTO account_aliases (account_id, alias, kind)
           SELECT account_id(system, name), alias, min(kind)
           FROM account_names
           WHERE name <> '' AND alias <> '' GROUP BY 1, 2"""
    )
    connection.execute("DROP TABLE IF EXISTS temp.same_account")
    connection.execute(
        "CREATE TEMP TABLE same_account (system, alias, account_id, PRIMARY KEY (system, alias))"
    )
    connection.execute(
        f"""INSERT INTO same_account
            SELECT fold(system), fold(alias), min(account_id(system, name))
            FROM account_names
            WHERE kind IN {JOINING_KINDS} AND name <> '' AND alias <> '' AND fold(alias) <> fold(name)
            GROUP BY 1, 2 HAVING count(DISTINCT account_id(system, name)) = 1"""
    )
    # An alias that is itself the name of an account with aliases of its own would make a chain: leave those alone.
    connection.execute(
        "DELETE FROM same_account WHERE (system, alias) IN (SELECT fold(system), fold(name) FROM account_names)"
    )


def _accounts(connection: sqlite3.Connection) -> None:
    connection.execute(
        """INSERT INTO accounts (id, system, name, kind)
           SELECT account_id(system, name), min(system), min(name), min(kind) FROM (
             SELECT coalesce(actor_system, system) AS system, actor AS name, actor_kind AS kind FROM told
             UNION ALL SELECT coalesce(subject_system, system), subject, subject_kind FROM told
             UNION ALL SELECT system, on_behalf_of, NULL FROM told
             UNION ALL SELECT system, substr(chain, instr(chain, ':') + 1), NULL FROM told WHERE chain LIKE 'source-identity:%' OR chain LIKE 'impersonator:%'
             UNION ALL SELECT system, name, NULL FROM account_names
             UNION ALL SELECT system, account, NULL FROM counted
             UNION ALL SELECT system, account, NULL FROM holdings
           ) x
           WHERE name <> '' AND NOT EXISTS (
             SELECT 1 FROM same_account s WHERE s.system = fold(x.system) AND s.alias = fold(x.name))
           GROUP BY 1
           ON CONFLICT (id) DO UPDATE SET kind = excluded.kind"""
    )


def _entitlements(connection: sqlite3.Connection) -> None:
    connection.execute(
        """INSERT INTO entitlements (id, system, name, kind)
           SELECT entitlement_id(system, name), min(system), min(name), min(kind) FROM (
             SELECT system, entitlement AS name, entitlement_kind AS kind FROM told
             UNION ALL SELECT h.system, coalesce(n.name, h.entitlement), NULL FROM holdings h
             LEFT JOIN entitlement_aliases n ON n.system = fold(h.system) AND n.alias = fold(h.entitlement)
             UNION ALL SELECT system, entitlement, NULL FROM requests WHERE system IS NOT NULL
           ) WHERE name <> '' GROUP BY 1"""
    )


def _coverage(connection: sqlite3.Connection) -> None:
    """For which system and time span evidence is at hand: the spans of all files, overlapping ones joined."""
    rows = connection.execute(
        """SELECT s.system, e.source, e.kind, s.first_at, s.last_at, s.records
           FROM spans s JOIN evidence e ON e.id = s.evidence_id
           WHERE s.first_at IS NOT NULL ORDER BY fold(s.system), e.source, s.first_at, s.last_at"""
    )
    joined: list[list[str | int]] = []
    for system, source, kind, first_at, last_at, records in rows:
        last = joined[-1] if joined else None
        if (
            last
            and str(last[0]).casefold() == system.casefold()
            and last[1] == source
            and first_at <= str(last[4])
        ):
            last[4] = max(str(last[4]), last_at)
            last[5] = int(last[5]) + records
        else:
            joined.append([system, source, kind, first_at, last_at, records])
    connection.executemany("INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)", joined)


STAGE = Stage(
    "events",
    reads=(
        "acts",
        "aliases",
        "counted",
        "evidence",
        "holdings",
        "spans",
        "ticket_acts",
        "ticket_aliases",
    ),
    writes=(
        "account_aliases",
        "coverage",
        "entitlement_aliases",
        "entitlements",
        "event_records",
        "events",
    ),
    completes=(
        "accounts",
        "authorities",
        "exceptions",
        "requests",
        "roles",
        "rules",
    ),
    run=lambda work: build_events(work.connection),
)
