"""Grants: which account held which entitlement over which interval, one grant per grant event.

Reads `events`, `signs` and `requests`; writes `grants` without their basis (see links). A revocation ends the path whose
rule or ticket it names, otherwise all paths of that account in its scope; deleting an account ends all it holds. An end date ends a
grant only if nothing shows it used or held later. A snapshot that no longer lists it ends it at an unknown time since
it was last seen. What is held, reviewed or used with no grant before it is a grant with `granted_at` null; its first
sign counts as its time. Open grants are judged as of the last record in evidence of their system.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from tracer.case.globs import matches
from tracer.case.ids import content_id
from tracer.case.stage import Stage
from tracer.lineage.end_dates import corrected_ends
from tracer.lineage.ends import WIDER, build_wider_ends
from tracer.lineage.signs import SHOWS, build_signs, day_end, snapshots

Row = sqlite3.Row

ENDS = ("revoke", "delete")
"""Verbs that take an entitlement from an account."""

EVENT = [
    "id", "at", "verb", "system", "actor_id", "started_by", "subject_id", "entitlement_id", "scope", "expires_at", "ticket",
    "exception", "rule", "rule_version", "decision", "on_behalf_of", "record_id",
]  # fmt: skip
"""The columns of `events` that make a grant."""

COLUMNS = [
    "id", "identity_id", "account_id", "entitlement_id", "granted_at", "first_sign_at", "ended_at", "ended_by", "executor_id",
    "started_by", "on_behalf_of", "ticket", "exception", "rule", "rule_version", "event_id", "end_event_id", "scope",
    "expires_at", "last_sign_at", "judged_at", "record_id",
]  # fmt: skip
"""The columns of `grants` that are filled here."""


class Grant:
    """A grant while its events are read in order of time; `logged` is false where only signs show it."""

    def __init__(self, event: Row, *, logged: bool = True) -> None:
        self.event = event
        self.logged = logged
        self.expires_at: str | None = event["expires_at"]
        self.system_end = self.expires_at
        self.ended_at: str | None = None
        self.ended_by: str | None = None
        self.end_event: str | None = None
        self.last_sign: str | None = None

    def end(self, event: Row) -> None:
        """Take the access away by this event."""
        self.ended_at, self.ended_by, self.end_event = event["at"], event["verb"], event["id"]

    def extend(self, event: Row, approved: dict[str, str | None]) -> None:
        """Hold it until another end; only an approved extension moves the end that it was given, as far as approved."""
        self.system_end = event["expires_at"]
        if event["id"] in approved:
            limit = approved[event["id"]]
            self.expires_at = min((end for end in (event["expires_at"], limit) if end), default=None)

    def last_end(self) -> str | None:
        """The end after which nothing shows it held: the system's, or a later one that it was to have; null if none."""
        ends = sorted(
            end for end in (self.system_end, self.expires_at) if end and end >= (self.system_end or "9")
        )
        return next((end for end in ends if (self.last_sign or "") < end), None)

    def due_to_end(self, at: str) -> bool:
        """Whether its end date had passed."""
        return self.expires_at is not None and self.expires_at <= at


def build_grants(connection: sqlite3.Connection) -> None:
    """Fill `grants` with intervals, executors and ends; basis, ticket and catalogue row follow in links."""
    build_signs(connection)
    build_wider_ends(connection)
    last_seen = _last_records(connection)
    approved = _approved_extensions(connection)
    closed = _account_ends(connection)
    taken = snapshots(connection)
    corrected = corrected_ends(connection)
    connection.execute("DROP TABLE IF EXISTS temp.made")
    connection.execute(f"CREATE TEMP TABLE made ({', '.join(COLUMNS)})")
    connection.executemany(
        f"INSERT INTO made VALUES ({', '.join('?' * len(COLUMNS))})",
        (
            row
            for _, group in groupby(_events(connection), key=lambda row: (row[6], row[7]))
            for row in _of_one(list(group), closed, approved, corrected, last_seen, taken)
        ),
    )
    # In order of ids, as all that is told of grants will be: what joins them then reads the table from front to back.
    connection.execute(f"INSERT INTO grants ({', '.join(COLUMNS)}) SELECT * FROM made ORDER BY id")
    connection.execute("DROP TABLE temp.made")


def _events(connection: sqlite3.Connection) -> Iterator[Row]:
    """Everything that bears on who held what, by account and entitlement, in order of time; ends come first.

    A reviewed change (a register in git) is the delivery only where the system's own log does not cover the moment.
    """
    return connection.execute(
        f"""SELECT {", ".join("e." + name for name in EVENT)}, a.identity_id
           FROM events e JOIN accounts a ON a.id = e.subject_id
           WHERE e.entitlement_id IS NOT NULL AND e.outcome = 'success'
             AND e.verb IN ('grant', 'revoke', 'delete', 'extend')
             AND NOT (e.source IN (SELECT name FROM sources WHERE kind = 'change') AND EXISTS (
               SELECT 1 FROM coverage c WHERE fold(c.system) = fold(e.system) AND c.kind IN ('audit-log', 'provisioning')
                 AND c.first_at <= e.at AND e.at <= c.last_at))
           UNION ALL
           SELECT {", ".join("w." + name if name in WIDER else "e." + name for name in EVENT)}, NULL
           FROM wider_ends w JOIN events e ON e.id = w.event_id
           UNION ALL
           SELECT id, at, verb, system, NULL, NULL, account_id, entitlement_id, scope, expires_at, NULL, NULL, NULL, NULL,
                  decision, NULL, record_id, identity_id
           FROM signs
           ORDER BY 7, 8, 2, 3 DESC, 1"""
    )


def _of_one(
    events: list[Row],
    closed: dict[str, list[Row]],
    approved: dict[str, str | None],
    corrected: dict[str, str],
    last_seen: dict[str, str],
    taken: dict[str, list[str]],
) -> Iterator[tuple[Any, ...]]:
    """The rows of one account and entitlement."""
    listed = {event["at"] for event in events if event["verb"] == "held"}
    absent = [at for at in taken.get(events[0]["system"].casefold(), []) if at not in listed]
    unlogged = 0
    for grant in _intervals(events, closed, approved, corrected):
        unlogged += not grant.logged
        yield _row(grant, last_seen, absent, unlogged)


def _intervals(
    events: list[Row],
    closed: dict[str, list[Row]],
    approved: dict[str, str | None],
    corrected: dict[str, str],
) -> list[Grant]:
    """The grants of one account and entitlement; `closed` are ends of the whole account, or of the entitlement."""
    grants: list[Grant] = []
    ends = closed.get(events[0]["subject_id"], []) + closed.get(events[0]["entitlement_id"], [])
    starts = [event["at"] for event in events if event["verb"] == "grant"]
    if ends:
        events = sorted([*events, *ends], key=lambda row: (row["at"], row["verb"] not in ENDS))
    for event in events:
        verb = event["verb"]
        still = [grant for grant in grants if grant.ended_at is None]
        if verb == "grant":
            grants.append(Grant(event))
            grants[-1].expires_at = corrected.get(event["id"], event["expires_at"])
        elif verb in ENDS or verb == "disable":
            named = [grant for grant in still if _names(event, grant)]
            for grant in named or [grant for grant in still if _reaches(event, grant)]:
                grant.end(event)
        elif verb == "extend":
            for grant in [g for g in still if _names(event, g)] or still:
                grant.extend(event, approved)
        elif still:
            if verb != "review" or event["decision"] == "keep":
                _seen(still, event["at"])
        elif verb in SHOWS and not _known_otherwise(event, grants, starts):
            grants.append(Grant(event, logged=False))
    return grants


def _seen(still: list[Grant], at: str) -> None:
    """A sign belongs to the latest path, of those whose end had not passed if there are any; of the others it shows nothing."""
    in_force = [grant for grant in still if not grant.due_to_end(at)]
    (in_force or still)[-1].last_sign = at


def _known_otherwise(event: Row, grants: list[Grant], starts: list[str]) -> bool:
    """Whether a sign needs no grant of its own: a bare date on the day of the grant, or a reviewer's older list."""
    at = event["at"]
    if event["verb"] == "review" and grants:
        return True
    return event["verb"] != "use" and any(at <= start < day_end(at) for start in starts)


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


def _reaches(event: Row, grant: Grant) -> bool:
    """Whether the end covers the scope of this grant: a role that is taken away in one place stays in another."""
    taken, held = event["scope"], grant.event["scope"]
    return not taken or not held or matches(taken, held)


def _row(grant: Grant, last_seen: dict[str, str], absent: list[str], unlogged: int) -> tuple[Any, ...]:
    event, logged = grant.event, grant.logged
    judged_at = max(last_seen.get(event["system"].casefold(), event["at"]), event["at"])
    if grant.ended_at is None and (due := grant.last_end()) and due <= judged_at:
        grant.ended_at, grant.ended_by = max(due, event["at"]), "expiry"
    if grant.ended_at is None and absent:
        seen = max(event["at"], grant.last_sign or "")
        if gone := next((at for at in absent if at > seen), None):
            grant.ended_at, grant.ended_by = gone, "snapshot"
    return (
        content_id("grant", event["id"])
        if logged
        else content_id("unlogged", event["subject_id"], event["entitlement_id"], unlogged),
        event["identity_id"],
        event["subject_id"],
        event["entitlement_id"],
        event["at"] if logged else None,
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
        event["id"] if logged else None,
        grant.end_event,
        event["scope"],
        grant.expires_at,
        grant.last_sign,
        judged_at,
        event["record_id"],
    )


def _account_ends(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    """Account or entitlement -> the events that deleted it whole, or disabled the account with no later enabling."""
    ends: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(
        f"""SELECT {", ".join("e." + name for name in EVENT)}, NULL AS identity_id FROM events e
           WHERE e.entitlement_id IS NULL AND e.outcome = 'success' AND (e.verb = 'delete' OR
             e.verb = 'disable' AND NOT EXISTS (SELECT 1 FROM events n WHERE n.subject_id = e.subject_id
               AND n.verb = 'enable' AND n.outcome = 'success' AND n.at > e.at))
           UNION ALL
           SELECT {", ".join("e." + name for name in EVENT)}, NULL FROM events e
           WHERE e.subject_id IS NULL AND e.entitlement_id IS NOT NULL AND e.outcome = 'success' AND e.verb = 'delete'
           ORDER BY 2, 1"""
    ):
        if gone := row["subject_id"] or row["entitlement_id"]:
            ends[gone].append(row)
    return ends


def _approved_extensions(connection: sqlite3.Connection) -> dict[str, str | None]:
    """Extensions with an approved request behind them -> the end that it approved (None: whatever they say)."""
    return dict(
        connection.execute("SELECT event_id, approved_until FROM extensions WHERE approved = 1").fetchall()
    )


def _last_records(connection: sqlite3.Connection) -> dict[str, str]:
    """System (case-folded) -> the time of its last record in evidence."""
    return dict(connection.execute("SELECT fold(system), max(last_at) FROM coverage GROUP BY 1").fetchall())


STAGE = Stage(
    "grants",
    reads=(
        "accounts",
        "coverage",
        "entitlement_aliases",
        "entitlements",
        "events",
        "extensions",
        "facts",
        "holdings",
        "sources",
        "sources_of_truth",
        "unread_snapshots",
    ),
    writes=(
        "grants",
        "signs",
    ),
    run=lambda work: build_grants(work.connection),
)
