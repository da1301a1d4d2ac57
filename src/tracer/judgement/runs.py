"""How often each control ran, failed, or left no evidence, per failure mode.

A check that passed, failed or lacked evidence is a run of the control that answers for that grant; source data counts
for every control that it rests on. Reads `checks`, `findings`, `decision_inputs`; fills `control_runs`.
"""

import json
import sqlite3
from collections import Counter

from tracer.judgement.catalogue import Catalogue
from tracer.judgement.owners import Controls

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
    connection.execute("DROP TABLE IF EXISTS temp.rests_on")
    connection.execute(
        """CREATE TEMP TABLE rests_on AS
           SELECT grant_id, json_group_array(json_array(system, attribute)) AS inputs FROM (
             SELECT DISTINCT grant_id, system, attribute FROM decision_inputs WHERE reading = 'known-now'
             ORDER BY grant_id, system, attribute) GROUP BY grant_id"""
    )
    for row in connection.execute(
        """SELECT k.mode, k.verdict, c.system, c.entitlement, CASE c.basis WHEN 'rule' THEN c.rule END AS rule, r.inputs,
                  count(*) AS n
           FROM checks k JOIN circumstances c ON c.grant_id = k.grant_id LEFT JOIN rests_on r ON r.grant_id = k.grant_id
           WHERE k.verdict IN ('pass', 'no-evidence') GROUP BY 1, 2, 3, 4, 5, 6"""
    ):
        mode = catalogue.modes[row["mode"]]
        place = {"entitlement": row["entitlement"], "rule": row["rule"]}
        rests_on = [(row["system"], None)]
        if mode.klass == "source-data" and row["inputs"]:
            rests_on = json.loads(row["inputs"])
        for control in {
            controls.seat(mode.control_point, None, system=system, attribute=attribute, **place).control
            for system, attribute in rests_on
        }:
            counted[row["verdict"]][control or "", mode.id] += row["n"]
