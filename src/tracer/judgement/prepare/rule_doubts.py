"""Access that a rule may have granted in a system whose log names no rules: fills the temporary table `perhaps_ruled`.

A dynamic group or a sync by attributes adds members, and its log tells only that. Where a rule of the register gave
the entitlement then, and did not plainly exclude who got it, nobody can say that nothing decided. A person who grants
is no rule, and where the log names rules, one that it does not name did not decide.
"""

import json
import sqlite3
from typing import Any

from tracer.case.entitlement_names import EntitlementNames
from tracer.case.stage import Stage
from tracer.judgement.prepare.grant_context import is_person
from tracer.judgement.prepare.readings import READ, Readings
from tracer.rules.cel import attribute_paths, evaluate

IN_DOUBT = """
SELECT c.grant_id, c.identity, c.system, c.entitlement, c.granted_at, c.start_id, i.kind AS start_kind
FROM circumstances c JOIN grants g ON g.id = c.grant_id
LEFT JOIN events v ON v.id = g.event_id LEFT JOIN sources s ON s.name = v.source
LEFT JOIN identities i ON i.id = c.start_id
WHERE (c.basis = 'none' OR c.basis = 'ticket' AND g.ticket_basis = 'inferred' AND (c.decision <> 'approved' OR c.decided_at > c.granted_at))
  AND coalesce(c.permitted, 1) = 1 AND coalesce(' ' || s.carries || ' ' NOT LIKE '% rule %', 1)
  AND c.exception IS NULL AND c.override_event_id IS NULL AND c.identity IS NOT NULL
ORDER BY c.grant_id"""
"""Grants behind which nothing was found for certain, by whoever may be an engine, in logs that name no rule."""


def build_perhaps_ruled(connection: sqlite3.Connection, readings: Readings) -> None:
    """Fill `perhaps_ruled`: grant, the rule with its version, what would tell, and the record of the rule; one row for each grant in doubt."""
    connection.execute("DROP TABLE IF EXISTS temp.perhaps_ruled")
    connection.execute("CREATE TEMP TABLE perhaps_ruled (grant_id PRIMARY KEY, rule, need, record_id)")
    rules = connection.execute(
        """SELECT id, version, coalesce(valid_from, '') AS since, valid_to, cel, grants, record_id FROM rules
           WHERE grants IS NOT NULL ORDER BY id, version"""
    ).fetchall()
    if not rules:
        return
    giving = Giving(connection, rules)
    found = []
    for row in connection.execute(IN_DOUBT).fetchall():
        if is_person(row["start_id"], row["start_kind"]):
            continue
        for rule in giving.of(row["system"], row["entitlement"]):
            in_force = rule["since"] <= row["granted_at"] and (
                rule["valid_to"] is None or row["granted_at"] < rule["valid_to"]
            )
            if in_force and _may_be_true(readings, rule["cel"], row):
                name = rule["id"] + (f" version {rule['version']}" if rule["version"] else "")
                need = f"by which rule or request {row['entitlement']} in {row['system']} was granted to {row['identity']}"
                found.append((row["grant_id"], name, need, rule["record_id"]))
                break
    connection.executemany("INSERT INTO perhaps_ruled VALUES (?, ?, ?, ?)", found)


class Giving:
    """Which rules give an entitlement."""

    def __init__(self, connection: sqlite3.Connection, rules: list[sqlite3.Row]) -> None:
        self._names = EntitlementNames(connection)
        self._rules = [(json.loads(rule["grants"]), rule) for rule in rules]
        self._known: dict[tuple[str, str], list[sqlite3.Row]] = {}

    def of(self, system: str, entitlement: str) -> list[sqlite3.Row]:
        """Those that name it, in any version, in the order of their ids."""
        key = (system, entitlement)
        if key not in self._known:
            self._known[key] = [
                rule for grants, rule in self._rules if any(self._gives(one, *key) for one in grants)
            ]
        return self._known[key]

    def _gives(self, one: dict[str, Any], system: str, entitlement: str) -> bool:
        return self._names.means(one.get("system"), one.get("entitlement"), system, entitlement)


def _may_be_true(readings: Readings, expression: str | None, grant: sqlite3.Row) -> bool:
    """Whether the rule was true of them on what source data held then, or nobody can tell."""
    if expression is None:
        return True
    facts = {
        name: readings.then(grant["identity"], name, grant["granted_at"])
        for name in attribute_paths(expression)
    }
    result = evaluate(expression, {name: fact.value for name, fact in facts.items() if fact is not None})
    return result.result is not False or any(facts[name] is None for name in result.blank)


STAGE = Stage(
    "rule-doubts",
    reads=(
        *READ,
        "circumstances",
        "entitlement_aliases",
        "events",
        "grants",
        "identities",
        "rules",
        "sources",
    ),
    writes=("perhaps_ruled",),
    run=lambda work: build_perhaps_ruled(work.connection, work.once(Readings)),
)
