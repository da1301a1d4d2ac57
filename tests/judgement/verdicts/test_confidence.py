"""Confidence: 1 where every link is an id in a record, less for each that is not, less where evidence is missing."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import Story

NORA, MARTA = "nora.weber", "marta.klein"
GRANTED, LAST = "2026-02-03T09:00:00Z", "2026-08-01T09:00:00Z"


def by_rule(**logged: Any) -> Story:
    eligible = 'identity.employment_type == "FTE"'
    story = (
        Story()
        .person(NORA, employment_type="Temp")
        .rule('identity.department == "Finance"')
        .role(eligible=eligible)
    )
    line: dict[str, Any] = {"rule": "R-ERP", "rule_version": 1, "inputs": {"department": "Finance"}} | logged
    return story.grant(GRANTED, NORA, **line).until(LAST)


def by_ticket(ticket: str | None, *, mapped: bool = True) -> Story:
    story = Story().person(NORA).role(approval="required", justification="required").authority("gus.holt")
    story.ticket(
        "ACC-1",
        NORA,
        "2026-02-01T09:00:00Z",
        [(MARTA, "2026-02-02T09:00:00Z")],
        justification=None if not mapped else "x",
    )
    if not mapped:
        del story.register["tickets"]["jira"]["justification"]
    return story.grant(GRANTED, NORA, ticket=ticket).until(LAST)


def sure(story: Story, folder: Path) -> float:
    return float(story.judge(folder).why(NORA)["root"]["confidence"])


def test_every_link_by_id_is_certain(tmp_path: Path) -> None:
    assert sure(by_rule(), tmp_path / "rule") == 1.0
    assert sure(by_ticket("ACC-1"), tmp_path / "ticket") == 1.0


@pytest.mark.parametrize("logged", [{"rule_version": None}, {"inputs": {}}])
def test_what_the_engine_did_not_log_is_inferred(logged: dict[str, Any], tmp_path: Path) -> None:
    assert sure(by_rule(**logged), tmp_path) <= 0.95


def test_a_ticket_found_by_time_and_names_is_never_certain(tmp_path: Path) -> None:
    assert sure(by_ticket(None), tmp_path) == 0.95


def test_missing_evidence_lowers_it_and_adds_to_what_is_inferred(tmp_path: Path) -> None:
    assert sure(by_ticket("ACC-1", mapped=False), tmp_path / "one") == 0.82
    assert sure(by_ticket(None, mapped=False), tmp_path / "both") == 0.78


def test_a_derived_owner_and_an_absent_record_lower_it(tmp_path: Path) -> None:
    bare = Story().person(NORA).role(approval="required").ticket_export("2026-01-05T09:00:00Z", LAST)
    bare.grant(GRANTED, NORA).until(LAST)
    assert sure(bare, tmp_path / "absent") == 0.98
    assert sure(bare.without_control("provisioning"), tmp_path / "derived") == 0.93
