"""Grants: which account held which entitlement over which interval, one grant per grant event.

Reads `events`, `holdings` and `requests`; writes `grants` without their basis (see links). A revocation ends the
path whose rule or ticket it names, otherwise all paths of that account; deleting an account ends all it holds. An end
date ends a grant only if nothing shows it used or held later. Open grants are judged as of the last record in
evidence of their system.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from tracer.case.ids import content_id

Row = sqlite3.Row

ENDS = ("revoke", "delete")
"""Verbs that take an entitlement from an account."""


EVENT = [
    "id",
    "at",
    "verb",
    "system",
    "actor_id",
    "started_by",
    "subject_id",
    "entitlement_id",
    "scope",
    "expires_at",
    "ticket",
    "exception",
    "rule",
    "rule_version",
    "decision",
    "on_behalf_of",
]
"""The columns of `events` that make a grant."""


class Grant:
    """A grant while its events are read in order of time."""

    def __init__(self, event: Row) -> None:
        self.event = event
        self.expires_at: str | None = event["expires_at"]
        self.ended_at: str | None = None
        self.ended_by: str | None = None
        self.end_event: str | None = None
        self.last_sign: str | None = None

    def end(self, event: Row) -> None:
        """Take the access away by this event."""
        self.ended_at, self.ended_by, self.end_event = event["at"], event["verb"], event["id"]


def build_grants(connection: sqlite3.Connection) -> None:
    """Fill `grants` with intervals, executors and ends; basis, ticket and catalogue row follow in links."""
    last_seen = _last_records(connection)
    approved = _approved_extensions(connection)
    closed = _account_ends(connection)
    rows: list[tuple[Any, ...]] = []
    for (_, _), events in groupby(
        _events(connection), key=lambda row: (row["subject_id"], row["entitlement_id"])
    ):
        rows.extend(_row(grant, last_seen) for grant in _intervals(list(events), closed, approved))
    connection.executemany(
        """INSERT INTO grants (id, identity_id, account_id, entitlement_id, granted_at, ended_at, ended_by, executor_id,
             started_by, on_behalf_of, ticket, exception, rule, rule_version, event_id, end_event_id, scope, expires_at,
             last_sign_at, judged_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        rows,
    )


def _events(connection: sqlite3.Connection) -> Iterator[Row]:
    """Everything that bears on who held what, by account and entitlement, in order of time; ends come first."""
    yield from connection.execute(
        f"""SELECT {", ".join("e." + name for name in EVENT)}, a.identity_id
           FROM events e JOIN accounts a ON a.id = e.subject_id
           WHERE e.entitlement_id IS NOT NULL AND e.outcome = 'success'
             AND e.verb IN ('grant', 'revoke', 'delete', 'extend', 'use', 'review', 'verify')
           UNION ALL
           SELECT NULL, h.as_of, 'held', h.system, NULL, NULL, a.id, entitlement_id(h.system, h.entitlement), h.scope,
                  h.expires_at, NULL, NULL, NULL, NULL, NULL, NULL, a.identity_id
           FROM holdings h JOIN accounts a ON a.id = account_id(h.system, h.account)
           ORDER BY 7, 8, 2, 3 DESC, 1"""
    )


def _intervals(events: list[Row], closed: dict[str, list[Row]], approved: set[str]) -> list[Grant]:
    """The grants of one account and entitlement; `closed` are deletions of the whole account."""
    grants: list[Grant] = []
    account = events[0]["subject_id"]
    merged = sorted([*events, *closed.get(account, [])], key=lambda row: (row["at"], row["verb"] not in ENDS))
    for event in merged:
        verb = event["verb"]
        still = [grant for grant in grants if grant.ended_at is None]
        if verb == "grant":
            grants.append(Grant(event))
        elif verb in ENDS:
            named = [grant for grant in still if _names(event, grant)]
            for grant in named or still:
                grant.end(event)
        elif verb == "extend":
            for grant in [g for g in still if _names(event, g)] or still:
                if event["id"] in approved:
                    grant.expires_at = event["expires_at"]
        elif still and (verb != "review" or event["decision"] == "keep"):
            # A use or a sign after a later grant of the same entitlement shows nothing of the earlier one.
            still[-1].last_sign = event["at"]
    return grants


def _names(event: Row, grant: Grant) -> bool:
    """Whether the event names the rule or the ticket of this path."""
    same_rule = (
        event["rule"] and grant.event["rule"] and event["rule"].casefold() == grant.event["rule"].casefold()
    )
    same_ticket = (
        event["ticket"]
        and grant.event["ticket"]
        and event["ticket"].casefold() == grant.event["ticket"].casefold()
    )
    return bool(same_rule or same_ticket)


def _row(grant: Grant, last_seen: dict[str, str]) -> tuple[Any, ...]:
    event = grant.event
    judged_at = max(last_seen.get(event["system"].casefold(), event["at"]), event["at"])
    expires = grant.expires_at
    unseen_since = grant.last_sign is None or expires is None or grant.last_sign < expires
    if expires and expires <= judged_at and unseen_since and grant.ended_at is None:
        grant.ended_at, grant.ended_by = max(expires, event["at"]), "expiry"
    return (
        content_id("grant", event["id"]),
        event["identity_id"],
        event["subject_id"],
        event["entitlement_id"],
        event["at"],
        grant.ended_at,
        grant.ended_by,
        event["actor_id"],
        event["started_by"],
        event["on_behalf_of"],
        event["ticket"],
        event["exception"],
        event["rule"],
        event["rule_version"],
        event["id"],
        grant.end_event,
        event["scope"],
        expires,
        grant.last_sign,
        judged_at,
    )


def _account_ends(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    """Account -> the events that deleted it whole, or disabled it with no later enabling."""
    ends: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(
        f"""SELECT {", ".join("e." + name for name in EVENT)} FROM events e WHERE e.entitlement_id IS NULL AND e.outcome = 'success' AND (e.verb = 'delete' OR
             e.verb = 'disable' AND NOT EXISTS (SELECT 1 FROM events n WHERE n.subject_id = e.subject_id
               AND n.verb = 'enable' AND n.outcome = 'success' AND n.at > e.at))
           ORDER BY e.at, e.id"""
    ):
        if row["subject_id"]:
            ends[row["subject_id"]].append(row)
    return ends


def _approved_extensions(connection: sqlite3.Connection) -> set[str]:
    """Events that move an end with an approved request decided before them."""
    return {
        row[0]
        for row in connection.execute(
            """SELECT e.id FROM events e JOIN requests q ON fold(q.ticket) = fold(e.ticket)
               WHERE e.verb = 'extend' AND q.decision = 'approved' AND q.decided_at <= e.at"""
        )
    }


def _last_records(connection: sqlite3.Connection) -> dict[str, str]:
    """System (case-folded) -> the time of its last record in evidence."""
    return dict(connection.execute("SELECT fold(system), max(last_at) FROM coverage GROUP BY 1").fetchall())
