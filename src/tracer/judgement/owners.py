"""Which control failed, and who owned it at that time.

The control is the most specific one of the register whose `point` matches and every key of whose `covers` matches:
more keys win, then more literal characters, then the smaller id. Access by rule falls to provisioning controls that cover
rules, where there is one. Its owner is whoever held the seat at the failure.
"""

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from tracer.case.entitlement_names import EntitlementNames
from tracer.case.globs import literal_length, matches
from tracer.judgement.catalogue import Catalogue
from tracer.judgement.modes import Mode
from tracer.judgement.unread import lacks_section

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

OF_THE_PROCESS_OWNER = ("orphaned-owner", "stale-authority")
"""Modes of the review and the approval that fall to the process owner, who is the owner of the request control."""


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
        self.unread = lacks_section(connection, "controls")
        """Whether the register may hold controls that could not be read, of which one may be more specific than any that was."""
        self._names = EntitlementNames(connection)
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
        if found is None or self.unread:
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
                values = self._called(key, covered)
                hits = [literal_length(glob) for glob in globs if any(matches(glob, one) for one in values)]
                if not hits:
                    break
                literal += max(hits)
            else:
                by_rule = point == "provisioning" and "rule" in covers
                found.append((not by_rule, -len(covers), -literal, control, responder))
        best = min(found, key=lambda one: one[:4], default=None)
        return (best[3], best[4]) if best else None

    def _called(self, key: str, covered: dict[str, str | None]) -> list[str]:
        """What is covered under this key, an entitlement by each of its names."""
        value = covered.get(key)
        if value is None:
            return []
        return self._names.of(covered.get("system") or "", value) if key == "entitlement" else [value]

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


def build_seats(connection: sqlite3.Connection, catalogue: Catalogue, *, last: bool = False) -> None:
    """Fill the temporary table `seats`: for every failing check, which control failed and who answers.

    First without, then with `last`: those of the checks that ask about `seats` themselves. `filled` is 0 where the
    control had no owner at the failure, or there is no control.
    """
    connection.execute(
        """CREATE TEMP TABLE IF NOT EXISTS seats (grant_id, mode, control, filled, owner, role, basis, shared, responder,
             owner_now, PRIMARY KEY (grant_id, mode)) WITHOUT ROWID"""
    )
    controls = Controls(connection)
    asked = [check.mode for check in catalogue.checks.values() if (check.after == "seats") is last]
    rows = connection.execute(
        f"""SELECT k.grant_id, k.mode, k.failed_at, k.person, k.shared, k.system AS own_system, k.attribute,
                   c.system, c.entitlement, CASE c.basis WHEN 'rule' THEN c.rule END AS rule,
                   coalesce(o.owner, c.rule_owner, s.owner, x.owner) AS stand_in
            FROM failing k CROSS JOIN circumstances c ON c.grant_id = k.grant_id CROSS JOIN grants g ON g.id = k.grant_id
            LEFT JOIN roles o ON o.id = c.role_id LEFT JOIN identities s ON s.id = c.start_id
            LEFT JOIN accounts a ON a.id = g.executor_id LEFT JOIN identities x ON x.id = a.identity_id
            WHERE k.mode IN ({", ".join("?" * len(asked))})""",
        asked,
    )
    connection.executemany(
        "INSERT INTO seats VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (row["grant_id"], row["mode"], *_answering(controls, catalogue.modes[row["mode"]], row))
            for row in rows
        ),
    )


def _answering(controls: Controls, mode: Mode, row: sqlite3.Row) -> tuple[Any, ...]:
    """Control, whether its seat was filled, owner, role, basis, shared with, responder and owner now."""
    at, place = row["failed_at"], {"system": row["system"], "entitlement": row["entitlement"]}

    def seat_of(system: str | None) -> Seat:
        own = {"system": system or row["system"]} if mode.klass == "source-data" else {}
        more = {"attribute": row["attribute"], "rule": row["rule"]}
        return controls.seat(mode.control_point, at, **{**place, **more, **own})

    def found(seat: Seat) -> str | None:
        if controls.unread:
            return None
        if seat.owner is None and mode.control_point in OF_THE_PROCESS:
            seat = process
        return seat.owner or row["stand_in"]

    seat, process = seat_of(row["own_system"]), controls.seat("request", at, **place)
    if mode.id in OF_THE_PROCESS_OWNER:
        seat = replace(seat, owner=process.owner, role=process.role, owner_now=process.owner_now)
    owner, role, shared = found(seat), seat.role, []
    if mode.default_owner in PERSONS and row["person"]:
        owner, role = row["person"], PERSONS[mode.default_owner]
        shared = [found(seat)] if "and process owner" in mode.default_owner else []
    others = json.loads(row["shared"]) if row["shared"] else []
    if mode.default_owner in PERSONS:
        shared += others
    else:
        shared += [found(seat_of(system)) for system in others]
    told = sorted({name for name in shared if name and name != owner})
    basis = "register" if seat.owner else "derived"
    return (
        seat.control,
        int(seat.owner is not None),
        owner,
        role,
        basis,
        json.dumps(told),
        seat.responder,
        seat.owner_now,
    )
