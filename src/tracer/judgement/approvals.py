"""Who approved what a grant rests on, whether for themselves, and with what authority as of that moment.

Reads `events`, `requests`, `authorities`; fills `approvals`. An authority holds from its first instant to, not
including, its last; a delegated one only while its delegator has authority.
"""

import sqlite3
from dataclasses import dataclass

from tracer.case.globs import matches
from tracer.case.ids import content_id

DEEPEST = 8
"""Delegations of delegations after which a chain is taken to have no authority at its end."""


@dataclass(frozen=True)
class Authority:
    """One row of `authorities`: who may approve what, from when to when, by whose delegation."""

    approver: str
    system: str
    entitlement: str
    valid_from: str
    valid_to: str | None
    delegator: str | None

    def covers(self, system: str, entitlement: str) -> bool:
        """Whether it speaks of this entitlement at all."""
        return matches(self.system, system) and matches(self.entitlement, entitlement)

    def in_force(self, at: str) -> bool:
        """Whether `at` lies within it; its last instant does not."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


def authorities(connection: sqlite3.Connection) -> list[Authority]:
    """All authorities of the register, approvers and delegators as identities."""
    rows = connection.execute(
        """SELECT coalesce(identity_id, approver), coalesce(system, '*'), coalesce(entitlement, '*'),
                  coalesce(valid_from, ''), valid_to, coalesce(delegator_id, delegated_by)
           FROM authorities ORDER BY id"""
    )
    return [Authority(*row) for row in rows]


def standing(
    known: list[Authority], approver: str, system: str, entitlement: str, at: str, depth: int = 0
) -> tuple[str, str | None]:
    """What authority `approver` had: own, delegated, delegation-invalid, none or unlisted; and the delegator meant."""
    listed = [row for row in known if row.covers(system, entitlement)]
    own = [row for row in listed if row.approver == approver]
    if any(row.in_force(at) and row.delegator is None for row in own):
        return "own", None
    if depth < DEEPEST:
        for row in own:
            if row.in_force(at) and row.delegator is not None:
                held, _ = standing(known, row.delegator, system, entitlement, at, depth + 1)
                if held in ("own", "delegated"):
                    return "delegated", row.delegator
    if own and all(row.delegator is not None for row in own):
        nearest = max(own, key=lambda row: (row.in_force(at), row.valid_from <= at, row.valid_from))
        return "delegation-invalid", nearest.delegator
    return ("none" if listed else "unlisted"), None


def build_approvals(connection: sqlite3.Connection) -> None:
    """One row per approval of each grant's ticket: the approver's identity, whether it is their own, their authority."""
    known = authorities(connection)
    behalf = dict(
        connection.execute(
            "SELECT id, on_behalf_of FROM identities WHERE on_behalf_of IS NOT NULL"
        ).fetchall()
    )
    rows = connection.execute(
        """SELECT g.id AS grant_id, v.id AS event_id, v.at, v.record_id, a.identity_id AS approver, g.identity_id,
                  q.requester_id, q.beneficiary_id, t.system, t.name, b.identity_id AS behalf
           FROM grants g JOIN entitlements t ON t.id = g.entitlement_id
           JOIN requests q ON q.id = g.request_id
           JOIN request_events w ON w.request_id = q.id
           JOIN events v ON v.id = w.event_id AND v.verb = 'approve' AND v.outcome = 'success'
           LEFT JOIN accounts a ON a.id = v.actor_id
           LEFT JOIN accounts b ON fold(b.name) = fold(v.on_behalf_of) AND b.system = v.system
           ORDER BY g.id, v.id"""
    ).fetchall()
    found = []
    for row in rows:
        concerned = {row["identity_id"], row["requester_id"], row["beneficiary_id"]} - {None}
        concerned |= {behalf[name] for name in concerned if name in behalf}
        acting = {row["approver"], row["behalf"], behalf.get(row["approver"] or "")} - {None}
        held, delegator = "unknown", None
        if row["approver"]:
            held, delegator = standing(known, row["approver"], row["system"], row["name"], row["at"])
        found.append(
            (
                content_id("approval", row["grant_id"], row["event_id"]),
                row["grant_id"],
                row["event_id"],
                row["approver"],
                row["at"],
                int(bool(concerned & acting)),
                held,
                delegator,
                row["record_id"],
            )
        )
    connection.executemany("INSERT OR IGNORE INTO approvals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", found)
