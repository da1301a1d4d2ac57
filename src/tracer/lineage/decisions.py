"""Decisions that another engine logged: the inputs, revision and decision of a policy engine, joined to what was delivered by it.

A provisioning record that names a rule but not what the rule read finds the decision of the policy engine: by the id of
the decision (in its `ticket` or `session`), else the last one on the same rule, identity and, where both say one,
entitlement in the hour before the delivery. Reads and completes `events` of verb grant before grants are made of them.
"""

import json
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta

from tracer.case.stage import Stage
from tracer.case.times import plus

BEFORE = timedelta(hours=1)
"""How long before the delivery a decision may lie that no id joins to it."""


def build_decisions(connection: sqlite3.Connection) -> None:
    """Give grant events the inputs and the version that the decision behind them was logged with."""
    decided = connection.execute(
        """SELECT v.id, v.at, v.verb, v.rule, v.rule_version, v.inputs, v.ticket, v.record_id, a.identity_id, e.name AS entitlement
           FROM events v LEFT JOIN accounts a ON a.id = v.subject_id LEFT JOIN entitlements e ON e.id = v.entitlement_id
           WHERE v.verb IN ('approve', 'deny') AND v.inputs IS NOT NULL AND v.rule IS NOT NULL ORDER BY v.at, v.id"""
    ).fetchall()
    if not decided:
        return
    by_id = {_fold(row["ticket"]): row for row in decided if row["ticket"]}
    by_rule: dict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
    for row in decided:
        if row["verb"] == "approve" and row["identity_id"]:
            by_rule[_fold(row["rule"]), row["identity_id"]].append(row)
    waiting = connection.execute(
        """SELECT v.id, v.at, v.rule, v.rule_version, v.ticket, v.session, a.identity_id, e.name AS entitlement
           FROM events v JOIN accounts a ON a.id = v.subject_id LEFT JOIN entitlements e ON e.id = v.entitlement_id
           WHERE v.verb = 'grant' AND v.inputs IS NULL AND v.rule IS NOT NULL"""
    ).fetchall()
    found = [
        (event, decision) for event in waiting if (decision := _decision(event, by_id, by_rule)) is not None
    ]
    connection.executemany(
        "UPDATE events SET inputs = ?, rule_version = coalesce(rule_version, ?) WHERE id = ?",
        [(_read(decision["inputs"]), decision["rule_version"], event["id"]) for event, decision in found],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO event_records VALUES (?, ?)",
        [(event["id"], decision["record_id"]) for event, decision in found],
    )


def _decision(
    event: sqlite3.Row, by_id: dict[str, sqlite3.Row], by_rule: dict[tuple[str, str], list[sqlite3.Row]]
) -> sqlite3.Row | None:
    named = by_id.get(_fold(event["ticket"])) or by_id.get(_fold(event["session"]))
    if named is not None:
        return named
    rows = by_rule.get((_fold(event["rule"]), event["identity_id"]), [])
    first = plus(event["at"], -BEFORE)
    for row in reversed(rows[: bisect_right(rows, event["at"], key=lambda one: one["at"])]):
        if row["at"] < first:
            return None
        same_thing = None in (row["entitlement"], event["entitlement"]) or _fold(row["entitlement"]) == _fold(
            event["entitlement"]
        )
        same_version = (
            None in (row["rule_version"], event["rule_version"])
            or row["rule_version"] == event["rule_version"]
        )
        if same_thing and same_version:
            return row
    return None


def _read(inputs: str) -> str:
    """The inputs as attributes of the identity: what names the person or the access is no attribute that a rule reads."""
    said = json.loads(inputs)
    return json.dumps(
        {key: value for key, value in said.items() if key not in ("subject", "user")}, sort_keys=True
    )


def _fold(text: str | None) -> str:
    return (text or "").casefold()


STAGE = Stage(
    "logged-decisions",
    reads=(
        "accounts",
        "entitlements",
        "events",
    ),
    writes=(),
    run=lambda work: build_decisions(work.connection),
)
