"""The decision log of a policy engine is evidence of what a rule read, for the delivery that names the rule alone."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

WHO = "mo.oduya@fjordline.example"
REGISTER = """
rules:
  - {id: access/eligible, version: rev-42, from: 2026-01-01, owner: erp@fjordline.example, language: cel,
     expression: 'identity.department == "Finance"', grants: [{system: erp, entitlement: gl-poster}]}
"""


def decision(at: str, department: str, result: bool = True, **more: Any) -> dict[str, Any]:
    """A line of the decision log."""
    return {
        "labels": {"id": "opa-1", "app": "erp"}, "decision_id": f"d-{at}", "bundles": {"authz": {"revision": "rev-42"}},
        "path": "access/eligible", "input": {"user": {"id": WHO, "department": department}, "entitlement": "gl-poster"},
        "result": result, "timestamp": at,
    } | more  # fmt: skip


def delivered(folder: Path, decisions: list[dict[str, Any]], **more: Any) -> sqlite3.Row:
    """The grant event, after a delivery at 08:00 by the rule."""
    grant = {
        "at": "2026-03-01T08:00:00Z",
        "action": "grant",
        "system": "erp",
        "account": WHO,
        "entitlement": "gl-poster",
        "executor": "engine",
        "rule": "access/eligible",
    }
    (folder / "register.yaml").write_text(REGISTER, encoding="utf-8")
    (folder / "opa.jsonl").write_text("".join(json.dumps(one) + "\n" for one in decisions), encoding="utf-8")
    (folder / "log.jsonl").write_text(json.dumps(grant | more) + "\n", encoding="utf-8")
    ingest(folder / "case.db", [str(folder / name) for name in ("register.yaml", "opa.jsonl", "log.jsonl")])
    connection = open_case(folder / "case.db")
    judge(connection)
    row: sqlite3.Row = connection.execute(
        """SELECT v.inputs, v.rule_version, k.verdict AS satisfied, (SELECT count(*) FROM event_records r WHERE r.event_id = v.id) AS records
           FROM grants g JOIN events v ON v.id = g.event_id JOIN checks k ON k.grant_id = g.id AND k.mode = 'rule-not-satisfied'"""
    ).fetchone()
    return row


def test_the_last_decision_before_the_delivery_says_what_the_rule_read(tmp_path: Path) -> None:
    row = delivered(
        tmp_path, [decision("2026-03-01T07:30:00Z", "Sales"), decision("2026-03-01T07:59:00Z", "Finance")]
    )
    assert json.loads(row["inputs"])["department"] == "Finance"
    assert (row["rule_version"], row["satisfied"], row["records"]) == ("rev-42", "pass", 2)


def test_a_delivery_on_inputs_that_do_not_satisfy_the_rule_is_found(tmp_path: Path) -> None:
    assert delivered(tmp_path, [decision("2026-03-01T07:59:00Z", "Sales")])["satisfied"] == "fail"


def test_the_id_of_a_decision_goes_before_nearness(tmp_path: Path) -> None:
    decisions = [decision("2026-02-01T07:00:00Z", "Finance"), decision("2026-03-01T07:59:00Z", "Sales")]
    row = delivered(tmp_path, decisions, session="d-2026-02-01T07:00:00Z")
    assert json.loads(row["inputs"])["department"] == "Finance"


def test_a_decision_long_before_or_after_says_nothing(tmp_path: Path) -> None:
    decisions = [decision("2026-03-01T06:00:00Z", "Finance"), decision("2026-03-01T08:00:01Z", "Finance")]
    row = delivered(tmp_path, decisions)
    assert row["inputs"] is None
    assert row["satisfied"] == "no-evidence"


def test_inputs_that_the_log_itself_has_stand(tmp_path: Path) -> None:
    row = delivered(tmp_path, [decision("2026-03-01T07:59:00Z", "Sales")], inputs={"department": "Finance"})
    assert json.loads(row["inputs"]) == {"department": "Finance"}
