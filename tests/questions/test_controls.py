"""Controls: owners over time, runs, failures, missing evidence."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import Judged, Story

from tracer.questions.controls import controls


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    story = Story().role(approval="required").authority("rosa.lund")
    story.control(
        "PRV-01", "provisioning",
        {"owner": "ann@corp.example", "role": "First", "from": "2024-01-01", "to": "2025-01-01"},
        {"owner": "bo@corp.example", "role": "Second", "from": "2025-06-01", "to": None},
        responder="desk@corp.example",
    )  # fmt: skip
    for number, name in enumerate(("nora.weber", "ola.berg", "pia.roth")):
        day = f"2026-02-0{number + 2}"
        story.person(name)
        story.ticket(
            f"ACC-{number}", name, f"{day}T08:00:00Z", [("rosa.lund", f"{day}T09:00:00Z")], scope="A"
        )
        story.grant(f"{day}T10:00:00Z", name, ticket=f"ACC-{number}", scope="A" if number else "*")
    story.grant("2026-03-20T10:00:00Z", "quinn.ross")
    return story.until("2026-04-30T08:00:00Z").judge(tmp_path_factory.mktemp("controls"))


def row(judged: Judged, control: str) -> dict[str, Any]:
    return next(one for one in controls(judged.connection) if one["control"] == control)


def test_every_control_of_the_register_is_there_and_those_that_failed_come_first(judged: Judged) -> None:
    rows = controls(judged.connection)
    assert len(rows) == 13
    assert rows[0]["failed"] >= rows[-1]["failed"]
    assert rows[0]["failed"] > 0


def test_an_empty_seat_between_two_owners_is_a_row_of_its_own(judged: Judged) -> None:
    found = row(judged, "PRV-01")
    assert [(seat["owner"], seat["from"][:10], (seat["to"] or "")[:10]) for seat in found["owners"]] == [
        ("ann@corp.example", "2024-01-01", "2025-01-01"),
        (None, "2025-01-01", "2025-06-01"),
        ("bo@corp.example", "2025-06-01", ""),
    ]
    assert (found["owner_now"], found["responder"]) == ("bo@corp.example", "desk@corp.example")


def test_runs_are_results_and_missing_evidence_is_none(judged: Judged) -> None:
    counted = dict(
        judged.connection.execute(
            """SELECT verdict, count(*) FROM checks WHERE mode = 'scope-exceeds-approval' GROUP BY verdict"""
        ).fetchall()
    )
    one = judged.connection.execute(
        "SELECT * FROM control_runs WHERE control = 'PRV-01' AND mode = 'scope-exceeds-approval'"
    ).fetchone()
    assert (one["runs"], one["failed"]) == (counted["pass"] + counted["fail"], counted["fail"]) == (3, 1)


def test_what_lacked_evidence_is_counted_apart(judged: Judged) -> None:
    """The last grant lies after every ticket in evidence: whether anybody decided it, nobody can say."""
    assert judged.check("no-decision", "quinn.ross") == "no-evidence"
    assert row(judged, "PRV-01")["no_evidence"] >= 1


def test_where_the_register_says_so(judged: Judged) -> None:
    found = row(judged, "PRV-01")
    assert Path(found["file"]).name == "register.yaml"
    assert isinstance(found["ordinal"], int)


def test_without_a_register_there_are_none(tmp_path: Path) -> None:
    story = Story()
    story.register = {"policy": {}}
    story.grant("2026-03-20T10:00:00Z", "quinn.ross")
    assert controls(story.judge(tmp_path).connection) == []
