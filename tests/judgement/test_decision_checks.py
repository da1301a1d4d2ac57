"""The checks of rules, requests, approvals, reviews and governance: what fails them, what does not, what is not known."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import HIRED, Story, mail, owner_of

FINANCE = 'identity.department == "Finance"'
GRANTED, LATER = "2026-02-03T09:00:00Z", "2026-08-01T09:00:00Z"
NORA = "nora.weber"


def by_rule(**rule: Any) -> Story:
    story = Story().person(NORA).rule(FINANCE, **rule).role(eligible=FINANCE)
    inputs = {"department": "Finance"}
    return story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs=inputs).until(LATER)


def by_ticket(role: dict[str, Any] | None = None, **ticket: Any) -> Story:
    story = Story().person(NORA).person("marta.klein").role(approval="required", **(role or {}))
    story.authority("marta.klein").ticket_export("2026-01-05T09:00:00Z", LATER)
    story.ticket("ACC-1", NORA, "2026-02-01T09:00:00Z", [("marta.klein", "2026-02-02T09:00:00Z")], **ticket)
    return story.grant(GRANTED, NORA, ticket="ACC-1").until(LATER)


# Rules


def test_a_rule_without_a_business_owner_is_a_weakness_of_the_rule_control(tmp_path: Path) -> None:
    judged = by_rule(owner=None).judge(tmp_path)
    assert judged.root(NORA) == "unowned-rule"
    found = judged.finding(NORA, "unowned-rule")
    assert (found["owner"], found["part"]) == (owner_of("rule"), "failed-to-stop")
    assert judged.why(NORA)["verdict"] == "control-weakness"


@pytest.mark.parametrize(
    ("limit", "reviewed", "said"),
    [
        ("P90D", ["2026-01-05"], "pass"),
        ("P90D", ["2024-01-05", "2025-11-05T09:00:00Z"], "fail"),  # to the instant: its last is excluded
        ("P90D", ["2025-11-05T09:00:01Z"], "pass"),
        ("P90D", ["2026-02-04"], "fail"),  # reviewed only after it granted
        ("P90D", None, "fail"),
        (None, None, "not-applicable"),
    ],
)
def test_a_rule_has_to_be_reviewed_as_often_as_the_policy_says(
    limit: str | None, reviewed: list[str] | None, said: str, tmp_path: Path
) -> None:
    story = by_rule(reviewed_at=reviewed).policy(rule_review_interval=limit)
    assert story.judge(tmp_path).check("rule-unreviewed", NORA) == said


@pytest.mark.parametrize(
    ("tests", "tested", "said"),
    [
        ("required", "2024-12-31", "pass"),
        ("required", "2025-01-01", "pass"),
        ("required", "2025-02-01", "fail"),  # in force before it was tested
        ("required", None, "fail"),
        ("optional", None, "not-applicable"),
        (None, None, "not-applicable"),
    ],
)
def test_a_rule_version_has_to_be_tested_before_it_goes_into_force_if_the_policy_says_so(
    tests: str | None, tested: str | None, said: str, tmp_path: Path
) -> None:
    story = by_rule(tested_at=tested).policy(rule_tests=tests)
    assert story.judge(tmp_path).check("rule-untested", NORA) == said


def test_a_rule_that_is_not_in_the_register_accuses_nobody(tmp_path: Path) -> None:
    story = by_rule().policy(rule_tests="required", rule_review_interval="P90D")
    del story.register["rules"]
    judged = story.judge(tmp_path)
    for mode in ("unowned-rule", "rule-untested", "rule-unreviewed"):
        assert judged.check(mode, NORA) == "no-evidence"
    assert judged.root(NORA) == "undetermined"
    assert any("R-ERP version 1" in one["need"] for one in judged.why(NORA)["missing"])


# Requests


@pytest.mark.parametrize(
    ("justification", "catalogue", "said"),
    [
        ("Quarter-end", "required", "conforming"),
        (None, "required", "no-justification"),
        ("  ", "required", "no-justification"),
        (None, "optional", "conforming"),
        (None, None, "conforming"),
    ],
)
def test_a_justification_is_asked_for_where_the_catalogue_requires_it(
    justification: str | None, catalogue: str | None, said: str, tmp_path: Path
) -> None:
    story = by_ticket({"justification": catalogue}, justification=justification)
    judged = story.judge(tmp_path)
    assert judged.root(NORA) == said
    if said == "no-justification":
        assert judged.why(NORA)["root"]["owner"] == owner_of("request")


def test_a_field_that_nobody_named_is_not_an_empty_one(tmp_path: Path) -> None:
    story = by_ticket({"justification": "required"}, justification=None)
    del story.register["tickets"]["jira"]["justification"]
    judged = story.judge(tmp_path)
    assert judged.root(NORA) == "undetermined"
    assert any("justification" in one["need"] for one in judged.why(NORA)["missing"])


def test_access_out_of_free_text_falls_to_the_process_owner(tmp_path: Path) -> None:
    judged = by_ticket(entitlement=None).judge(tmp_path)
    assert (judged.root(NORA), judged.why(NORA)["root"]["owner"]) == (
        "free-text-request",
        owner_of("request"),
    )


def test_a_field_that_no_ticket_has_is_named_wrongly_and_proves_no_free_text(tmp_path: Path) -> None:
    story = by_ticket()
    story.register["tickets"]["jira"]["entitlement"] = "customfield_99999"
    assert story.judge(tmp_path).root(NORA) == "undetermined"


# Approvals


def test_an_approver_who_had_left_while_their_authority_stood(tmp_path: Path) -> None:
    story = by_ticket().fact("marta.klein", "status", "terminated", "2026-01-31T00:00:00Z")
    judged = story.judge(tmp_path)
    assert judged.why(NORA)["verdict"] == "control-weakness"
    found = judged.finding(NORA, "stale-authority")
    assert found["owner"] == owner_of("request")
    assert "terminated" in found["because"]


@pytest.mark.parametrize(
    ("status", "at"),
    [
        ("terminated", "2026-02-02T09:00:01Z"),  # left a second after approving
        ("on leave", "2026-01-31T00:00:00Z"),
        ("Active", "2026-01-31T00:00:00Z"),
    ],
)
def test_an_approver_who_had_not_left(status: str, at: str, tmp_path: Path) -> None:
    assert by_ticket().fact("marta.klein", "status", status, at).judge(tmp_path).root(NORA) == "conforming"


def test_an_approver_who_had_come_back(tmp_path: Path) -> None:
    story = by_ticket().fact("marta.klein", "status", "terminated", "2025-06-01T00:00:00Z")
    assert (
        story.fact("marta.klein", "status", "active", "2025-12-01T00:00:00Z").judge(tmp_path).root(NORA)
        == "conforming"
    )


def conflicting(*, first: str, ended: str | None = None, named_by: str = "gl-poster") -> Story:
    other = "gl-approver" if named_by == "gl-poster" else "gl-poster"
    story = by_ticket(
        {"conflicts": [{"system": "erp", "entitlement": other}]} if named_by == "gl-poster" else None
    )
    story.role("gl-approver", conflicts=None if named_by == "gl-poster" else [{"entitlement": "gl-p*"}])
    story.rule(FINANCE, "R-APP", grants=[{"system": "erp", "entitlement": "gl-approver"}])
    story.grant(first, NORA, "gl-approver", rule="R-APP", rule_version=1, inputs={"department": "Finance"})
    return story.act(ended, "revoke", mail(NORA), "gl-approver") if ended else story


@pytest.mark.parametrize("named_by", ["gl-poster", "gl-approver"])
def test_the_catalogue_says_what_conflicts_whichever_row_says_it(named_by: str, tmp_path: Path) -> None:
    judged = conflicting(first="2026-01-20T09:00:00Z", named_by=named_by).judge(tmp_path)
    assert (judged.root(NORA), judged.why(NORA)["root"]["owner"]) == ("sod-conflict", mail("marta.klein"))
    assert judged.root(NORA, "gl-approver") == "conforming"


@pytest.mark.parametrize(
    ("first", "ended"),
    [
        ("2026-01-20T09:00:00Z", "2026-02-03T08:59:59Z"),  # given back before the delivery
        ("2026-02-02T09:00:01Z", None),  # came after the approval, which could not know of it
    ],
)
def test_an_approval_answers_for_what_was_held_at_that_time(
    first: str, ended: str | None, tmp_path: Path
) -> None:
    assert conflicting(first=first, ended=ended).judge(tmp_path).root(NORA) == "conforming"


@pytest.mark.parametrize(
    ("kind", "end", "said"),
    [
        ("contractor", None, "no-expiry-set"),
        ("Contractor ", "2026-06-30", "conforming"),
        ("FTE", None, "conforming"),
    ],
)
def test_time_bound_people_need_an_end(kind: str, end: str | None, said: str, tmp_path: Path) -> None:
    story = by_ticket(expires_at=end).policy(time_bound=["Contractor", "vendor"])
    story.fact(NORA, "employment_type", kind, "2025-02-01T00:00:00Z")
    if end:
        story.log[-2]["expires_at"] = end
        story.act("2026-06-30T00:00:00Z", "revoke", mail(NORA))
    judged = story.judge(tmp_path)
    assert judged.root(NORA) == said
    if said == "no-expiry-set":
        assert judged.why(NORA)["root"]["owner"] == mail("marta.klein")


def test_without_time_bound_in_the_policy_no_end_is_asked_for(tmp_path: Path) -> None:
    story = by_ticket().fact(NORA, "employment_type", "contractor", HIRED)
    assert story.judge(tmp_path).check("no-expiry-set", NORA) == "not-applicable"


@pytest.mark.parametrize(
    ("end", "said"), [("2026-02-03T17:00:00Z", "pass"), ("2026-02-03T17:00:01Z", "fail"), (None, "fail")]
)
def test_an_end_may_lie_no_further_than_the_catalogue_allows(
    end: str | None, said: str, tmp_path: Path
) -> None:
    story = by_ticket({"max_duration": "PT8H"}, expires_at=end)
    assert story.judge(tmp_path).check("no-expiry-set", NORA) == said


def test_whether_an_end_was_needed_is_not_known_without_an_employment_type(tmp_path: Path) -> None:
    story = by_ticket().policy(time_bound=["contractor"])
    story.facts = [row for row in story.facts if row["attribute"] != "employment_type"]
    judged = story.judge(tmp_path)
    assert judged.root(NORA) == "undetermined"
    assert any("employment_type" in one["need"] for one in judged.why(NORA)["missing"])


def machine(owner: str | None, *, registered: bool = True) -> Story:
    story = Story().rule('identity.kind != "x"').role()
    story.person("sam.old")
    if registered:
        story.identity(
            "svc-close", "service-account", owner=owner, accounts=[{"system": "erp", "name": "svc-close"}]
        )
    story.act(
        GRANTED,
        "grant",
        "svc-close",
        executor="erp-engine",
        rule="R-ERP",
        rule_version=1,
        inputs={"kind": "svc"},
    )
    return story.until(LATER)


def modes_of_machine(story: Story, folder: Path) -> dict[str, str]:
    connection = story.judge(folder).connection
    rows = connection.execute(
        """SELECT k.mode, k.verdict FROM checks k JOIN circumstances c ON c.grant_id = k.grant_id
           WHERE c.identity LIKE '%svc-close'"""
    )
    return {row["mode"]: row["verdict"] for row in rows}


def test_a_machine_needs_a_named_owner(tmp_path: Path) -> None:
    assert modes_of_machine(machine(None), tmp_path)["no-owner-assigned"] == "fail"


def test_a_machine_with_an_owner_who_is_there(tmp_path: Path) -> None:
    found = modes_of_machine(machine("sam.old"), tmp_path)
    assert (found["no-owner-assigned"], found["orphaned-owner"]) == ("pass", "pass")


def test_an_owner_who_left_without_a_successor_is_for_the_process_owner(tmp_path: Path) -> None:
    story = machine("sam.old").fact("sam.old", "status", "left", "2026-05-01T00:00:00Z")
    judged = story.judge(tmp_path)
    row = judged.connection.execute(
        "SELECT owner, failed_at FROM findings WHERE mode = 'orphaned-owner'"
    ).fetchone()
    assert tuple(row) == (owner_of("request"), "2026-05-01T00:00:00.000Z")


def test_an_owner_of_whom_no_source_speaks_may_still_be_there(tmp_path: Path) -> None:
    assert modes_of_machine(machine("platform-team"), tmp_path)["orphaned-owner"] == "no-evidence"


def extended(
    *, request: bool = False, covered: bool = True, held: bool = True, named: str | None = None
) -> Story:
    story = Story().person(NORA).person("marta.klein").role(approval="required").authority("marta.klein")
    if covered:
        story.ticket_export("2026-01-05T09:00:00Z", LATER)
    end = "2026-03-31T00:00:00Z"
    approved = [("marta.klein", "2026-02-02T09:00:00Z")]
    story.ticket("ACC-1", NORA, "2026-02-01T09:00:00Z", approved, expires_at=end)
    story.grant(GRANTED, NORA, ticket="ACC-1", expires_at=end)
    if request:
        story.ticket("ACC-2", NORA, "2026-03-20T09:00:00Z", [("marta.klein", "2026-03-21T09:00:00Z")])
    story.act("2026-03-25T09:00:00Z", "extend", mail(NORA), expires_at="2026-12-31T00:00:00Z", ticket=named)
    if not held:
        story.act("2026-03-30T09:00:00Z", "revoke", mail(NORA))
    return story.until(LATER)


def test_an_extension_without_a_new_approval_falls_to_who_approved_the_grant(tmp_path: Path) -> None:
    judged = extended().judge(tmp_path)
    assert (judged.root(NORA), judged.why(NORA)["root"]["owner"]) == (
        "renewal-unapproved",
        mail("marta.klein"),
    )
    assert judged.why(NORA)["grant"]["wrong_since"] == "2026-03-31T00:00:00.000Z"


def test_an_extension_with_a_request_of_its_own(tmp_path: Path) -> None:
    assert extended(request=True, named="ACC-2").judge(tmp_path).root(NORA) == "conforming"


def test_an_extension_that_cites_the_first_approval_again_has_no_new_one(tmp_path: Path) -> None:
    assert extended(named="ACC-1").judge(tmp_path).check("renewal-unapproved", NORA) == "fail"


def test_an_extension_that_was_never_used_made_no_access_wrong(tmp_path: Path) -> None:
    assert extended(held=False).judge(tmp_path).root(NORA) == "conforming"


def test_whether_an_extension_was_approved_is_not_known_without_the_tickets_of_that_time(
    tmp_path: Path,
) -> None:
    judged = extended(covered=False).judge(tmp_path)
    assert judged.check("renewal-unapproved", NORA) == "no-evidence"


# Reviews


def reviewed(*own: str, others: tuple[str, ...] = (), system: str = "erp", interval: str = "P90D") -> Story:
    story = by_rule().policy(review_interval=interval)
    for at in own:
        story.review(at, NORA)
    for at in others:
        story.review(at, "otto.kern", "remove", entitlement="reporting-viewer", system=system)
    return story


def test_a_review_that_was_due_and_not_done_is_a_weakness_of_the_review(tmp_path: Path) -> None:
    judged = reviewed(others=("2026-01-01T09:00:00Z", "2026-07-01T09:00:00Z")).judge(tmp_path)
    assert (judged.root(NORA), judged.why(NORA)["verdict"]) == ("review-missed", "control-weakness")
    assert judged.why(NORA)["root"]["owner"] == owner_of("review")
    assert judged.why(NORA)["grant"]["wrong_since"] is None


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (("2026-05-04T08:59:59Z", "2026-07-10T09:00:00Z"), "pass"),
        (("2026-05-04T09:00:00Z", "2026-07-10T09:00:00Z"), "fail"),  # on the instant is too late
        (("2026-04-01T09:00:00Z",), "fail"),  # the next was due at the end of June
    ],
)
def test_a_review_is_due_again_after_each_review(own: tuple[str, ...], said: str, tmp_path: Path) -> None:
    others = ("2026-01-01T09:00:00Z", "2026-07-20T09:00:00Z")
    assert reviewed(*own, others=others).judge(tmp_path).check("review-missed", NORA) == said


@pytest.mark.parametrize(
    ("others", "system"),
    [
        ((), "erp"),  # no reviews in evidence
        (("2026-01-01T09:00:00Z", "2026-03-01T09:00:00Z"), "erp"),  # not for that time
        (("2026-01-01T09:00:00Z", "2026-07-01T09:00:00Z"), "wiki"),  # of another system
    ],
)
def test_reviews_that_are_not_in_evidence_were_not_missed(
    others: tuple[str, ...], system: str, tmp_path: Path
) -> None:
    judged = reviewed(others=others, system=system).judge(tmp_path)
    assert judged.check("review-missed", NORA) == "no-evidence"
    assert judged.root(NORA) == "conforming"


def test_the_review_is_the_root_where_the_rule_changed_and_nobody_looked(tmp_path: Path) -> None:
    story = reviewed(others=("2026-01-01T09:00:00Z", "2026-07-30T09:00:00Z"))
    story.register["rules"][0]["to"] = "2026-03-01"
    story.rule('identity.department == "Treasury"', version=2, **{"from": "2026-03-01"})
    judged = story.judge(tmp_path)
    assert (judged.root(NORA), judged.why(NORA)["verdict"]) == ("review-missed", "wrong-access")
    assert judged.why(NORA)["grant"]["wrong_since"] == "2026-03-01T00:00:00.000Z"


def used(*at: str, logged_to: str = LATER) -> Story:
    story = by_rule().policy(review_interval="P90D")
    for moment in (*at, "2026-01-02T09:00:00Z", logged_to):
        who = NORA if moment in at else "otto.kern"
        story.act(
            moment, "use", mail(who), "gl-poster" if moment in at else "reporting-viewer", executor=mail(who)
        )
    return story


def test_access_unused_for_a_whole_review_interval(tmp_path: Path) -> None:
    judged = used("2026-02-04T09:00:00Z").judge(tmp_path)
    assert judged.check("unused-unreviewed", NORA) == "fail"
    assert judged.finding(NORA, "unused-unreviewed")["owner"] == owner_of("review")
    assert judged.why(NORA)["uses"]["count"] == 1


def test_access_that_was_used_again_in_time(tmp_path: Path) -> None:
    judged = used("2026-04-20T09:00:00Z", "2026-07-10T09:00:00Z").judge(tmp_path)
    assert judged.check("unused-unreviewed", NORA) == "pass"


def test_where_no_log_tells_uses_none_are_missed(tmp_path: Path) -> None:
    judged = by_rule().policy(review_interval="P90D").judge(tmp_path)
    assert judged.check("unused-unreviewed", NORA) == "no-evidence"
    assert judged.why(NORA)["uses"]["count"] is None


def test_access_that_a_log_of_uses_never_shows_was_not_used_and_why_says_so(tmp_path: Path) -> None:
    judged = used().judge(tmp_path)
    assert judged.check("unused-unreviewed", NORA) == "fail"
    assert judged.why(NORA)["uses"]["count"] == 0


# Governance


def test_an_empty_seat_is_a_finding_beside_the_one_that_failed(tmp_path: Path) -> None:
    story = by_rule(owner=None).control("RUL-01", "rule", {"owner": mail("erp-apps"), "from": "2026-03-01"})
    judged = story.judge(tmp_path)
    assert judged.modes(NORA) == {"unowned-rule", "unowned-control"}
    first, second = judged.finding(NORA, "unowned-rule"), judged.finding(NORA, "unowned-control")
    assert (first["control"], first["owner"], first["owner_basis"]) == (
        "RUL-01",
        owner_of("request"),
        "derived",
    )
    assert (second["control_point"], second["owner"]) == ("governance", owner_of("governance"))
    assert "RUL-01 had no owner" in second["because"]


def test_no_control_at_all_for_what_failed(tmp_path: Path) -> None:
    judged = by_rule(owner=None).without_control("rule").without_control("governance").judge(tmp_path)
    found = judged.finding(NORA, "unowned-control")
    assert (found["owner"], found["owner_basis"]) == (owner_of("request"), "derived")


def test_without_any_register_of_controls_nobody_says_that_one_is_unowned(tmp_path: Path) -> None:
    story = by_rule(owner=None)
    del story.register["controls"]
    judged = story.judge(tmp_path)
    assert judged.check("unowned-control", NORA) == "no-evidence"
    assert judged.modes(NORA) == {"unowned-rule"}


def test_where_nothing_fails_no_control_is_asked_for_its_owner(tmp_path: Path) -> None:
    assert (
        by_rule().without_control("governance").judge(tmp_path).check("unowned-control", NORA)
        == "not-applicable"
    )
