"""Who else a finding reaches, and what was done with the access while it was wrong."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from benchmarks.accuracy.judging import write
from benchmarks.accuracy.organisation import simulate
from tests.story import Story, mail

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.blast import Radii, blast
from tracer.questions.uses import uses_of

RULE = 'identity.department == "Finance"'
NARROW = 'identity.department == "Finance" && identity.employment_type == "FTE"'


def reached(answer: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    return {one["identity"].split("@")[0]: (one["failed"], one["because"]) for one in answer["grants"]}


def test_a_bad_rule_version_reaches_what_it_granted_since_and_nothing_of_another_version(
    tmp_path: Path,
) -> None:
    story = Story().rule(NARROW, to="2026-02-01").rule(RULE, version=2, **{"from": "2026-02-01"})
    story.role(eligible=NARROW)
    for name, kind in (("nora.weber", "Contractor"), ("ola.berg", "FTE"), ("pia.roth", "FTE")):
        story.person(name, employment_type=kind)
    inputs = {"department": "Finance", "employment_type": "FTE"}
    story.grant("2026-01-10T08:00:00Z", "pia.roth", rule="R-ERP", rule_version=1, inputs=inputs)
    story.grant(
        "2026-02-02T08:00:00Z",
        "nora.weber",
        rule="R-ERP",
        rule_version=2,
        inputs=inputs | {"employment_type": "Contractor"},
    )
    story.grant("2026-02-03T08:00:00Z", "ola.berg", rule="R-ERP", rule_version=2, inputs=inputs)
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    root = judged.why("nora.weber")["root"]
    assert root["mode"] == "rule-overgrants"
    answer = blast(judged.connection, root["id"])
    assert reached(answer) == {"ola.berg": (False, "rule R-ERP version 2")}
    assert answer["since"] == "2026-02-02T08:00:00.000Z"


def test_an_approver_without_authority_reaches_what_they_approved_without_it(tmp_path: Path) -> None:
    story = Story().role(approval="required").authority("rosa.lund")
    story.authority("hugo.lind", **{"to": "2026-01-01"})
    for name in ("nora.weber", "ola.berg", "pia.roth"):
        story.person(name)
    for number, (name, approver) in enumerate(
        [("nora.weber", "hugo.lind"), ("ola.berg", "hugo.lind"), ("pia.roth", "rosa.lund")]
    ):
        day = f"2026-02-0{number + 2}"
        story.ticket(f"ACC-{number}", name, f"{day}T08:00:00Z", [(approver, f"{day}T09:00:00Z")])
        story.grant(f"{day}T10:00:00Z", name, ticket=f"ACC-{number}")
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    root = judged.why("nora.weber")["root"]
    assert root["mode"] == "approver-lacks-authority"
    found = reached(blast(judged.connection, root["id"]))
    assert found == {"ola.berg": (True, f"approved without authority by {mail('hugo.lind')}")}


def _scopes(tmp_path: Path) -> tuple[sqlite3.Connection, dict[str, Any]]:
    """Three deliveries by one executor: one too wide, one right after it, one right before it."""
    story = Story().role(approval="required").authority("rosa.lund")
    for number, (name, scope) in enumerate(
        [("pia.roth", "LEDGER"), ("nora.weber", "*"), ("ola.berg", "LEDGER")]
    ):
        day = f"2026-02-0{number + 2}"
        story.person(name)
        story.ticket(
            f"ACC-{number}", name, f"{day}T08:00:00Z", [("rosa.lund", f"{day}T09:00:00Z")], scope="LEDGER"
        )
        story.grant(f"{day}T10:00:00Z", name, ticket=f"ACC-{number}", scope=scope)
    story.act("2026-02-20T10:00:00Z", "use", mail("nora.weber"), executor=mail("nora.weber"))
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    answer = judged.why("nora.weber")
    return judged.connection, answer


def test_an_executor_reaches_what_it_delivered_since_it_first_failed(tmp_path: Path) -> None:
    connection, answer = _scopes(tmp_path)
    assert answer["root"]["mode"] == "scope-exceeds-approval"
    found = blast(connection, answer["root"]["id"])
    assert reached(found) == {"ola.berg": (False, "granted in erp by desk-bot")}
    assert found["blast_radius"] == answer["blast_radius"] == {"grants": 1, "identities": 1, "failed": 0}


def test_the_radius_in_why_is_the_one_of_blast_for_every_finding(tmp_path: Path) -> None:
    from tracer.questions.why import grant_of

    case = tmp_path / "sample.db"
    ingest(case, [str(Path(__file__).parents[2] / "samples" / "evidence")])
    connection = open_case(case)
    judge(connection)
    roots = connection.execute("SELECT id, root_finding_id FROM grants WHERE root_finding_id IS NOT NULL")
    radii = Radii(connection)
    for row in roots.fetchall():
        answer, found = grant_of(connection, row["id"]), blast(connection, row["root_finding_id"])
        assert answer["blast_radius"] == found["blast_radius"] == radii.of(row["root_finding_id"])
        assert answer["uses"] == found["uses"]
        for one in found["grants"]:
            if one["verdict"] == "wrong-access":
                assert one["uses"] == uses_of(connection, one["grant_id"])["count"]


def test_findings_of_one_cause_reach_the_same_but_their_own_grant(tmp_path: Path) -> None:
    case = tmp_path / "case.db"
    write(simulate(8, seed=1, rounds=1).files, tmp_path / "evidence")
    ingest(case, [str(tmp_path / "evidence")])
    connection = open_case(case)
    judge(connection)
    radii = Radii(connection)
    findings = connection.execute("SELECT id FROM findings ORDER BY id").fetchall()
    assert len(findings) > 100
    for (finding,) in findings:
        assert radii.of(finding) == blast(connection, finding)["blast_radius"]


def test_uses_are_counted_where_they_are_told_and_null_where_nobody_logs_them(tmp_path: Path) -> None:
    connection, answer = _scopes(tmp_path)
    assert answer["uses"]["count"] == 1
    [other] = blast(connection, answer["root"]["id"])["grants"]
    assert other["uses"] is None
    assert json.loads(json.dumps(other))["still_open"] is True


def test_a_system_without_a_log_of_uses_gives_null_and_never_0(tmp_path: Path) -> None:
    story = Story().role(approval="required").authority("rosa.lund").person("nora.weber")
    story.ticket(
        "ACC-1",
        "nora.weber",
        "2026-02-02T08:00:00Z",
        [("rosa.lund", "2026-02-02T09:00:00Z")],
        scope="LEDGER",
    )
    story.grant("2026-02-02T10:00:00Z", "nora.weber", ticket="ACC-1")
    story.grant("2026-04-30T08:00:00Z", "otto.kern", "reporting-viewer")
    answer = story.judge(tmp_path).why("nora.weber")
    assert answer["root"]["mode"] == "scope-exceeds-approval"
    assert answer["uses"] == {"count": None, "first_at": None, "last_at": None}
