"""Credentials: when those that a grant rests on were made and rotated, and when one came to be known to others.

Fills `rotations` (creation and each rotation, with when the next was due) and `compromises` (exposures, and leaves of
people who knew a shared secret, with by when the credential had to be rotated). A grant rests on a credential if it is
one (`credential:<id>`), if its account is one (an api-key), or if its account itself was rotated. Times are UTC text.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tracer.case.ids import content_id, entitlement_id
from tracer.case.policy import limit
from tracer.case.spans import Span, gap
from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.completeness.coverage import log_spans
from tracer.judgement.prepare.leaves import leaves
from tracer.judgement.prepare.readings import READ, Readings

PREFIX = "credential:"
"""What the entitlement is called that the issue of a credential grants to the account that it opens."""

ACCOUNT, ALL = "account", "all"
"""Keys of rotations that renew an account as a whole, and of those that name no credential and so mean all of it."""


@dataclass(frozen=True)
class Held:
    """A grant, as far as credentials are concerned."""

    grant_id: str
    identity: str
    kind: str | None
    account_id: str
    account: str
    system: str
    entitlement: str
    entitlement_kind: str | None
    since: str
    until: str
    record_id: str

    @property
    def is_credential(self) -> bool:
        """Whether what was granted is a credential itself."""
        return self.entitlement.casefold().startswith(PREFIX) or self.entitlement_kind == "credential"


def build_credentials(connection: sqlite3.Connection, readings: Readings) -> None:
    """Fill `rotations` and `compromises` as far as the policy sets limits for them."""
    rotated = _rotations(connection)
    spans = log_spans(connection)
    held = [
        Held(*row)
        for row in connection.execute(
            """SELECT g.id, g.identity_id, i.kind, g.account_id, a.name, fold(e.system), e.name, e.kind, g.first_sign_at,
                      coalesce(g.ended_at, g.judged_at), g.record_id
               FROM grants g JOIN accounts a ON a.id = g.account_id JOIN entitlements e ON e.id = g.entitlement_id
               LEFT JOIN identities i ON i.id = g.identity_id
               WHERE i.kind = 'api-key' OR g.identity_id IN (SELECT identity_id FROM knowers) OR e.kind = 'credential' OR fold(e.name) LIKE 'credential:%'
                 OR g.account_id IN (SELECT subject_id FROM events WHERE verb = 'rotate')
                 OR g.identity_id IN (SELECT identity_id FROM exposures)
                 OR fold(a.name) IN (SELECT fold(credential) FROM exposures)
                 OR fold(g.identity_id) IN (SELECT fold(credential) FROM exposures)
               ORDER BY g.id"""
        )
    ]
    if interval := limit(connection, "rotation_interval"):
        created = _created(connection, held)
        rows = [
            row
            for one in held
            if one.is_credential or one.kind == "api-key" or rotated.get((one.account_id, ALL))
            for row in _intervals(one, rotated, created, interval, spans)
        ]
        connection.executemany("INSERT OR IGNORE INTO rotations VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    found = [*_exposed(connection, held), *_left(connection, held, readings)]
    connection.executemany(
        "INSERT OR IGNORE INTO compromises VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_compromise(one, rotated, spans) for one in found],
    )


def _rotations(connection: sqlite3.Connection) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Account and entitlement (empty: the account as a whole) -> when it was rotated, with the record.

    A new credential, or the end of one, renews what the account as a whole rests on, as its rotation does.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for account, credential, verb, at, record in connection.execute(
        """SELECT v.subject_id, CASE WHEN e.kind = 'credential' OR fold(e.name) LIKE 'credential:%' THEN e.id END,
                  v.verb, v.at, v.record_id
           FROM events v LEFT JOIN entitlements e ON e.id = v.entitlement_id
           WHERE v.verb IN ('rotate', 'create', 'grant', 'revoke', 'delete') AND v.outcome = 'success' AND v.subject_id IS NOT NULL
             AND (v.verb = 'rotate' OR e.kind = 'credential' OR fold(e.name) LIKE 'credential:%')
           ORDER BY v.at, v.id"""
    ):
        found[account, ACCOUNT].append((at, record))
        if verb == "rotate":
            found[account, credential or ALL].append((at, record))
    return found


def _of(one: Held, rotated: dict[tuple[str, str], list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """The rotations that renew what this grant rests on: of the credential, or of the account as a whole."""
    if not one.is_credential:
        return rotated.get((one.account_id, ACCOUNT), [])
    own = rotated.get((one.account_id, entitlement_id(one.system, one.entitlement)), [])
    return sorted([*own, *rotated.get((one.account_id, ALL), [])])


def _created(connection: sqlite3.Connection, held: list[Held]) -> dict[str, tuple[str, str]]:
    """Account -> when it, or its first credential, was made, else the first that is known of it; with the record."""
    found: dict[str, tuple[str, str]] = {}
    for one in held:
        found[one.account_id] = min(
            found.get(one.account_id, (one.since, one.record_id)), (one.since, one.record_id)
        )
    for row in connection.execute(
        """SELECT v.subject_id, v.at, v.record_id FROM events v LEFT JOIN entitlements e ON e.id = v.entitlement_id
           WHERE v.verb = 'create' AND v.outcome = 'success' AND v.subject_id IS NOT NULL
             AND (e.id IS NULL OR e.kind = 'credential' OR fold(e.name) LIKE 'credential:%') ORDER BY v.at DESC"""
    ):
        found[row[0]] = (row[1], row[2])
    return found


def _intervals(
    one: Held,
    rotated: dict[tuple[str, str], list[tuple[str, str]]],
    created: dict[str, tuple[str, str]],
    interval: timedelta,
    spans: dict[str, list[Span]],
) -> list[tuple[Any, ...]]:
    """Creation and every rotation while the grant was held, each with when the next was due and when it came."""
    begun = (one.since, one.record_id) if one.is_credential else created[one.account_id]
    marks = [
        (*begun, "created"),
        *((at, record, "rotated") for at, record in _of(one, rotated) if at > begun[0]),
    ]
    rows = []
    for number, (at, record, what) in enumerate(marks):
        following = marks[number + 1][0] if number + 1 < len(marks) else None
        due = plus(at, interval)
        if (following or one.until) > one.since and at < one.until:
            covered = gap(spans.get(one.system, []), at, min(due, one.until)) is None
            rows.append((one.grant_id, at, what, due, following, int(covered), record))
    return rows


@dataclass(frozen=True)
class _Known:
    """Who or what knows the credential of a grant, since when, and by when it had to be rotated."""

    one: Held
    mode: str
    known_as: str
    since: str
    recorded_at: str
    answered_from: str
    deadline: str
    record_id: str | None


def _compromise(
    known: _Known, rotated: dict[tuple[str, str], list[tuple[str, str]]], spans: dict[str, list[Span]]
) -> tuple[Any, ...]:
    at = next((at for at, _ in _of(known.one, rotated) if at >= known.answered_from), None)
    covered = gap(spans.get(known.one.system, []), known.since, min(known.deadline, known.one.until)) is None
    return (
        content_id("compromise", known.one.grant_id, known.mode, known.known_as, known.since),
        known.one.grant_id,
        known.mode,
        known.known_as,
        max(known.since, known.one.since),
        known.recorded_at,
        known.deadline,
        at,
        int(covered),
        known.record_id,
    )


def _exposed(connection: sqlite3.Connection, held: list[Held]) -> list[_Known]:
    """Exposures of credentials on which grants rest; without a compromise_sla none is asked about."""
    tolerance = limit(connection, "compromise_sla")
    if tolerance is None:
        return []
    found = []
    for row in connection.execute(
        "SELECT credential, identity, identity_id, fold(system) AS system, exposed_at, reported_at, record_id FROM exposures ORDER BY id"
    ):
        reported = row["reported_at"] or row["exposed_at"]
        if reported is None:
            continue
        found += [
            _Known(
                one, "compromise-not-rotated", row["credential"] or row["identity"], reported, reported,
                min(row["exposed_at"] or reported, reported), plus(reported, tolerance), row["record_id"],
            )
            for one in _concerned(held, row) if one.until > reported
        ]  # fmt: skip
    return found


def _concerned(held: list[Held], row: sqlite3.Row) -> list[Held]:
    """The grants of the credential itself, else those of the account that it is, else those of the identity named."""
    near = [one for one in held if row["system"] in (None, one.system)]
    name = (row["credential"] or "").casefold()
    if name:
        named = [one for one in near if one.entitlement.casefold() in (name, PREFIX + name)]
        named = named or [one for one in near if name in (one.account.casefold(), one.identity.casefold())]
        if named:
            return named
    return [one for one in near if row["identity_id"] and one.identity == row["identity_id"]]


def _left(connection: sqlite3.Connection, held: list[Held], readings: Readings) -> list[_Known]:
    """Leaves of those who knew a shared secret."""
    tolerance = limit(connection, "revocation_sla")
    if tolerance is None:
        return []
    found = []
    of_identity: dict[str, list[Held]] = defaultdict(list)
    for one in held:
        of_identity[one.identity].append(one)
    for identity, person in connection.execute("SELECT identity_id, person_id FROM knowers ORDER BY 1, 2"):
        for leave in leaves(readings, person):
            recorded = max(leave.valid_from, leave.recorded_at)
            found += [
                _Known(
                    one, "shared-secret-known-to-leaver", person, leave.valid_from, leave.recorded_at,
                    min(leave.valid_from, leave.recorded_at), plus(recorded, tolerance), leave.record_id,
                )
                for one in of_identity[identity] if one.until > leave.valid_from
            ]  # fmt: skip
    return found


STAGE = Stage(
    "credentials",
    reads=(
        *READ,
        "accounts",
        "counted",
        "coverage",
        "entitlements",
        "event_records",
        "events",
        "exposures",
        "grants",
        "identities",
        "knowers",
        "policy",
    ),
    writes=(
        "compromises",
        "rotations",
    ),
    run=lambda work: build_credentials(work.connection, work.once(Readings)),
)
