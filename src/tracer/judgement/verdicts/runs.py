"""How often each control ran, failed, or left no evidence, per failure mode.

A check that passed, failed or lacked evidence is a run of the control that answers for that grant; source data counts
for every control that it rests on. Reads `checks`, `findings`, `decision_inputs`; fills `control_runs`.
"""

import json
import sqlite3
from collections import Counter

from tracer.case.stage import Stage
from tracer.judgement.checks.catalogue import Catalogue, catalogue_of
from tracer.judgement.checks.modes import Mode
from tracer.judgement.prepare.controls import Controls

Counts = Counter[tuple[str, str]]
"""Control ('' for none of the register) and mode -> on how many grants."""


def build_runs(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Fill `control_runs`; `runs` are passes and failures together."""
    counted: dict[str, Counts] = {"pass": Counter(), "fail": Counter(), "no-evidence": Counter()}
    for row in connection.execute("SELECT control, mode, count(*) AS n FROM findings GROUP BY control, mode"):
        counted["fail"][row["control"] or "", row["mode"]] += row["n"]
    _others(connection, catalogue, counted)
    passed, failed, missing = counted["pass"], counted["fail"], counted["no-evidence"]
    connection.executemany(
        "INSERT INTO control_runs (control, mode, runs, failed, no_evidence) VALUES (?, ?, ?, ?, ?)",
        [
            (*key, passed[key] + failed[key], failed[key], missing[key])
            for key in sorted({*passed, *failed, *missing})
        ],
    )


def _others(connection: sqlite3.Connection, catalogue: Catalogue, counted: dict[str, Counts]) -> None:
    """Count what did not fail: findings name their control, for all else it is found once per kind of grant."""
    controls = Controls(connection)
    kinds = _kinds(connection)
    for mode in catalogue.modes.values():
        seats: dict[int, set[str]] = {}
        for verdict in ("pass", "no-evidence"):
            # One mode and verdict at a time: their rows lie together, and only the numbers of kinds are sorted.
            for kind, count in connection.execute(
                """SELECT a.kind, count(*) FROM checks k CROSS JOIN alike a ON a.grant_id = k.grant_id
                   WHERE k.mode = ? AND k.verdict = ? GROUP BY a.kind""",
                (mode.id, verdict),
            ):
                if kind not in seats:
                    seats[kind] = _answering(controls, mode, kinds[kind])
                for control in seats[kind]:
                    counted[verdict][control, mode.id] += count


def _kinds(connection: sqlite3.Connection) -> dict[int, sqlite3.Row]:
    """The kinds of grants for which the same controls answer, by number; `alike` says of which kind each grant is."""
    for name in ("rests_on", "alike", "kinds"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute(
        """CREATE TEMP TABLE rests_on AS
           SELECT grant_id, json_group_array(json_array(system, attribute)) AS inputs FROM (
             SELECT DISTINCT grant_id, system, attribute FROM decision_inputs WHERE reading = 'known-now'
             ORDER BY grant_id, system, attribute) GROUP BY grant_id"""
    )
    connection.execute(
        """CREATE TEMP TABLE kinds AS
           SELECT c.grant_id, c.system, c.entitlement, CASE c.basis WHEN 'rule' THEN c.rule END AS rule, r.inputs,
             dense_rank() OVER (ORDER BY c.system, c.entitlement, CASE c.basis WHEN 'rule' THEN c.rule END, r.inputs) AS kind
           FROM circumstances c LEFT JOIN rests_on r ON r.grant_id = c.grant_id"""
    )
    connection.execute("CREATE TEMP TABLE alike (grant_id PRIMARY KEY, kind) WITHOUT ROWID")
    connection.execute("INSERT INTO alike SELECT grant_id, kind FROM kinds ORDER BY grant_id")
    rows = connection.execute("SELECT kind, system, entitlement, rule, inputs FROM kinds GROUP BY kind")
    return {row["kind"]: row for row in rows}


def _answering(controls: Controls, mode: Mode, kind: sqlite3.Row) -> set[str]:
    """The controls that answer for this mode in grants of this kind; '' for none of the register."""
    place = {"entitlement": kind["entitlement"], "rule": kind["rule"]}
    rests_on = [(kind["system"], None)]
    if mode.klass == "source-data" and kind["inputs"]:
        rests_on = json.loads(kind["inputs"])
    return {
        controls.seat(mode.control_point, None, system=system, attribute=attribute, **place).control or ""
        for system, attribute in rests_on
    }


STAGE = Stage(
    "control-runs",
    reads=(
        "checks",
        "circumstances",
        "control_owners",
        "controls",
        "decision_inputs",
        "entitlement_aliases",
        "findings",
        "meta",
        "unread_sections",
    ),
    writes=("control_runs",),
    run=lambda work: build_runs(work.connection, work.once(catalogue_of)),
)
