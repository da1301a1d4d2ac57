"""The order of roots: delivery before source data before decision before what should have ended it."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import HIRED, Story, mail, owner_of

NORA, MARTA = "nora.weber", "marta.klein"
ASKED, APPROVED, GRANTED, LAST = (
    "2026-02-01T09:00:00Z",
    "2026-02-02T09:00:00Z",
    "2026-02-03T09:00:00Z",
    "2026-08-01T09:00:00Z",
)
STAFF = 'identity.employment_type == "FTE"'


def asked(granted: str = GRANTED, **ticket: Any) -> Story:
    """Approved by Marta without authority and without the justification that the catalogue asks for."""
    story = Story().person(NORA).role(eligible=STAFF, approval="required", justification="required")
    story.authority("gus.holt").ticket_export("2026-01-05T09:00:00Z", LAST)
    story.ticket("ACC-1", NORA, ASKED, [(MARTA, APPROVED)], justification=None, **ticket)
    return story.grant(granted, NORA, ticket="ACC-1").until(LAST)


def test_of_several_decisions_the_first_in_the_order_is_the_root(tmp_path: Path) -> None:
    judged = asked().judge(tmp_path)
    assert judged.root(NORA) == "approver-lacks-authority"
    assert judged.modes(NORA) == {"approver-lacks-authority", "no-justification"}


def test_source_data_goes_before_decisions(tmp_path: Path) -> None:
    story = asked().fact(NORA, "employment_type", "Temp", HIRED, "2026-04-01T00:00:00Z")
    judged = story.judge(tmp_path)
    assert judged.root(NORA) == "wrong-attribute"
    assert "approver-lacks-authority" in judged.modes(NORA)


def test_delivery_goes_before_source_data(tmp_path: Path) -> None:
    story = asked("2026-02-01T10:00:00Z").fact(NORA, "employment_type", "Temp", HIRED, "2026-04-01T00:00:00Z")
    judged = story.judge(tmp_path)
    assert judged.root(NORA) == "provisioned-before-approval"
    assert {"wrong-attribute", "approver-lacks-authority"} <= judged.modes(NORA)


def test_what_failed_to_stop_it_contributes_only(tmp_path: Path) -> None:
    story = asked().policy(verification_window="PT24H", review_interval="P90D")
    for at in ("2026-01-02T09:00:00Z", "2026-07-30T09:00:00Z"):
        story.act(at, "verify", mail("otto.kern"), "reporting-viewer")
        story.review(at, "otto.kern", "remove", entitlement="reporting-viewer")
    judged = story.judge(tmp_path)
    assert judged.root(NORA) == "approver-lacks-authority"
    assert {"not-verified", "review-missed"} <= judged.modes(NORA)
    assert judged.why(NORA)["grant"]["wrong_since"] == "2026-02-03T09:00:00.000Z"


def test_never_wrong_is_a_weakness_of_the_first_in_the_table(tmp_path: Path) -> None:
    story = Story().person(NORA).rule(STAFF, owner=None).role(eligible=STAFF).policy(rule_tests="required")
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"employment_type": "FTE"}).until(LAST)
    answer = story.judge(tmp_path).why(NORA)
    assert (answer["verdict"], answer["root"]["mode"]) == ("control-weakness", "unowned-rule")
    assert [one["mode"] for one in answer["contributing"]] == ["rule-untested"]
    assert answer["grant"]["wrong_since"] is None


@pytest.mark.parametrize(
    "mode", ["policy-ineligible", "self-approval", "approver-lacks-authority", "expiry-not-enforced"]
)
def test_an_exception_is_its_own_basis(mode: str, tmp_path: Path) -> None:
    story = Story().person(NORA, employment_type="Temp").role(eligible=STAFF, approval="required")
    story.ticket_export("2026-01-05T09:00:00Z", LAST)
    story.add("exceptions", id="EX-7", kind="local", identity=mail(NORA), system="erp", entitlement="gl-poster",
              recorded_by=mail(MARTA), recorded_at="2026-02-01", approved_by=mail(MARTA), expires_at="2026-12-31",
              cleanup_owner=mail(MARTA))  # fmt: skip
    judged = story.grant(GRANTED, NORA).until(LAST).judge(tmp_path)
    assert (judged.why(NORA)["grant"]["basis"], judged.root(NORA)) == ("exception", "conforming")
    assert judged.check(mode, NORA) == "not-applicable"


def test_an_exception_approved_by_its_owner_is_allowed_where_others_may_approve_the_access(
    tmp_path: Path,
) -> None:
    story = Story().person(NORA).role(approval="required").authority("gus.holt")
    story.add("exceptions", id="EX-7", kind="local", identity=mail(NORA), system="erp", entitlement="gl-poster",
              recorded_at="2026-02-01", approved_by=owner_of("exception"), expires_at="2026-12-31")  # fmt: skip
    assert story.grant(GRANTED, NORA).until(LAST).judge(tmp_path).root(NORA) == "conforming"


def test_missing_evidence_for_a_review_leaves_right_access_conforming(tmp_path: Path) -> None:
    story = Story().person(NORA).rule(STAFF).role(eligible=STAFF).policy(review_interval="P30D")
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"employment_type": "FTE"}).until(LAST)
    answer = story.judge(tmp_path).why(NORA)
    assert answer["verdict"] == "conforming"
    assert any("access reviews" in one["need"] for one in answer["missing"])
