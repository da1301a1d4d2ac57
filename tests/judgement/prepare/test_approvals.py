"""Approvals: whose they are, with what authority, of several approvers, of groups, on somebody's behalf."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import Story, mail, owner_of

NORA, MARTA, GUS = "nora.weber", "marta.klein", "gus.holt"
ASKED, APPROVED, GRANTED, LAST = (
    "2026-02-01T09:00:00Z",
    "2026-02-02T09:00:00Z",
    "2026-02-03T09:00:00Z",
    "2026-08-01T09:00:00Z",
)


def approved_by(*approvers: str, **ticket: Any) -> Story:
    story = Story().person(NORA).role(approval="required")
    story.ticket("ACC-1", NORA, ASKED, [(name, APPROVED) for name in approvers], **ticket)
    return story.grant(GRANTED, NORA, ticket="ACC-1").until(LAST)


def test_the_requester_may_not_approve_what_they_ask_for_somebody_else(tmp_path: Path) -> None:
    judged = approved_by(MARTA, requester=MARTA).authority(MARTA).judge(tmp_path)
    root = judged.why(NORA)["root"]
    assert (root["mode"], root["owner"], root["shared_with"]) == (
        "self-approval",
        mail(MARTA),
        [owner_of("approval")],
    )


@pytest.mark.parametrize("name", [mail(NORA), "NWEBER", mail("nora.w")])
def test_an_alias_of_the_register_is_the_same_person(name: str, tmp_path: Path) -> None:
    story = approved_by(name).authority(mail(NORA))
    accounts = [{"system": "jira", "name": one} for one in (mail("nweber"), mail("nora.w"))]
    story.add("identities", id=mail(NORA), kind="human", accounts=accounts)
    assert story.judge(tmp_path).root(NORA) == "self-approval"


def test_a_second_approver_with_authority_makes_a_self_approval_harmless(tmp_path: Path) -> None:
    story = approved_by(NORA, GUS).authority(NORA).authority(GUS)
    assert story.judge(tmp_path).root(NORA) == "conforming"


def test_an_agent_that_acts_for_the_beneficiary_approves_for_them(tmp_path: Path) -> None:
    story = approved_by("helper").authority("helper")
    story.identity("helper-agent", "ai-agent", owner=NORA, on_behalf_of=mail(NORA),
                   accounts=[{"system": "jira", "name": mail("helper")}])  # fmt: skip
    assert story.judge(tmp_path).root(NORA) == "self-approval"


@pytest.mark.parametrize(("entitled", "said"), [(MARTA, "conforming"), (GUS, "approver-lacks-authority")])
def test_an_agent_has_the_authority_of_whom_it_acts_for(entitled: str, said: str, tmp_path: Path) -> None:
    story = approved_by("helper").authority(entitled).person(MARTA)
    story.identity("helper-agent", "ai-agent", owner=MARTA, on_behalf_of=mail(MARTA),
                   accounts=[{"system": "jira", "name": mail("helper")}])  # fmt: skip
    assert story.judge(tmp_path).root(NORA) == said


@pytest.mark.parametrize(
    ("left", "said"), [(None, "conforming"), ("2026-02-01T00:00:00Z", "approver-lacks-authority")]
)
def test_who_is_in_a_group_has_its_authority_while_they_are(
    left: str | None, said: str, tmp_path: Path
) -> None:
    story = approved_by(MARTA).authority("erp-approvers").person(MARTA)
    story.register["authorities"][0]["approver"] = "erp-approvers"
    story.identity("erp-approvers", "group", accounts=[{"system": "erp", "name": "erp-approvers"}])
    story.rule(
        'identity.status == "active"', "R-GRP", grants=[{"system": "erp", "entitlement": "erp-approvers"}]
    )
    inputs = {"status": "active"}
    story.grant("2026-01-05T09:00:00Z", MARTA, "erp-approvers", rule="R-GRP", rule_version=1, inputs=inputs)
    if left:
        story.act(left, "revoke", mail(MARTA), "erp-approvers")
    assert story.judge(tmp_path).root(NORA) == said


def test_delegations_in_a_circle_give_nobody_authority(tmp_path: Path) -> None:
    story = approved_by(MARTA)
    story.authority(MARTA, delegated_by=mail(GUS)).authority(GUS, delegated_by=mail(MARTA))
    judged = story.judge(tmp_path)
    assert (judged.root(NORA), judged.why(NORA)["root"]["owner"]) == ("delegation-invalid", mail(GUS))


def test_a_delegation_that_had_not_begun(tmp_path: Path) -> None:
    story = (
        approved_by(MARTA).authority(GUS).authority(MARTA, delegated_by=mail(GUS), **{"from": "2026-02-03"})
    )
    assert story.judge(tmp_path).root(NORA) == "delegation-invalid"


def test_own_authority_stands_beside_a_delegation_that_ended(tmp_path: Path) -> None:
    story = approved_by(MARTA).authority(GUS).authority(MARTA, delegated_by=mail(GUS), to="2026-01-01")
    assert story.authority(MARTA).judge(tmp_path).root(NORA) == "conforming"


def test_where_the_register_names_nobody_who_may_approve_it_is_not_known(tmp_path: Path) -> None:
    judged = approved_by(MARTA).judge(tmp_path)
    assert judged.root(NORA) == "undetermined"
    assert any("authorities" in one["need"] for one in judged.why(NORA)["missing"])


@pytest.mark.parametrize(
    ("ended", "said"),
    [(GUS, "undetermined"), (MARTA, "approver-lacks-authority")],
    ids=["of another, whose successor the list lacks", "of the approver"],
)
def test_where_the_only_authority_is_over_a_successor_may_be_missing(
    ended: str, said: str, tmp_path: Path
) -> None:
    story = approved_by(MARTA).authority(ended, to="2026-01-01")
    assert story.judge(tmp_path).root(NORA) == said


def habit(approvers: list[str], number: int) -> Story:
    """So many requests that each of these approved, whom the register does not name, and as many that Gus did, whom it does."""
    story = Story().role(approval="required").authority(GUS).until(LAST)
    for approver in [*approvers, GUS]:
        for one in range(number):
            name = f"person{one}.{approver.split('.')[0]}"
            story.person(name).ticket(f"ACC-{name}", name, ASKED, [(approver, APPROVED)])
            story.grant(GRANTED, name, ticket=f"ACC-{name}")
    return story


UNNAMED = [f"{name}.kern" for name in ("olga", "ida", "bo", "pia", "ulf")]


@pytest.mark.parametrize(
    ("several", "number", "said"),
    [
        pytest.param(1, 12, "approver-lacks-authority", id="one who does it as a rule"),
        pytest.param(3, 12, "approver-lacks-authority", id="a few"),
        pytest.param(5, 4, "approver-lacks-authority", id="several now and then"),
        pytest.param(5, 8, "undetermined", id="several as a rule"),
    ],
)
def test_a_list_that_lacks_several_who_approve_as_a_rule_proves_nothing(
    several: int, number: int, said: str, tmp_path: Path
) -> None:
    judged = habit(UNNAMED[:several], number).judge(tmp_path)
    assert judged.root("person0.olga") == said
    asked_for = [one["need"] for one in judged.why("person0.olga")["missing"]]
    assert any(mail("olga.kern") in need for need in asked_for) is (said == "undetermined")
    assert judged.root("person0.gus") == "conforming"


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        ({}, "without authority for gl-poster at that time; the register gives them none"),
        ({"to": "2026-02-02"}, "the register gives them one which ended at 2026-02-02T00:00:00.000Z"),
        ({"from": "2026-03-01"}, "the register gives them one which begins only at 2026-03-01T00:00:00.000Z"),
    ],
)
def test_why_an_authority_is_none_is_said(seat: dict[str, str], said: str, tmp_path: Path) -> None:
    story = approved_by(MARTA).authority(GUS)
    if seat:
        story.authority(MARTA, **seat)
    assert story.judge(tmp_path).finding(NORA, "approver-lacks-authority")["because"].endswith(said)


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        ({"to": "2026-02-02"}, "which ended at 2026-02-02T00:00:00.000Z"),
        ({"from": "2026-03-01"}, "which begins only at 2026-03-01T00:00:00.000Z"),
        ({"delegated_by": mail("otto.kern")}, "who had no authority for it then"),
    ],
)
def test_why_a_delegation_is_invalid_is_said(seat: dict[str, str], said: str, tmp_path: Path) -> None:
    story = approved_by(MARTA).authority(GUS).authority(MARTA, **({"delegated_by": mail(GUS)} | seat))
    assert story.judge(tmp_path).finding(NORA, "delegation-invalid")["because"].endswith(", " + said)


def test_for_whom_an_agent_approved_is_said(tmp_path: Path) -> None:
    story = approved_by("helper", requester="otto.kern").authority("helper")
    story.identity("helper-agent", "ai-agent", owner=NORA, on_behalf_of=mail(NORA),
                   accounts=[{"system": "jira", "name": mail("helper")}])  # fmt: skip
    because = story.judge(tmp_path).finding(NORA, "self-approval")["because"]
    assert because.startswith(f"helper-agent, who acts for {mail(NORA)}, approved ACC-1 at ")
