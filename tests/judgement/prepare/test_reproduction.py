"""A replay proves something only if the recorded decision first comes out as recorded."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import HIRED, Judged, Story

RULE = 'identity.department == "Finance" && identity.employment_type == "FTE"'
INPUTS = {"department": "Finance", "employment_type": "FTE"}
AT = "2026-02-02T08:00:00Z"


def corrected(**rule: Any) -> Story:
    """A grant by rule on a value that HR corrected later: wrong-attribute, if the replay proves anything."""
    story = Story().rule(RULE, **rule).person("nora.weber").person("emil.brandt")
    story.fact("nora.weber", "employment_type", "Contractor", HIRED, "2026-04-10T09:00:00Z")
    story.grant(AT, "nora.weber", rule="R-ERP", rule_version=1, inputs=INPUTS)
    return story.until("2026-04-30T08:00:00Z")


def denied(story: Story, at: str = "2026-02-03T08:00:00Z", action: str = "deny", **more: Any) -> Story:
    line: dict[str, Any] = {
        "executor": "erp-engine",
        "rule": "R-ERP",
        "rule_version": 1,
        "inputs": INPUTS,
    } | more
    return story.act(at, action, "emil.brandt@corp.example", **line)


def reproduced(judged: Judged) -> list[tuple[Any, ...]]:
    rows = judged.connection.execute(
        "SELECT outcome, result, reproduced, doubt FROM reproductions ORDER BY rowid"
    )
    return [tuple(row) for row in rows]


def test_a_decision_that_comes_out_as_recorded_is_reproduced(tmp_path: Path) -> None:
    judged = denied(corrected(), inputs={"department": "IT", "employment_type": "FTE"}).judge(tmp_path)
    assert sorted(reproduced(judged)) == [(0, 0, 1, 0), (1, 1, 1, 0)]
    assert judged.root("nora.weber") == "wrong-attribute"


@pytest.mark.parametrize("how", [{"action": "deny"}, {"action": "grant", "outcome": "failure"}])
def test_equal_inputs_and_opposite_outcomes_leave_it_undetermined(
    how: dict[str, str], tmp_path: Path
) -> None:
    judged = denied(corrected(), **how).judge(tmp_path)
    assert judged.root("nora.weber") == "undetermined"
    missing = judged.why("nora.weber")["missing"]
    assert any("every input that rule R-ERP version 1 read" in one["need"] for one in missing)
    assert {row[3] for row in reproduced(judged)} == {2}


def test_the_same_without_the_corrected_value_is_undetermined_too(tmp_path: Path) -> None:
    story = corrected()
    story.facts = [fact for fact in story.facts if fact["value"] != "Contractor"]
    assert denied(story).judge(tmp_path).root("nora.weber") == "undetermined"


def test_an_input_that_the_rule_does_not_read_explains_nothing(tmp_path: Path) -> None:
    judged = denied(corrected(), inputs=INPUTS | {"worker_id": "W-1002"}).judge(tmp_path)
    assert judged.root("nora.weber") == "undetermined"


def test_what_the_catalogue_proves_as_well_stands(tmp_path: Path) -> None:
    story = denied(corrected()).role(eligible='identity.employment_type == "FTE"')
    assert story.judge(tmp_path).root("nora.weber") == "wrong-attribute"


def test_another_version_or_other_inputs_show_nothing(tmp_path: Path) -> None:
    story = corrected(to="2026-02-15").rule(RULE, version=2, **{"from": "2026-02-15"})
    story = denied(story, at="2026-02-20T08:00:00Z", rule_version=2)
    assert story.judge(tmp_path).root("nora.weber") == "wrong-attribute"


def test_a_delivery_that_failed_and_was_tried_again_was_not_denied(tmp_path: Path) -> None:
    story = corrected()
    failed = dict(story.log[0]) | {"at": "2026-02-02T07:59:00Z", "outcome": "failure"}
    story.log.insert(0, failed)
    judged = story.judge(tmp_path)
    assert judged.root("nora.weber") == "wrong-attribute"
    assert reproduced(judged) == [(1, 1, 1, 0)]


def test_a_rule_that_granted_against_its_text_is_still_found(tmp_path: Path) -> None:
    story = Story().rule(RULE).person("nora.weber", department="IT").person("emil.brandt", department="IT")
    inputs = INPUTS | {"department": "IT"}
    story.grant(AT, "nora.weber", rule="R-ERP", rule_version=1, inputs=inputs)
    judged = denied(story, inputs=inputs).until("2026-04-30T08:00:00Z").judge(tmp_path)
    assert judged.root("nora.weber") == "rule-not-satisfied"


def test_an_unlogged_input_of_the_version_makes_its_other_findings_less_sure(tmp_path: Path) -> None:
    sure = corrected().judge(tmp_path / "sure").finding("nora.weber", "wrong-attribute")
    story = denied(corrected().person("ida.holm"), inputs=INPUTS | {"department": "Sales"})
    story.grant(AT, "ida.holm", rule="R-ERP", rule_version=1, inputs=INPUTS | {"department": "Sales"})
    judged = story.judge(tmp_path / "less")
    assert judged.root("nora.weber") == "wrong-attribute"
    assert judged.finding("nora.weber", "wrong-attribute")["confidence"] < sure["confidence"] == 1.0


def test_what_cannot_be_replayed_says_why(tmp_path: Path) -> None:
    story = Story().rule(RULE).rule("identity.department.matches('(')", "R-BAD").person("nora.weber")
    told: list[dict[str, Any]] = [
        {"rule": "R-NONE"},
        {"rule": "R-BAD", "inputs": INPUTS},
        {"rule": "R-ERP"},
        {"rule": "R-ERP", "inputs": {"department": "Finance"}, "rule_version": 1},
        {"rule": "R-ERP", "inputs": INPUTS | {"department": "IT"}, "rule_version": 1},
        {"rule": "R-ERP", "inputs": INPUTS},
    ]
    for number, more in enumerate(told):
        story.grant(f"2026-02-0{number + 1}T08:00:00Z", "nora.weber", **more)
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    rows = judged.connection.execute(
        "SELECT p.because, p.need FROM reproductions p JOIN events v ON v.id = p.event_id ORDER BY v.at"
    ).fetchall()
    for row, words in zip(
        rows,
        ["not in the register", "cannot be evaluated", "no inputs", "no employment_type", "is false", "does not name the version"],
        strict=True,
    ):  # fmt: skip
        assert words in row["because"]
        assert row["need"]
