"""Which control failed, and who owned it at that time.

The control is the most specific one of the register whose `point` matches and every key of whose `covers` matches:
more keys win, then more literal characters, then the smaller id. Its owner is whoever held the seat at the failure.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from tracer.case.globs import literal_length, matches

PERSONS = {
    "approver": "approver",
    "approver and process owner": "approver",
    "the delegating approver": "delegating approver",
    "approver of the original grant": "approver of the original grant",
    "reviewer": "reviewer",
    "the exception's cleanup owner": "cleanup owner",
    "credential owner": "credential owner",
}
"""Default owners of the table that are persons named in the evidence, with the role they had."""

OF_THE_PROCESS = ("request", "approval", "rule", "governance")
"""Control points for which, without a control, the owner of the request control stands in."""


@dataclass(frozen=True)
class Seat:
    """A control with its owner at one time; `owner` is null where the seat was empty."""

    control: str | None
    owner: str | None
    role: str | None
    responder: str | None
    owner_now: str | None


class Controls:
    """The controls of the register, to be asked for the one that answers for something."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._controls = [
            (row["id"], row["point"], _covers(row["covers"]), row["responder"])
            for row in connection.execute("SELECT id, point, covers, responder FROM controls ORDER BY id")
        ]
        self._owners: dict[str, list[sqlite3.Row]] = {}
        for row in connection.execute(
            "SELECT control_id, owner, role, coalesce(owner_from, '') AS since, owner_to FROM control_owners ORDER BY since"
        ):
            self._owners.setdefault(row["control_id"], []).append(row)
        self._memo: dict[tuple[Any, ...], tuple[str, str | None] | None] = {}

    def seat(self, point: str, at: str | None, **covered: str | None) -> Seat:
        """The control that answers at this point for `system`, `entitlement`, `attribute`, `rule`, and its owner at `at`."""
        key = (point, *sorted(covered.items()))
        if key not in self._memo:
            self._memo[key] = self._most_specific(point, covered)
        found = self._memo[key]
        if found is None:
            return Seat(None, None, None, None, None)
        control, responder = found
        holder = self._holder(control, at)
        latest = self._holder(control, None)
        return Seat(
            control,
            holder["owner"] if holder else None,
            holder["role"] if holder else None,
            responder,
            latest["owner"] if latest else None,
        )

    def _most_specific(self, point: str, covered: dict[str, str | None]) -> tuple[str, str | None] | None:
        found = []
        for control, own_point, covers, responder in self._controls:
            if own_point != point:
                continue
            literal = 0
            for key, globs in covers.items():
                value = covered.get(key)
                hits = [literal_length(glob) for glob in globs if value is not None and matches(glob, value)]
                if not hits:
                    break
                literal += max(hits)
            else:
                found.append((-len(covers), -literal, control, responder))
        best = min(found, key=lambda one: one[:3], default=None)
        return (best[2], best[3]) if best else None

    def _holder(self, control: str, at: str | None) -> sqlite3.Row | None:
        """Who held the seat at `at`; without a time, who holds it last of all and still does."""
        rows = self._owners.get(control, [])
        if at is None:
            rows = [row for row in rows if row["owner_to"] is None]
        else:
            rows = [
                row
                for row in rows
                if row["since"] <= at and (row["owner_to"] is None or at < row["owner_to"])
            ]
        rows = [row for row in rows if row["owner"]]
        return rows[-1] if rows else None


def _covers(text: str | None) -> dict[str, list[str]]:
    parsed = json.loads(text) if text else {}
    return {
        str(key): [str(one) for one in (value if isinstance(value, list) else [value])]
        for key, value in (parsed or {}).items()
        if value is not None
    }


def stand_in(
    connection: sqlite3.Connection, controls: Controls, point: str, grant: sqlite3.Row, at: str | None
) -> str | None:
    """Who answers where no control with a filled seat does: role owner, rule owner, executor's owner, process owner."""
    if point in OF_THE_PROCESS:
        process = controls.seat("request", at, system=grant["system"], entitlement=grant["entitlement"])
        if process.owner:
            return process.owner
    row = connection.execute(
        """SELECT coalesce(
             (SELECT owner FROM roles WHERE id = :role), :rule_owner,
             (SELECT owner FROM identities WHERE id = :start)) AS owner""",
        {"role": grant["role_id"], "rule_owner": grant["rule_owner"], "start": grant["start_id"]},
    ).fetchone()
    return row["owner"] if row else None
