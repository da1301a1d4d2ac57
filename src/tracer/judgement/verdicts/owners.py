"""Which control failed, and who owned it at that time.

The control is the most specific one of the register whose `point` matches and every key of whose `covers` matches:
more keys win, then more literal characters, then the smaller id. Access by rule falls to provisioning controls that cover
rules, where there is one. Its owner is whoever held the seat at the failure.
"""

import json
import sqlite3
from dataclasses import replace
from typing import Any

from tracer.case.stage import Stage
from tracer.judgement.checks.catalogue import Catalogue, catalogue_of
from tracer.judgement.checks.modes import Mode
from tracer.judgement.checks.running import run_stage
from tracer.judgement.prepare.controls import Controls, Seat

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

OF_THE_SOURCE = "owner of the authoritative source"
"""Who answers for what a source held, if it is the one that counts."""

OF_THE_PROCESS = ("request", "approval", "rule", "governance")
"""Control points for which, without a control, the owner of the request control stands in."""

OF_THE_PROCESS_OWNER = ("orphaned-owner", "stale-authority")
"""Modes of the review and the approval that fall to the process owner, who is the owner of the request control."""


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
                   coalesce(o.owner, c.rule_owner, s.owner, x.owner) AS stand_in,
                   CASE WHEN k.attribute NOT IN (SELECT attribute FROM sources_of_truth) THEN (
                     SELECT json_group_array(DISTINCT f.system) FROM facts f
                     WHERE f.identity_id = c.identity AND f.attribute = k.attribute) END AS holding
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
    holding = json.loads(row["holding"] or "[]") if mode.default_owner == OF_THE_SOURCE else []
    if len({found(seat_of(system)) for system in holding}) > 1:
        # Where the register does not say which source counts, the failure may be that of any that holds the attribute.
        return None, 1, None, None, "derived", "[]", None, None
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


def build_unowned(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Run the checks that ask about `seats`, and fill in who answers for what these find."""
    run_stage(connection, catalogue, "seats")
    build_seats(connection, catalogue, last=True)


STAGE = Stage(
    "seats",
    reads=(
        "accounts",
        "circumstances",
        "control_owners",
        "controls",
        "entitlement_aliases",
        "facts",
        "failing",
        "grants",
        "identities",
        "meta",
        "roles",
        "sources_of_truth",
        "unread_sections",
    ),
    writes=("seats",),
    run=lambda work: build_seats(work.connection, work.once(catalogue_of)),
)


UNOWNED = Stage(
    "unowned",
    reads=(
        "accounts",
        "circumstances",
        "control_owners",
        "controls",
        "entitlement_aliases",
        "facts",
        "grants",
        "identities",
        "meta",
        "roles",
        "sources_of_truth",
        "telling",
        "unread_sections",
    ),
    writes=(),
    completes=(
        "checks",
        "failing",
        "places",
        "seats",
    ),
    run=lambda work: build_unowned(work.connection, work.once(catalogue_of)),
)
