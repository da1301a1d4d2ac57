"""Which control answers, and who owned it: the most specific, to the instant of the failure, and who stands in."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import HIRED, Story, mail, owner_of

NORA, MARTA = "nora.weber", "marta.klein"
GRANTED, LAST = "2026-02-03T09:00:00Z", "2026-08-01T09:00:00Z"
FINANCE = 'identity.department == "Finance"'


def undecided(**role: Any) -> Story:
    """Granted by hand; nobody had decided it."""
    story = Story().person(NORA).role(approval="required", **role).ticket_export("2026-01-05T09:00:00Z", LAST)
    return story.grant(GRANTED, NORA).until(LAST)


def owner(story: Story, folder: Path) -> tuple[str | None, str, str]:
    root = story.judge(folder).why(NORA)["root"]
    return root["control"], root["owner"], root["owner_basis"]


@pytest.mark.parametrize(
    ("covers", "winner"),
    [
        ([{"system": ["erp"]}, {"entitlement": ["gl-poster"]}], "B"),  # as many keys: more literal characters
        ([{"system": ["erp"], "entitlement": ["*"]}, {"entitlement": ["gl-poster"]}], "A"),  # more keys
        ([{"entitlement": ["gl-*"]}, {"entitlement": ["gl-pos*"]}], "B"),
        ([{"system": ["ERP"]}, {"system": ["erp"]}], "A"),  # the smaller id; names compare case-folded
        ([{"system": ["wiki", "erp"]}, {"system": ["wiki"]}], "A"),  # a list: any
        (
            [{"system": ["wiki"]}, {"system": ["erp"], "entitlement": ["other"]}],
            "PRV-01",
        ),  # every key has to match
        ([{"rule": ["R-*"]}, {"system": ["e*"]}], "B"),  # no rule granted it
    ],
)
def test_the_most_specific_control_answers(covers: list[dict[str, Any]], winner: str, tmp_path: Path) -> None:
    story = undecided()
    for name, one in zip("AB", covers, strict=True):
        story.control(name, "provisioning", mail(f"owner-{name.lower()}"), covers=one)
    assert owner(story, tmp_path)[0] == winner


@pytest.mark.parametrize("other", [{}, {"system": ["erp"], "entitlement": ["gl-poster"]}])
def test_access_by_rule_falls_to_the_provisioning_control_that_covers_the_rule(
    other: dict[str, Any], tmp_path: Path
) -> None:
    story = (
        Story()
        .person(NORA)
        .rule(FINANCE)
        .role()
        .control("ENG-01", "provisioning", mail("engine-owner"), covers={"rule": ["R-*"]})
        .control("PRV-ERP", "provisioning", mail("erp-owner"), covers=other)
    )
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"department": "Sales"}).until(LAST)
    assert owner(story, tmp_path) == ("ENG-01", mail("engine-owner"), "register")


@pytest.mark.parametrize(
    ("handover", "said"),
    [
        ("2026-02-03T09:00:00Z", "after"),
        ("2026-02-03T09:00:01Z", "before"),
        ("2026-02-03", "after"),  # a bare date is 00:00Z
        ("2026-02-03T10:00:00+01:00", "after"),
    ],
)
def test_the_seat_passes_on_to_the_instant(handover: str, said: str, tmp_path: Path) -> None:
    seats: list[dict[str, Any]] = [
        {"owner": mail("before"), "from": "2024-01-01", "to": handover},
        {"owner": mail("after"), "from": handover, "to": None},
    ]
    story = undecided().control("PRV-01", "provisioning", *seats)
    assert owner(story, tmp_path)[1] == mail(said)


def test_who_answers_is_the_owner_then_and_the_owner_now_is_told_beside(tmp_path: Path) -> None:
    seats: list[dict[str, Any]] = [
        {"owner": mail("before"), "from": "2024-01-01", "to": "2026-03-01"},
        {"owner": mail("after"), "from": "2026-03-01", "to": None},
    ]
    root = undecided().control("PRV-01", "provisioning", *seats).judge(tmp_path).why(NORA)["root"]
    assert (root["owner"], root["owner_now"]) == (mail("before"), mail("after"))


def test_without_a_control_the_role_owner_stands_in(tmp_path: Path) -> None:
    story = undecided(owner=mail("role-owner")).without_control("provisioning")
    assert owner(story, tmp_path) == (None, mail("role-owner"), "derived")


def test_without_a_role_owner_the_owner_of_what_delivered_it_stands_in(tmp_path: Path) -> None:
    assert owner(undecided().without_control("provisioning"), tmp_path) == (None, mail("platform"), "derived")


def test_for_a_rule_without_a_control_the_process_owner_stands_in(tmp_path: Path) -> None:
    story = (
        Story().person(NORA).rule(FINANCE, owner=None).role(owner=mail("role-owner")).without_control("rule")
    )
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"department": "Finance"}).until(LAST)
    assert owner(story, tmp_path) == (None, owner_of("request"), "derived")


def test_of_source_data_the_system_whose_value_was_wrong_counts(tmp_path: Path) -> None:
    story = Story().person(NORA).rule(FINANCE).role()
    story.control(
        "HR-WD",
        "source-data",
        mail("workday-team"),
        covers={"system": ["workday"], "attribute": ["department"]},
    )
    story.control(
        "HR-ERP", "source-data", mail("erp-team"), covers={"system": ["erp"], "attribute": ["department"]}
    )
    story.fact(NORA, "department", "Legal", HIRED, "2026-04-01T00:00:00Z")
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"department": "Finance"}).until(LAST)
    assert owner(story, tmp_path) == ("HR-WD", mail("workday-team"), "register")


def test_sources_that_disagree_answer_together_and_the_one_that_was_believed_first(tmp_path: Path) -> None:
    story = Story().person(NORA, system="zeus").rule(FINANCE).role()
    for name in ("argos", "zeus"):
        story.control(name.upper(), "source-data", mail(f"{name}-team"), covers={"system": [name]})
    story.fact(NORA, "department", "Legal", HIRED, system="argos")
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"department": "Finance"}).until(LAST)
    root = story.judge(tmp_path).why(NORA)["root"]
    assert (root["mode"], root["owner"]) == ("conflicting-sources", mail("zeus-team"))
    assert root["shared_with"] == [mail("argos-team")]
    assert "argos held Legal" in root["because"]
    assert "zeus held Finance" in root["because"]


def test_no_approver_answers_for_what_sources_of_truth_told_differently(tmp_path: Path) -> None:
    """One source allowed it, and an approver may have read that one."""
    story = Story().person(NORA, system="zeus").role(eligible=FINANCE, approval="required")
    for name in ("argos", "zeus"):
        story.control(name.upper(), "source-data", mail(f"{name}-team"), covers={"system": [name]})
    story.fact(NORA, "department", "Legal", "2025-11-01T00:00:00Z", HIRED, system="argos")
    story.authority("grace.lindt").ticket(
        "ACC-1", NORA, "2026-02-02T08:00:00Z", [("grace.lindt", "2026-02-02T09:00:00Z")]
    )
    story.grant(GRANTED, NORA, ticket="ACC-1").until(LAST)
    judged = story.judge(tmp_path)
    root = judged.why(NORA)["root"]
    assert (root["mode"], root["owner"]) == ("conflicting-sources", mail("zeus-team"))
    assert root["shared_with"] == [mail("argos-team")]
    assert "policy-ineligible" not in judged.modes(NORA)
