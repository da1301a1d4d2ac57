"""What each grant rests on: its rule, its ticket or its exception, its row of the role catalogue.

Reads `grants`, `requests`, `exceptions`, `rules`, `roles`, `policy`; sets `grants.basis`, `ticket`, `ticket_basis`,
`named_ticket`, `request_id`, `exception`, `override_event_id` and `role_id`, and `requests.approved_at`. Where the log names a rule and a ticket, a
rule of the register decided. A ticket is found by the id in the log (basis explicit), else by beneficiary, system
and entitlement among those asked within `request_window` of the grant and delivered by no other grant (basis
inferred), approved ones first, then the latest. What was asked before a grant is looked through first: a request made after it
belongs to the later grant, if there is one. An exception is found by its id or by identity, system, entitlement and time.
"""

import sqlite3
from collections import defaultdict

from tracer.case.entitlement_names import EntitlementNames
from tracer.case.functions import add_functions
from tracer.case.glob_index import PairIndex
from tracer.case.globs import literal_length
from tracer.case.policy import limit
from tracer.case.stage import Stage
from tracer.case.times import plus


def build_links(connection: sqlite3.Connection) -> None:
    """Give every grant its basis and what stands behind it."""
    add_functions(connection)
    people_of_requests(connection)
    _roles(connection)
    _explicit(connection)
    _overrides(connection)
    _exceptions(connection)
    _inferred(connection)
    _approvals_cancelled_later(connection)
    connection.execute(
        """UPDATE grants SET basis = CASE
             WHEN exception IS NOT NULL THEN 'exception' WHEN ticket_basis IS NOT NULL THEN 'ticket'
             WHEN rule IS NOT NULL THEN 'rule' ELSE 'none' END"""
    )


def people_of_requests(connection: sqlite3.Connection) -> None:
    """Who asked and for whom, as identities."""
    connection.execute(
        """UPDATE requests SET (requester_id, beneficiary_id) = (
             SELECT min(r.identity_id), min(b.identity_id) FROM events e
             LEFT JOIN accounts r ON r.id = e.actor_id LEFT JOIN accounts b ON b.id = e.subject_id
             JOIN request_events w ON w.event_id = e.id WHERE e.verb = 'request' AND w.request_id = requests.id)"""
    )


def _roles(connection: sqlite3.Connection) -> None:
    """The most specific catalogue row of each entitlement: more literal characters win, then the smaller id."""
    roles = connection.execute("SELECT id, system, entitlement FROM roles ORDER BY id").fetchall()
    ranked = sorted(
        roles,
        key=lambda r: (
            -literal_length(r["system"] or "*"),
            -literal_length(r["entitlement"] or "*"),
            r["id"],
        ),
    )
    found, names = [], EntitlementNames(connection)
    index = PairIndex([(row["system"], row["entitlement"]) for row in ranked])
    for row in connection.execute("SELECT id, system, name FROM entitlements"):
        fitting = index.of(row["system"], names.of(row["system"], row["name"]))
        if fitting:
            found.append((ranked[fitting[0]]["id"], row["id"]))
    connection.executemany("UPDATE grants SET role_id = ? WHERE entitlement_id = ?", found)
    connection.execute(
        """UPDATE entitlements SET privileged = (
             SELECT max(r.privileged) FROM grants g JOIN roles r ON r.id = g.role_id WHERE g.entitlement_id = entitlements.id)"""
    )


def _explicit(connection: sqlite3.Connection) -> None:
    """Ids that the log itself names: a ticket in evidence, or an exception of the register."""
    connection.execute(
        """WITH named AS MATERIALIZED (SELECT fold(id) AS folded, min(id) AS id FROM exceptions GROUP BY 1)
           UPDATE grants SET exception = coalesce((SELECT min(x.id) FROM named x
             WHERE x.folded IN (fold(grants.exception), fold(grants.ticket))), exception)
           WHERE exception IS NOT NULL OR ticket IS NOT NULL"""
    )
    _named_requests(connection)


def _named_requests(connection: sqlite3.Connection) -> None:
    """The request of the ticket that the log names, or that the grant's own record brings (a reviewed change).

    A ticket may ask for several things, one request each: the one for this entitlement and beneficiary counts. What a
    ticket system decided goes before the review of the change that names the ticket, if it says what was asked for.
    """
    connection.execute("DROP TABLE IF EXISTS temp.asked")
    connection.execute("CREATE TEMP TABLE asked (key, request_id)")
    connection.execute(
        """INSERT INTO asked
           SELECT 'ticket ' || fold(ticket), id FROM requests
           UNION SELECT 'record ' || record_id, id FROM requests
             WHERE source NOT IN (SELECT name FROM sources WHERE kind = 'ticket')
           UNION SELECT 'ticket ' || short, id FROM (
             SELECT id, substr(ticket, instr(ticket, '#')) AS short FROM requests WHERE ticket LIKE '_%#%')
             JOIN (SELECT substr(ticket, instr(ticket, '#')) AS short FROM requests WHERE ticket LIKE '_%#%'
                   GROUP BY 1 HAVING count(DISTINCT fold(ticket)) = 1) USING (short)"""
    )
    connection.execute("CREATE INDEX temp.asked_key ON asked (key)")
    connection.execute(
        """WITH found AS (
             SELECT g.id AS grant_id, k.request_id, g.event_id FROM grants g JOIN asked k ON k.key = 'ticket ' || fold(g.ticket)
             WHERE g.exception IS NULL AND (g.rule IS NULL OR fold(g.rule) NOT IN (SELECT fold(id) FROM rules))
             UNION
             SELECT g.id, k.request_id, g.event_id FROM grants g JOIN event_records r ON r.event_id = g.event_id
             JOIN asked k ON k.key = 'record ' || r.record_id
             WHERE g.exception IS NULL AND g.rule IS NULL AND g.ticket IS NOT NULL
           ), ranked AS (
             SELECT f.grant_id, q.id AS request_id, row_number() OVER (
               PARTITION BY f.grant_id ORDER BY
                 q.entitlement IS NOT NULL AND k.kind = 'ticket' DESC,
                 coalesce(fold(q.entitlement) = fold(e.name) AND fold(coalesce(q.system, e.system)) = fold(e.system), 0) DESC,
                 coalesce(q.beneficiary_id = g.identity_id, 0) DESC,
                 EXISTS (SELECT 1 FROM event_records r WHERE r.event_id = f.event_id AND r.record_id = q.record_id) DESC,
                 q.requested_at DESC, q.id) AS place
             FROM found f JOIN grants g ON g.id = f.grant_id JOIN entitlements e ON e.id = g.entitlement_id
             JOIN requests q ON q.id = f.request_id LEFT JOIN sources k ON k.name = q.source)
           UPDATE grants SET ticket_basis = 'explicit', request_id = ranked.request_id
           FROM ranked WHERE ranked.grant_id = grants.id AND ranked.place = 1"""
    )
    connection.execute(
        """UPDATE grants SET named_ticket = ticket
           WHERE ticket IS NOT NULL AND request_id IS NULL AND fold(ticket) NOT IN (SELECT fold(ticket) FROM requests)"""
    )


def _approvals_cancelled_later(connection: sqlite3.Connection) -> None:
    """When requests were approved that were cancelled later: what was delivered in between had been decided."""
    connection.execute(
        """UPDATE requests SET approved_at = (
             SELECT max(v.at) FROM request_events w JOIN events v ON v.id = w.event_id
             WHERE w.request_id = requests.id AND v.verb IN ('approve', 'deny') AND v.outcome = 'success'
             HAVING min(v.verb) = max(v.verb) AND max(v.verb) = 'approve')
           WHERE decision = 'cancelled'"""
    )


def _overrides(connection: sqlite3.Connection) -> None:
    """An override belongs to the next grant of the same identity and entitlement."""
    rows = connection.execute(
        """SELECT o.id, (SELECT g.id FROM grants g WHERE g.identity_id = a.identity_id
                           AND g.entitlement_id = o.entitlement_id AND g.first_sign_at >= o.at
                         ORDER BY g.first_sign_at, g.id LIMIT 1) AS grant_id
           FROM events o JOIN accounts a ON a.id = o.subject_id
           WHERE o.verb = 'override' AND o.outcome = 'success' ORDER BY o.at, o.id"""
    ).fetchall()
    connection.executemany(
        "UPDATE grants SET override_event_id = ? WHERE id = ?", [(row[0], row[1]) for row in rows if row[1]]
    )


def _exceptions(connection: sqlite3.Connection) -> None:
    """Exceptions in force for the identity and entitlement, where no rule or named ticket decided."""
    exceptions = connection.execute(
        "SELECT * FROM exceptions WHERE identity_id IS NOT NULL AND recorded_at IS NOT NULL ORDER BY recorded_at DESC, id"
    ).fetchall()
    found: list[tuple[str, str]] = []
    names = EntitlementNames(connection)
    for exception in exceptions:
        rows = connection.execute(
            """SELECT g.id, e.system, e.name FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
               WHERE g.identity_id = ? AND g.exception IS NULL AND g.rule IS NULL AND g.ticket_basis IS NULL
                 AND g.first_sign_at >= ? AND (? IS NULL OR g.first_sign_at < ?)""",
            (
                exception["identity_id"],
                exception["recorded_at"],
                exception["expires_at"],
                exception["expires_at"],
            ),
        )
        found.extend(
            (exception["id"], row["id"])
            for row in rows
            if names.means(exception["system"], exception["entitlement"], row["system"], row["name"])
        )
    connection.executemany("UPDATE grants SET exception = ? WHERE id = ? AND exception IS NULL", found)


def _inferred(connection: sqlite3.Connection) -> None:
    """Tickets for grants whose log names none, each delivered once."""
    window = limit(connection, "request_window")
    candidates: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute(
        """SELECT g.id AS grant_id, g.first_sign_at, q.id AS request_id, q.ticket, q.requested_at, q.decision
           FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
           JOIN requests q ON q.beneficiary_id = g.identity_id AND fold(q.system) = fold(e.system)
             AND fold(q.entitlement) = fold(e.name)
           WHERE g.rule IS NULL AND g.exception IS NULL AND g.ticket IS NULL AND q.requested_at IS NOT NULL
           ORDER BY g.first_sign_at, g.id"""
    ):
        if window is None or (
            plus(row["requested_at"], -window) <= row["first_sign_at"] <= plus(row["requested_at"], window)
        ):
            candidates[row["grant_id"]].append(row)
    # A reviewed change that is itself the grant's record was delivered by it in the register, not yet in the system.
    delivered: set[str] = {
        row[0]
        for row in connection.execute(
            """SELECT g.request_id FROM grants g JOIN requests q ON q.id = g.request_id
               JOIN events v ON v.id = g.event_id WHERE v.source <> q.source
               UNION SELECT k.request_id FROM grants g JOIN asked k ON k.key = 'ticket ' || fold(g.ticket) WHERE g.request_id IS NULL"""
        )
    }
    found: dict[str, sqlite3.Row] = {}
    for asked_before in (True, False):
        for grant_id, rows in candidates.items():
            best = max(
                (
                    row
                    for row in rows
                    if row["request_id"] not in delivered
                    and (row["requested_at"] <= row["first_sign_at"]) is asked_before
                ),
                key=lambda row: (row["decision"] == "approved", row["requested_at"], row["ticket"]),
                default=None,
            )
            earlier = found.get(grant_id)
            if best is None or (
                earlier and (earlier["decision"] == "approved" or best["decision"] != "approved")
            ):
                continue
            delivered.add(best["request_id"])
            found[grant_id] = best
    connection.executemany(
        "UPDATE grants SET ticket = ?, request_id = ?, ticket_basis = 'inferred' WHERE id = ?",
        [(row["ticket"], row["request_id"], grant_id) for grant_id, row in found.items()],
    )


STAGE = Stage(
    "links",
    reads=(
        "accounts",
        "entitlement_aliases",
        "event_records",
        "events",
        "exceptions",
        "policy",
        "request_events",
        "roles",
        "rules",
        "sources",
    ),
    writes=(),
    completes=(
        "entitlements",
        "grants",
        "requests",
    ),
    run=lambda work: build_links(work.connection),
)
