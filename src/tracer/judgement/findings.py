"""From failing checks to findings: the root, what contributed, the owner of each, and the verdict of each grant."""

import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tracer.case.ids import content_id
from tracer.judgement.checks import WEAK_ALONE, rank
from tracer.judgement.modes import modes
from tracer.judgement.owners import PERSONS, Controls, stand_in

INFERRED = 0.8
"""Confidence in what rests on a ticket that was found by time and names, not by an id in the log."""

MISSING = 0.9
"""Confidence where another check of the same grant found no evidence."""


@dataclass
class Judged:
    """A grant with its checks, on the way to a verdict."""

    grant: sqlite3.Row
    failing: list[sqlite3.Row] = field(default_factory=list)
    missing: list[sqlite3.Row] = field(default_factory=list)
    verdict: str = "conforming"
    root: sqlite3.Row | None = None


def build_findings(connection: sqlite3.Connection) -> None:
    """Fill `findings` and `finding_records`, and set verdict and root of every grant."""
    controls = Controls(connection)
    judged = {
        row["grant_id"]: Judged(row)
        for row in connection.execute(
            """SELECT c.*, w.wrong_since, g.ticket_basis, g.entitlement_id FROM circumstances c
               JOIN grants g ON g.id = c.grant_id LEFT JOIN wrong_since w ON w.grant_id = c.grant_id ORDER BY c.grant_id"""
        )
    }
    for row in connection.execute(
        """SELECT k.*, t.before_grant, t.since FROM checks k LEFT JOIN check_times t ON t.check_id = k.id
           WHERE k.verdict IN ('fail', 'no-evidence') ORDER BY k.id"""
    ):
        one = judged[row["grant_id"]]
        (one.failing if row["verdict"] == "fail" else one.missing).append(row)
    for one in judged.values():
        _decide(one)
    shares = _responsibility(judged)
    for one in judged.values():
        for check in one.failing:
            _finding(connection, controls, one, check, shares)
        root = (
            content_id("finding", one.grant["grant_id"], one.root["mode"]) if one.root is not None else None
        )
        connection.execute(
            "UPDATE grants SET verdict = ?, root_finding_id = ? WHERE id = ?",
            (one.verdict, root, one.grant["grant_id"]),
        )


def _decide(one: Judged) -> None:
    """The verdict, and the one failing check that is the root."""
    ranked = sorted(
        (place, modes()[check["mode"]].position, check["id"], check)
        for check in one.failing
        if (place := rank(check["mode"], bool(check["before_grant"])))
    )
    if any(check["mode"] != WEAK_ALONE for *_, check in ranked):
        one.verdict, one.root = "wrong-access", ranked[0][3]
    elif one.failing:
        one.verdict = "control-weakness"
        one.root = min(one.failing, key=lambda check: modes()[check["mode"]].position)
    elif any(_decisive(check["mode"]) for check in one.missing):
        one.verdict = "undetermined"


def _decisive(mode: str) -> bool:
    """Whether missing evidence for this check leaves open if the access was right."""
    row = modes()[mode]
    return row.part in ("created", "approved") or any(place.startswith("4") for place in row.ranks)


def _responsibility(judged: dict[str, Judged]) -> dict[str, float]:
    """1/(1+k): k other wrong paths to the same entitlement, in force at the same time."""
    paths: dict[tuple[Any, Any], list[Judged]] = defaultdict(list)
    for one in judged.values():
        if one.verdict == "wrong-access":
            paths[one.grant["identity"], one.grant["entitlement_id"]].append(one)
    shares = {}
    for together in paths.values():
        for one in together:
            others = sum(1 for other in together if other is not one and _overlap(one.grant, other.grant))
            shares[one.grant["grant_id"]] = 1 / (1 + others)
    return shares


def _overlap(one: sqlite3.Row, other: sqlite3.Row) -> bool:
    """Whether both were held at some time; access that is still open is held to this day."""
    return bool(
        (one["is_open"] or other["granted_at"] < one["held_until"])
        and (other["is_open"] or one["granted_at"] < other["held_until"])
    )


def _finding(
    connection: sqlite3.Connection,
    controls: Controls,
    one: Judged,
    check: sqlite3.Row,
    shares: dict[str, float],
) -> None:
    mode, grant = modes()[check["mode"]], one.grant
    at = check["failed_at"]
    source_data = mode.klass == "source-data"
    seat = controls.seat(
        mode.control_point,
        at,
        system=(check["system"] if source_data and check["system"] else grant["system"]),
        entitlement=grant["entitlement"],
        attribute=check["attribute"],
        rule=grant["rule"] if grant["basis"] == "rule" else None,
    )
    owner, role, shared = seat.owner, seat.role, []
    basis = "register" if seat.owner else "derived"
    if mode.default_owner in PERSONS and check["person"]:
        owner, role = check["person"], PERSONS[mode.default_owner]
        if "and process owner" in mode.default_owner:
            shared = [seat.owner or stand_in(connection, controls, mode.control_point, grant, at)]
    elif owner is None:
        owner = stand_in(connection, controls, mode.control_point, grant, at)
    is_root = one.root is not None and one.root["id"] == check["id"]
    finding = content_id("finding", grant["grant_id"], mode.id)
    connection.execute(
        f"INSERT INTO findings VALUES ({', '.join('?' * 19)})",
        (
            finding,
            grant["grant_id"],
            mode.klass,
            mode.id,
            mode.control_point,
            mode.part,
            int(is_root),
            seat.control,
            owner,
            role,
            basis,
            json.dumps(sorted(name for name in shared if name)),
            seat.responder,
            seat.owner_now,
            grant["wrong_since"]
            if one.verdict == "wrong-access"
            else check["since"]
            if mode.id == WEAK_ALONE
            else None,
            at,
            shares.get(grant["grant_id"], 1.0),
            _confidence(one),
            check["because"],
        ),
    )
    connection.execute(
        "INSERT OR IGNORE INTO finding_records SELECT ?, record_id FROM check_records WHERE check_id = ?",
        (finding, check["id"]),
    )


def _confidence(one: Judged) -> float:
    """How sure the links are on which the finding rests; 1 where every one is an id in a record."""
    confidence = INFERRED if one.grant["ticket_basis"] == "inferred" else 1.0
    return round(confidence * (MISSING if any(_decisive(check["mode"]) for check in one.missing) else 1.0), 2)
