"""What a check may ask of each grant, in one wide row: `circumstances`.

What SQL can say stands in `circumstances.sql`; here is what it cannot: globs of scopes and rules, spans of coverage,
time limits of the policy, and ids of other people among the logged inputs.
"""

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from tracer.case.emails import is_email
from tracer.case.globs import matches, wider
from tracer.case.policy import limit
from tracer.case.spans import gap, joined
from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.completeness.coverage import missing, reviewed_spans, ticket_spans, verification_spans
from tracer.completeness.numbers import Numbers
from tracer.completeness.series import series
from tracer.completeness.unknown_holding import build_lapses
from tracer.completeness.unread import lacks_section, unread_register
from tracer.judgement.prepare.logged import FEW, SELDOM, build_logged
from tracer.judgement.prepare.verifications import Strays

CORRELATION_KEYS = {
    "worker-id": ("worker_id", "workerid", "employee_id", "employeeid", "employee_number", "employeenumber"),
    "email": ("email", "mail", "upn", "user_principal_name", "userprincipalname"),
}
"""Names under which engines log which person they took the account for."""


DECIDING = ("exceptions", "identities", "roles", "rules", "tickets")
"""Sections of the register in which it may stand that access was decided, or whose, or that nothing had to be."""


def build_circumstances(connection: sqlite3.Connection) -> None:
    """Fill `circumstances`."""
    limits = {}
    for name in ("revocation_sla", "source_update_sla", "verification_window"):
        value = limit(connection, name)
        limits[name] = None if value is None else int(value.total_seconds())
    connection.execute(
        (files("tracer.judgement.prepare") / "grant_context.sql").read_text(encoding="utf-8"), limits
    )
    _delivery(connection)
    _executors(connection)
    _tickets(connection)
    build_logged(connection)
    build_lapses(connection)
    _verifications(connection)
    _correlation(connection)


def _update(connection: sqlite3.Connection, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Set these columns; each row is their values and then the grant.

    Rows may be read from `circumstances` while they are set: none of them moves by it.
    """
    places = ", ".join(f"{name} = ?" for name in columns.split())
    connection.executemany(f"UPDATE circumstances SET {places} WHERE grant_id = ?", rows)


def _delivery(connection: sqlite3.Connection) -> None:
    """Whether the scope is wider than decided, and whether the rule grants this entitlement at all.

    -1: not known, for in no version does it grant anything that is known anywhere else.
    """
    rows = connection.execute(
        "SELECT grant_id, scope, decided_scope FROM circumstances WHERE decision IS NOT NULL"
    )
    exceeds = cache(wider)
    _update(
        connection,
        "scope_wider",
        ((exceeds(r["scope"], r["decided_scope"]), r["grant_id"]) for r in rows),
    )
    # Where the log does not name the version, what another one gives may be what was decided: stale-rule asks about that.
    connection.execute(
        """WITH keyed AS MATERIALIZED (SELECT fold(id) AS folded, record_id, grants FROM rules),
           versions AS MATERIALIZED (
             SELECT v.record_id AS applied, u.record_id AS other, u.grants
             FROM keyed v JOIN keyed u ON u.folded = v.folded WHERE u.grants <> '[]'),
           asked AS MATERIALIZED (
             SELECT DISTINCT c.rule_record_id AS applied, c.system, c.entitlement, g.rule_version IS NULL AS unnamed
             FROM circumstances c JOIN grants g ON g.id = c.grant_id WHERE c.basis = 'rule' AND c.rule_record_id IS NOT NULL),
           meant AS MATERIALIZED (
             SELECT v.applied FROM versions v WHERE EXISTS (
               SELECT 1 FROM json_each(v.grants) j JOIN entitlements e ON matches(json_extract(j.value, '$.system'), e.system)
                 AND matches(json_extract(j.value, '$.entitlement'), e.name))),
           given AS MATERIALIZED (
             SELECT a.*, v.other, EXISTS (
               SELECT 1 FROM json_each(v.grants) j WHERE matches(json_extract(j.value, '$.system'), a.system)
                 AND matches(json_extract(j.value, '$.entitlement'), a.entitlement)) AS gives
             FROM asked a JOIN versions v ON v.applied = a.applied AND (a.unnamed OR v.other = a.applied)),
           covered AS MATERIALIZED (
             SELECT applied, system, entitlement, unnamed,
               CASE WHEN max(gives) THEN 1 WHEN applied NOT IN (SELECT applied FROM meant) THEN -1
                 ELSE max(CASE WHEN other = applied THEN gives END) END AS covers
             FROM given GROUP BY applied, system, entitlement, unnamed)
           UPDATE circumstances SET rule_covers = (
             SELECT o.covers FROM covered o JOIN grants g ON g.id = circumstances.grant_id
             WHERE o.applied = circumstances.rule_record_id AND o.system = circumstances.system
               AND o.entitlement = circumstances.entitlement AND o.unnamed = (g.rule_version IS NULL))
           WHERE basis = 'rule' AND rule_record_id IS NOT NULL"""
    )


def _executors(connection: sqlite3.Connection) -> None:
    """Whether the one who started the delivery is a permitted provisioner, and whether it was a grant to oneself.

    Automation leads to the person on whose behalf it acts: what it gives them, they gave themselves. Whether somebody is of
    whom neither the register nor source data knows anything is not known where a provisioner is named that is nowhere
    else, or whose name is a part of theirs: it may be the account of that one.
    """
    rows = connection.execute(
        """SELECT c.grant_id, c.provisioners, c.start_id, c.start_name, c.identity, c.identity_kind, i.kind AS start_kind,
                  coalesce(b.identity_id, i.on_behalf_of) AS behalf_id, j.kind AS behalf_kind,
                  i.record_id IS NULL AND c.start_id NOT IN (SELECT identity_id FROM facts) AS stranger,
                  i.record_id IS NULL AS unregistered
           FROM circumstances c CROSS JOIN grants g ON g.id = c.grant_id LEFT JOIN identities i ON i.id = c.start_id
           LEFT JOIN accounts b ON b.id = account_id(c.system, g.on_behalf_of)
           LEFT JOIN identities j ON j.id = coalesce(b.identity_id, i.on_behalf_of)"""
    )
    unread = lacks_section(connection, "identities")
    names_known = {
        str(name).casefold()
        for (name,) in connection.execute("SELECT id FROM identities UNION SELECT name FROM accounts")
    }

    def told() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            names = json.loads(row["provisioners"]) if row["provisioners"] else []
            start = row["start_id"]
            permitted: int | None = None
            if names and start:
                known = [start, row["start_name"]]
                permitted = int(any(matches(str(name), one) for name in names for one in known if one))
                if not permitted and unread and row["unregistered"]:
                    permitted = None
                elif not permitted and row["stranger"]:
                    doubt = _nowhere_else(names, names_known) or _called_alike(names, row["start_name"])
                    permitted = None if doubt else 0
                elif not permitted and row["start_kind"] not in (None, "human"):
                    # Where it lists nobody who is known as anybody, whom it means is not known, and an engine may be meant.
                    nobody = all(_nowhere_else([name], names_known) for name in names)
                    permitted = None if nobody else 0
            actor, kind = start, row["start_kind"]
            if row["behalf_id"] and kind not in (None, "human"):
                actor, kind = row["behalf_id"], row["behalf_kind"]
            to_app = row["identity_kind"] not in (None, "human", "group")
            mine = actor is not None and actor == row["identity"]
            yield (
                permitted,
                int(is_person(actor, kind) and permitted != 1 and (mine or to_app)),
                row["grant_id"],
            )

    _update(connection, "permitted self_grant", told())
    connection.execute(
        """UPDATE circumstances SET override_by = (
             SELECT a.identity_id FROM events v JOIN accounts a ON a.id = v.actor_id
             WHERE v.id = circumstances.override_event_id)
           WHERE override_event_id IS NOT NULL"""
    )


def is_person(identity: str | None, kind: str | None) -> bool:
    """Whether somebody is a person: by their kind, or where that is not known by the form of their name."""
    return kind == "human" or (kind is None and is_email(identity or ""))


def _nowhere_else(names: list[str], known: set[str]) -> bool:
    """Whether one of these names stands neither in the register nor in a log as anybody's."""
    return any(str(name).casefold() not in known and "*" not in str(name) for name in names)


def _called_alike(names: list[str], account: str | None) -> bool:
    """Whether one of these names is a part of the account's: `ci` of `arn:aws:iam::1:user/ci`, `CORP\\ci` or `ci@corp.example`."""
    parts = set(re.split(r"[/\\:@]", (account or "").casefold()))
    return any(str(name).casefold() in parts for name in names)


def _tickets(connection: sqlite3.Connection) -> None:
    """Whether ticket evidence covers the time in which the request for each grant would lie, and when it lapses."""
    window = limit(connection, "request_window")
    spans = ticket_spans(connection)
    kinds = {
        series(ticket) for (ticket,) in connection.execute("SELECT DISTINCT ticket FROM requests").fetchall()
    }
    numbers = Numbers(connection)
    reviewed, lost = reviewed_spans(connection), _lost(connection, kinds)
    unread = unread_register(connection, *DECIDING, *(() if window else ("policy",)))
    rows = connection.execute(
        """SELECT c.grant_id, c.granted_at, c.decided_at, c.named_ticket, q.source FROM circumstances c
           LEFT JOIN requests q ON q.id = c.request_id"""
    )

    def told() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            at, named = row["granted_at"], row["named_ticket"]
            # What a reviewed change itself shows as undecided when it was delivered, no ticket export need show.
            shown = row["source"] in reviewed and gap(reviewed[row["source"]], at, at) is None
            since = plus(at, -window) if window else at
            hole = missing(spans, since, at)
            if named:
                hole = (since, at, f"the ticket export that holds {named}")
            if hole is None and unread:
                hole = (since, at, unread)
            if hole is None and lost and not row["source"] and (named is None or series(named) in lost):
                hole = (
                    since,
                    at,
                    f"a whole ticket export: that in evidence lacks {', '.join(sorted(lost.values()))}",
                )
            if hole is None and not row["source"] and (lacked := _lacked(numbers, since, at)):
                hole = (since, at, lacked)
            lapses = plus(row["decided_at"], window) if window and row["decided_at"] else None
            yield (
                int(hole is None),
                int(shown or missing(spans, at, at) is None),
                hole[0] if hole else None,
                hole[1] if hole else None,
                hole[2] if hole else None,
                lapses,
                row["grant_id"],
            )

    _update(connection, "covered covered_at_grant missing_from missing_to ticket_need lapses_at", told())


def _lacked(numbers: Numbers, since: str, at: str) -> str | None:
    """The tickets that the exports lack, of which one may be the request; None where there is none."""
    found = numbers.between(since, at)
    return f"{found}, which the ticket export lacks between their neighbours" if found else None


def _lost(connection: sqlite3.Connection, kinds: set[str]) -> dict[str, str]:
    """Series of tickets of which logs name too many that no export holds, with one of those: others are lost, too."""
    named = Counter(
        series(row[0]) for row in connection.execute("SELECT ticket FROM grants WHERE ticket IS NOT NULL")
    )
    unknown: dict[str, list[str]] = defaultdict(list)
    for (ticket,) in connection.execute(
        "SELECT named_ticket FROM circumstances WHERE named_ticket IS NOT NULL"
    ):
        unknown[series(ticket)].append(ticket)
    return {
        series: min(tickets)
        for series, tickets in unknown.items()
        if series in kinds and len(tickets) > FEW and len(tickets) * SELDOM > named[series]
    }


def _verifications(connection: sqlite3.Connection) -> None:
    """When the delivery was verified, by when that was due, and whether verification logs cover that time.

    -1: they do, but one of them that is of no access may be of this one. `same_entitlement` is -1 where what was decided was
    verified and no grant of it is in evidence, `rule_covers` -2 where something else was, and nothing else is called as
    what was granted: the log may name it wrongly.
    """
    window = limit(connection, "verification_window")
    spans = {system: joined(known) for system, known in verification_spans(connection).items()}
    rows = connection.execute(
        """SELECT c.grant_id, c.granted_at, fold(c.system) AS system, c.entitlement, c.same_entitlement, c.decided_entitlement, c.rule_covers, a.name AS account, g.account_id, g.entitlement_id, (
             SELECT min(v.at) FROM verified v WHERE v.account_id = g.account_id AND v.entitlement_id = g.entitlement_id
               AND v.at >= c.granted_at) AS verified_at
           FROM circumstances c CROSS JOIN grants g ON g.id = c.grant_id JOIN accounts a ON a.id = g.account_id"""
    )
    strays = Strays(connection) if window else None

    def told() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            due = plus(row["granted_at"], window) if window else None
            covers = spans.get(row["system"], [])
            whole = bool(covers) and due is not None and gap(covers, row["granted_at"], due) is None
            covered, same, decided = int(whole), row["same_entitlement"], row["decided_entitlement"]
            if due and strays and same == 0 and decided and strays.of(row, decided, due):
                same = -1
            gives = row["rule_covers"]
            if due and strays and gives == 0 and strays.misnamed(row, due):
                gives = -2
            if whole and due and strays and (row["verified_at"] or due) >= due and strays.perhaps(row, due):
                covered = -1
            yield due, covered, row["verified_at"], same, gives, row["grant_id"]

    _update(connection, "verify_due verify_covered verified_at same_entitlement rule_covers", told())


def _correlation(connection: sqlite3.Connection) -> None:
    """The other person whose worker id or e-mail stands among the logged inputs."""
    keys = {
        (row[0], row[1]): row[2]
        for row in connection.execute("SELECT kind, key, identity_id FROM person_keys")
    }
    rows = connection.execute(
        """SELECT c.grant_id, c.identity, v.inputs FROM circumstances c JOIN grants g ON g.id = c.grant_id
           JOIN events v ON v.id = g.event_id WHERE c.inputs_logged = 1"""
    )

    def told() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            try:
                inputs = json.loads(row["inputs"])
            except ValueError:
                continue
            if not isinstance(inputs, dict):
                continue
            for name, value in sorted(inputs.items()):
                kind = next(
                    (kind for kind, names in CORRELATION_KEYS.items() if name.casefold() in names), None
                )
                other = keys.get((kind, str(value).casefold())) if kind else None
                if other and other != row["identity"]:
                    yield other, f"{name} = {value}", row["grant_id"]
                    break

    _update(connection, "correlated_id correlated_by", told())


STAGE = Stage(
    "grant-context",
    reads=(
        "accounts",
        "changes",
        "claims",
        "counted",
        "coverage",
        "entitlements",
        "entries",
        "event_records",
        "events",
        "evidence",
        "exceptions",
        "exports",
        "facts",
        "grants",
        "holdings",
        "holes",
        "identities",
        "lateness",
        "losses",
        "person_keys",
        "policy",
        "records",
        "requests",
        "roles",
        "rules",
        "signs",
        "sources",
        "spans",
        "unread",
        "unread_sections",
        "unread_snapshots",
        "unsettled_changes",
        "verified",
    ),
    writes=(
        "circumstances",
        "lapsed_changes",
        "lapses",
    ),
    run=lambda work: build_circumstances(work.connection),
)
