"""Delivery against decision, sentence by sentence of the model."""

from pathlib import Path
from typing import Any

import pytest
from tests.stories.execution import APPROVED, ASKED, GRANTED, LAST, RULE, asked, delivered
from tests.story import Story, mail

NORA = mail("nora.weber")


def bare() -> Story:
    """Nobody asked for anything; tickets are covered."""
    return Story().role(approval="required").person("nora.weber").ticket_export("2026-01-05T09:00:00Z", LAST)


# How a grant finds its ticket


def test_a_ticket_that_the_log_does_not_name_is_found_by_beneficiary_system_and_entitlement(
    tmp_path: Path,
) -> None:
    answer = asked().grant(GRANTED, "nora.weber").until(LAST).judge(tmp_path).why("nora.weber")
    assert answer["verdict"] == "conforming"
    assert answer["lineage"]["request"]["ticket"] == "ACC-1"
    assert answer["lineage"]["request"]["basis"] == "inferred"


@pytest.mark.parametrize(
    ("at", "found"), [("2026-02-16T09:00:00Z", True), ("2026-02-16T09:00:00.001Z", False)]
)
def test_a_ticket_is_found_only_within_the_request_window(tmp_path: Path, at: str, found: bool) -> None:
    answer = asked().grant(at, "nora.weber").until(LAST).judge(tmp_path).why("nora.weber")
    assert (answer["lineage"]["request"] is not None) == found
    assert answer["verdict"] == ("conforming" if found else "wrong-access")


def test_approved_tickets_come_first_then_the_latest(tmp_path: Path) -> None:
    story = asked().ticket("ACC-2", "nora.weber", "2026-02-02T16:00:00Z")
    story.ticket("ACC-3", "nora.weber", "2026-02-01T09:00:00Z", [("grace.lindt", "2026-02-01T10:00:00Z")])
    answer = story.grant(GRANTED, "nora.weber").until(LAST).judge(tmp_path).why("nora.weber")
    assert answer["lineage"]["request"]["ticket"] == "ACC-1"


@pytest.mark.parametrize("window", ["P14D", None])
def test_a_request_made_after_a_grant_belongs_to_the_grant_that_followed_it(
    tmp_path: Path, window: str | None
) -> None:
    """Taken away and given again on a new request."""
    story = asked().policy(request_window=window).grant(GRANTED, "nora.weber")
    story.act("2026-02-04T08:00:00Z", "revoke", NORA)
    story.ticket("ACC-2", "nora.weber", "2026-02-05T08:00:00Z", [("grace.lindt", "2026-02-05T09:00:00Z")])
    judged = story.grant("2026-02-06T08:00:00Z", "nora.weber").until(LAST).judge(tmp_path)
    for at, ticket in (("2026-02-03T23:00:00.000Z", "ACC-1"), (LAST, "ACC-2")):
        answer = judged.why("nora.weber", at=at)
        assert (answer["verdict"], answer["lineage"]["request"]["ticket"]) == ("conforming", ticket)


def test_a_ticket_is_delivered_once(tmp_path: Path) -> None:
    story = (
        delivered().act("2026-02-05T08:00:00Z", "revoke", NORA).grant("2026-02-06T08:00:00Z", "nora.weber")
    )
    judged = story.judge(tmp_path)
    assert judged.why("nora.weber", at="2026-02-04T00:00:00.000Z")["verdict"] == "conforming"
    assert judged.why("nora.weber")["root"]["mode"] == "no-decision"


def test_an_approval_after_the_delivery_is_found_too(tmp_path: Path) -> None:
    story = bare().authority("grace.lindt").grant("2026-02-02T08:00:00Z", "nora.weber")
    story.ticket("ACC-1", "nora.weber", ASKED, [("grace.lindt", APPROVED)]).until(LAST)
    assert story.judge(tmp_path).root("nora.weber") == "provisioned-before-approval"


def test_a_request_still_pending_in_an_export_from_before_the_delivery_says_nothing(tmp_path: Path) -> None:
    story = Story().role(approval="required").person("nora.weber").ticket("ACC-1", "nora.weber", ASKED)
    story.grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST)
    answer = story.judge(tmp_path).why("nora.weber")
    assert answer["verdict"] == "undetermined"
    assert any("ACC-1" in one["need"] for one in answer["missing"])


def test_a_named_ticket_that_a_covering_export_lacks_is_asked_for(tmp_path: Path) -> None:
    story = bare().grant(GRANTED, "nora.weber", ticket="ACC-77").until(LAST)
    answer = story.judge(tmp_path).why("nora.weber")
    assert answer["verdict"] == "undetermined"
    assert any("ACC-77" in one["need"] for one in answer["missing"])


def test_a_named_ticket_of_another_ticket_system_is_asked_for(tmp_path: Path) -> None:
    story = bare().grant(GRANTED, "nora.weber", ticket="CHG0030042").until(LAST)
    answer = story.judge(tmp_path).why("nora.weber")
    assert answer["verdict"] == "undetermined"
    assert any("CHG0030042" in one["need"] for one in answer["missing"])


def test_where_the_log_names_a_rule_and_a_ticket_the_registers_rule_decided(tmp_path: Path) -> None:
    story = asked(declined=[("grace.lindt", APPROVED)], approved=[]).rule(RULE)
    story.grant(
        GRANTED, "nora.weber", ticket="ACC-1", rule="R-ERP", rule_version=1, inputs={"department": "Finance"}
    )
    answer = story.until(LAST).judge(tmp_path).why("nora.weber")
    assert (answer["verdict"], answer["grant"]["basis"]) == ("conforming", "rule")


def test_a_rule_that_the_register_does_not_know_leaves_the_named_ticket_to_decide(tmp_path: Path) -> None:
    story = delivered(rule="manual").judge(tmp_path)
    answer = story.why("nora.weber")
    assert (answer["verdict"], answer["grant"]["basis"]) == ("conforming", "ticket")


# Exceptions and overrides


def exception(story: Story, **more: str) -> Story:
    entry = {
        "id": "EX-7", "kind": "local", "identity": NORA, "system": "erp", "entitlement": "gl-*", "recorded_by": mail("ida.holm"),
        "recorded_at": "2026-02-03T08:00:00Z", "approved_by": mail("ida.holm"), "expires_at": "2026-12-01T00:00:00Z",
        "cleanup_owner": mail("ida.holm"),
    }  # fmt: skip
    return story.add("exceptions", **(entry | more))


@pytest.mark.parametrize(
    ("at", "basis"),
    [
        ("2026-02-03T07:59:59Z", "none"),
        ("2026-02-03T08:00:00Z", "exception"),
        ("2026-11-30T23:59:59Z", "exception"),
        ("2026-12-01T00:00:00Z", "none"),
    ],
)
def test_an_exception_is_found_from_its_first_instant_to_before_its_last(
    tmp_path: Path, at: str, basis: str
) -> None:
    story = exception(bare()).grant(at, "nora.weber").until("2026-12-02T00:00:00Z")
    assert story.judge(tmp_path).why("nora.weber")["grant"]["basis"] == basis


@pytest.mark.parametrize("key", ["exception", "ticket"])
def test_an_exception_is_found_by_the_id_in_the_log(tmp_path: Path, key: str) -> None:
    story = exception(bare(), identity=mail("otto.kern")).grant(GRANTED, "nora.weber", **{key: "ex-7"})
    assert story.until(LAST).judge(tmp_path).why("nora.weber")["grant"]["basis"] == "exception"


def test_an_exception_that_nobody_recorded_is_not_read_as_no_decision(tmp_path: Path) -> None:
    story = exception(bare(), identity=mail("otto.kern"))
    judged = story.grant(GRANTED, "nora.weber", exception="EX-9").until(LAST).judge(tmp_path)
    assert judged.root("nora.weber") == "exception-unrecorded"
    assert judged.check("no-decision", "nora.weber") != "fail"


def test_an_exception_that_the_log_names_stands_in_exceptions_that_were_not_handed_in(tmp_path: Path) -> None:
    judged = bare().grant(GRANTED, "nora.weber", exception="EX-9").until(LAST).judge(tmp_path)
    assert judged.check("exception-unrecorded", "nora.weber") == "no-evidence"
    assert judged.why("nora.weber")["verdict"] == "undetermined"


def test_an_override_belongs_to_the_next_grant(tmp_path: Path) -> None:
    story = bare().act("2026-02-03T07:00:00Z", "override", NORA, executor=mail("ulf.brandt"))
    story.grant(GRANTED, "nora.weber").act("2026-02-10T08:00:00Z", "revoke", NORA)
    judged = story.grant("2026-02-20T08:00:00Z", "nora.weber").until(LAST).judge(tmp_path)
    first, second = (
        judged.why("nora.weber", at=at) for at in ("2026-02-04T00:00:00.000Z", "2026-02-21T00:00:00.000Z")
    )
    assert (first["root"]["mode"], second["root"]["mode"]) == ("exception-unrecorded", "no-decision")


# Rules


@pytest.mark.parametrize(
    ("versions", "logged", "verdict"),
    [
        ([(1, None, None)], None, "pass"),
        ([(1, "2025-01-01", "2026-01-01")], None, "fail"),
        ([(1, "2025-01-01", "2026-01-01"), (2, "2026-01-01", None)], None, "no-evidence"),
        ([(1, "2025-01-01", "2026-01-01"), (2, "2026-01-01", None)], "2", "pass"),
        ([(1, "2025-01-01", "2026-01-01"), (2, "2026-01-01", None)], "3", "no-evidence"),
        ([(1, "2025-01-01", None), (2, "2026-03-01", None)], "2", "fail"),
        ([(1, "2025-01-01", None), (2, "2026-01-01", None)], "1", "pass"),
    ],
)
def test_a_version_is_stale_only_where_the_register_says_so(
    tmp_path: Path, versions: list[tuple[int, str, str]], logged: str | None, verdict: str
) -> None:
    story = Story().person("nora.weber")
    for version, since, until in versions:
        story.rule(RULE, version=version, **{"from": since, "to": until})
    story.grant(GRANTED, "nora.weber", rule="R-ERP", rule_version=logged, inputs={"department": "Finance"})
    assert story.until(LAST).judge(tmp_path).check("stale-rule", "nora.weber") == verdict


def test_inputs_that_were_not_logged_accuse_no_engine(tmp_path: Path) -> None:
    story = Story().person("nora.weber").rule(RULE)
    story.grant(GRANTED, "nora.weber", rule="R-ERP", rule_version=1, inputs={"status": "active"}).until(LAST)
    assert story.judge(tmp_path).check("rule-not-satisfied", "nora.weber") == "no-evidence"


# Who delivered it


def test_the_approver_who_has_an_agent_deliver_it_delivers_it(tmp_path: Path) -> None:
    story = delivered(on_behalf_of=mail("grace.lindt")).policy(separate_delivery="required")
    assert story.judge(tmp_path).check("approver-executed", "nora.weber") == "fail"


def test_an_unknown_approver_is_asked_for(tmp_path: Path) -> None:
    story = asked(approved=[], history=[(APPROVED, "grace.lindt", "Approved")]).policy(
        separate_delivery="required"
    )
    story.grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST)
    assert story.judge(tmp_path).check("approver-executed", "nora.weber") == "pass"


# Scopes


@pytest.mark.parametrize(
    ("decided", "delivered_as", "wider"),
    [
        ("ledger-1, ledger-2", ["LEDGER-2", "ledger-1"], False),
        ("ledger-1; ledger-2", ["ledger-1", "ledger-3"], True),
        ("ledger-*", "ledger-7,ledger-8", False),
        ("ledger-?", "ledger-10", True),
        ("*", None, False),
        ("ledger-1", None, True),
        (None, "ledger-1", False),
        ("a*b", "a*c*b", False),
        ("a*c*b", "a*b", True),
    ],
)
def test_a_scope_is_wider_if_it_matches_what_the_decided_one_does_not(
    tmp_path: Path, decided: str | None, delivered_as: Any, wider: bool
) -> None:
    story = asked(scope=decided).grant(GRANTED, "nora.weber", ticket="ACC-1", scope=delivered_as).until(LAST)
    assert story.judge(tmp_path).root("nora.weber") == ("scope-exceeds-approval" if wider else "conforming")


# Verification


def test_a_verification_of_what_was_not_decided_is_verified_wrong(tmp_path: Path) -> None:
    story = asked(entitlement="gl-viewer").grant(GRANTED, "nora.weber", ticket="ACC-1")
    judged = story.act("2026-02-03T09:00:00Z", "verify", NORA, executor="checker").until(LAST).judge(tmp_path)
    assert judged.modes("nora.weber") == {"wrong-entitlement", "verified-wrong"}


def test_the_verification_of_a_later_grant_says_nothing_of_an_earlier_one(tmp_path: Path) -> None:
    story = asked(expires_at="2026-06-30").grant(GRANTED, "nora.weber", ticket="ACC-1")
    story.act("2026-02-04T08:00:00Z", "revoke", NORA)
    story.grant("2026-02-05T08:00:00Z", "nora.weber", ticket="ACC-1", expires_at="2026-06-30")
    story.act("2026-02-05T09:00:00Z", "verify", NORA, executor="checker").until(LAST)
    answer = story.judge(tmp_path).why("nora.weber", at="2026-02-03T12:00:00.000Z")
    assert answer["root"]["mode"] == "expiry-dropped"
    assert "verified-wrong" not in {one["mode"] for one in answer["contributing"]}


def test_what_was_granted_again_before_its_removal_had_to_be_checked_needs_no_check(tmp_path: Path) -> None:
    story = delivered().policy(verification_window="PT24H", verify_removals="required")
    story.act("2026-01-05T08:00:00Z", "verify", mail("otto.kern"), "reporting-viewer")
    story.act("2026-03-10T08:00:00Z", "revoke", NORA).grant("2026-03-10T09:00:00Z", "nora.weber")
    story.act(LAST, "verify", mail("otto.kern"), "reporting-viewer")
    answer = story.judge(tmp_path).why("nora.weber", at="2026-02-03T12:00:00.000Z")
    assert "removal-not-verified" not in {one["mode"] for one in answer["contributing"]}


# What no log has


def unlogged(story: Story) -> Story:
    """The log has grants from January on, but not this one."""
    return story.grant("2026-01-07T08:00:00Z", "grace.lindt", "reporting-viewer", rule="R-VIEW")


def test_with_an_approved_request_only_the_missing_log_entry_fails(tmp_path: Path) -> None:
    story = unlogged(asked()).held("2026-02-15T06:00:00Z", "nora.weber").until(LAST)
    answer = story.judge(tmp_path).why("nora.weber")
    assert (answer["verdict"], answer["root"]["mode"]) == ("control-weakness", "unlogged-grant")
    assert (answer["contributing"], answer["grant"]["granted_at"]) == ([], None)
    assert answer["root"]["owner"] == mail("journal")


@pytest.mark.parametrize("sign", ["held", "reviewed", "used"])
def test_held_reviewed_and_used_are_signs(tmp_path: Path, sign: str) -> None:
    story, at = unlogged(bare()), "2026-02-15T06:00:00Z"
    if sign == "held":
        story.held(at, "nora.weber")
    elif sign == "reviewed":
        story.review(at, "nora.weber")
    else:
        story.act(at, "use", NORA, executor=NORA)
    judged = story.until(LAST).judge(tmp_path)
    assert judged.root("nora.weber") == "no-decision"
    assert judged.why("nora.weber")["grant"]["wrong_since"] == "2026-02-15T06:00:00.000Z"


def test_a_snapshot_of_a_bare_date_is_not_before_the_grant_of_that_day(tmp_path: Path) -> None:
    story = delivered().held("2026-02-03", "nora.weber").judge(tmp_path)
    assert story.why("nora.weber")["verdict"] == "conforming"
    assert (
        story.connection.execute(
            "SELECT count(*) FROM grants WHERE account_id IN (SELECT id FROM accounts WHERE name = ?)",
            (NORA,),
        ).fetchone()[0]
        == 1
    )


def test_a_log_that_grants_nothing_in_that_system_covers_nothing(tmp_path: Path) -> None:
    story = bare().held("2026-02-15T06:00:00Z", "nora.weber")
    for at in ("2026-01-07T08:00:00Z", LAST):
        story.act(at, "use", mail("otto.kern"), "reporting-viewer")
    answer = story.judge(tmp_path).why("nora.weber")
    assert answer["verdict"] == "undetermined"
    assert any("log of who was granted gl-poster" in one["need"] for one in answer["missing"])


def test_a_reviewer_who_keeps_what_was_revoked_makes_no_grant(tmp_path: Path) -> None:
    story = (
        delivered().act("2026-03-01T08:00:00Z", "revoke", NORA).review("2026-03-05T08:00:00Z", "nora.weber")
    )
    judged = story.judge(tmp_path)
    assert judged.why("nora.weber")["verdict"] == "conforming"
    assert (
        judged.connection.execute("SELECT count(*) FROM grants WHERE identity_id = ?", (NORA,)).fetchone()[0]
        == 1
    )


def test_what_the_system_still_holds_after_its_revocation_is_a_grant_of_its_own(tmp_path: Path) -> None:
    story = delivered().act("2026-03-01T08:00:00Z", "revoke", NORA).held("2026-03-05T06:00:00Z", "nora.weber")
    answer = story.judge(tmp_path).why("nora.weber")
    assert answer["grant"]["granted_at"] is None
    assert answer["verdict"] != "conforming"


def test_a_use_that_names_no_entitlement_makes_no_grant(tmp_path: Path) -> None:
    story = unlogged(bare()).act("2026-02-15T06:00:00Z", "use", NORA, None, executor=NORA).until(LAST)
    judged = story.judge(tmp_path)
    assert (
        judged.connection.execute("SELECT count(*) FROM grants WHERE identity_id = ?", (NORA,)).fetchone()[0]
        == 0
    )


def test_an_address_of_which_no_source_data_is_at_hand_may_be_another_of_the_same_person(
    tmp_path: Path,
) -> None:
    story = bare().ticket("ACC-1", "nora.holm", ASKED, [("grace.lindt", APPROVED)])
    told = story.grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST).judge(tmp_path).why("nora.weber")
    assert told["verdict"] == "undetermined"
    assert any("nora.holm" in each["need"] for each in told["missing"])


def test_two_people_of_whom_source_data_is_at_hand_are_two(tmp_path: Path) -> None:
    story = bare().person("nora.holm").ticket("ACC-1", "nora.holm", ASKED, [("grace.lindt", APPROVED)])
    story.grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST)
    assert story.judge(tmp_path).root("nora.weber") == "wrong-subject"


def test_access_first_seen_long_after_its_approval_may_rest_on_it(tmp_path: Path) -> None:
    story = unlogged(
        bare().ticket(
            "ACC-1", "nora.weber", "2026-01-06T09:00:00Z", [("grace.lindt", "2026-01-06T10:00:00Z")]
        )
    )
    judged = story.held("2026-02-15T06:00:00Z", "nora.weber").until(LAST).judge(tmp_path)
    assert judged.check("no-decision", "nora.weber") == "no-evidence"


@pytest.mark.parametrize(
    ("second", "told"), [("2026-02-01T09:00:00Z", "fail"), ("2026-02-05T09:00:00Z", "no-evidence")]
)
def test_exports_of_exceptions_cover_what_they_run_through(tmp_path: Path, second: str, told: str) -> None:
    head = "id,kind,identity,system,entitlement,recorded_by,recorded_at,approved_by,expires_at,cleanup_owner"
    times = {
        "EX-1": "2026-01-05T09:00:00Z",
        "EX-2": "2026-02-01T09:00:00Z",
        "EX-3": second,
        "EX-4": "2026-03-01T09:00:00Z",
    }
    rows = {
        key: f"{key},break-glass,{mail('otto.kern')},erp,other,{mail('grace.lindt')},{at},{mail('grace.lindt')},2026-12-01,"
        for key, at in times.items()
    }
    later = ["EX-2", "EX-4"] if second == times["EX-2"] else ["EX-3", "EX-4"]
    folder = tmp_path / "evidence"
    folder.mkdir()
    for name, keys in (("january.csv", ["EX-1", "EX-2"]), ("february.csv", later)):
        (folder / name).write_text("\n".join([head, *(rows[key] for key in keys)]) + "\n", encoding="utf-8")
    judged = bare().grant(GRANTED, "nora.weber", exception="EX-9").until(LAST).judge(tmp_path)
    assert judged.check("exception-unrecorded", "nora.weber") == told
