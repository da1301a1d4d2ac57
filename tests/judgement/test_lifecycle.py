"""How access ends, and what should have ended it, sentence by sentence of the model."""

from pathlib import Path
from typing import Any

import pytest
from tests.stories.execution import GRANTED, LAST, RULE, asked, delivered
from tests.stories.lifecycle import MOVED, held
from tests.story import HIRED, Judged, Story, mail

from tracer.judgement.judge import judge

NORA = mail("nora.weber")
BOT = mail("svc-billing")


def test_of_several_changes_at_once_the_one_that_decides_is_named(tmp_path: Path) -> None:
    """A system that states everything anew with every change."""
    story = held().fact("nora.weber", "status", "active", MOVED)
    story.fact("nora.weber", "employment_type", "FTE", MOVED)
    because = moved(story).until(LAST).judge(tmp_path).finding(NORA, "revocation-missed")["because"]
    assert because.startswith("department became Sales at ")
    assert because.endswith(f"it was not taken away by {LAST[:-1]}.000Z, the last record of erp")


def ends(judged: Judged, identity: str = NORA) -> list[tuple[str | None, str | None]]:
    """When and how each grant of an identity ended, in order."""
    rows = judged.connection.execute(
        "SELECT ended_at, ended_by FROM grants WHERE identity_id = ? ORDER BY first_sign_at, id", (identity,)
    )
    return [(row[0], row[1]) for row in rows]


def moved(story: Story) -> Story:
    return story.fact("nora.weber", "department", "Sales", MOVED, "2026-02-25T09:00:00Z")


# Ends


def test_an_end_date_ends_a_grant_of_which_nothing_is_seen_later(tmp_path: Path) -> None:
    story = delivered(expires_at="2026-03-01").act("2026-02-28T23:59:59Z", "use", NORA, executor=NORA)
    assert ends(story.judge(tmp_path)) == [("2026-03-01T00:00:00.000Z", "expiry")]


def test_the_instant_of_the_end_lies_after_it(tmp_path: Path) -> None:
    story = delivered(expires_at="2026-03-01").act("2026-03-01T00:00:00Z", "use", NORA, executor=NORA)
    assert ends(story.judge(tmp_path)) == [(None, None)]


def test_a_use_belongs_to_the_path_that_is_still_in_force(tmp_path: Path) -> None:
    story = (
        asked()
        .rule(RULE)
        .grant(
            "2026-01-20T08:00:00Z",
            "nora.weber",
            rule="R-ERP",
            rule_version=1,
            inputs={"department": "Finance"},
        )
    )
    story.grant(GRANTED, "nora.weber", ticket="ACC-1", expires_at="2026-03-01")
    story.act("2026-03-20T10:00:00Z", "use", NORA, executor=NORA).until(LAST)
    judged = story.judge(tmp_path)
    assert ends(judged) == [(None, None), ("2026-03-01T00:00:00.000Z", "expiry")]
    assert judged.why("nora.weber")["verdict"] == "conforming"


@pytest.mark.parametrize(("sign", "verdict"), [("use", "wrong-access"), ("verify", "conforming")])
def test_what_shows_it_held_after_its_end_is_a_use_not_a_check(
    tmp_path: Path, sign: str, verdict: str
) -> None:
    story = delivered(expires_at="2026-03-01").act("2026-03-20T10:00:00Z", sign, NORA, executor=NORA)
    assert story.judge(tmp_path).why("nora.weber")["verdict"] == verdict


def test_an_end_within_the_tolerance_is_conforming(tmp_path: Path) -> None:
    story = delivered(expires_at="2026-03-01").act("2026-03-01T10:00:00Z", "use", NORA, executor=NORA)
    story.act("2026-03-02T00:00:00Z", "revoke", NORA)
    assert story.judge(tmp_path).why("nora.weber")["verdict"] == "conforming"


def test_an_extension_without_an_approved_request_leaves_the_old_end_standing(tmp_path: Path) -> None:
    story = delivered(expires_at="2026-03-01").act(
        "2026-02-24T08:00:00Z", "extend", NORA, expires_at="2026-06-30"
    )
    judged = story.judge(tmp_path)
    assert "expiry-not-enforced" in judged.modes("nora.weber")
    assert judged.why("nora.weber")["grant"]["wrong_since"] == "2026-03-01T00:00:00.000Z"


def test_a_revocation_ends_the_path_that_it_names_and_otherwise_all(tmp_path: Path) -> None:
    def story() -> Story:
        told = asked().rule(RULE).grant(GRANTED, "nora.weber", ticket="ACC-1")
        told.grant(
            "2026-02-04T08:00:00Z",
            "nora.weber",
            rule="R-ERP",
            rule_version=1,
            inputs={"department": "Finance"},
        )
        return told.until(LAST)

    at = "2026-03-10T08:00:00.000Z"
    named = story().act(at, "revoke", NORA, rule="r-erp").judge(tmp_path / "a")
    assert ends(named) == [(None, None), (at, "revoke")]
    other = story().act(at, "revoke", NORA, ticket="RMV-9").judge(tmp_path / "b")
    assert ends(other) == [(at, "revoke"), (at, "revoke")]


def test_an_account_enabled_again_was_only_suspended(tmp_path: Path) -> None:
    story = (
        delivered()
        .act("2026-03-01T08:00:00Z", "disable", NORA, None)
        .act("2026-03-05T08:00:00Z", "enable", NORA, None)
    )
    assert ends(story.judge(tmp_path / "a")) == [(None, None)]
    story.act("2026-04-01T08:00:00Z", "disable", NORA, None)
    assert ends(story.judge(tmp_path / "b")) == [("2026-04-01T08:00:00.000Z", "disable")]


def test_a_failed_revocation_ends_nothing(tmp_path: Path) -> None:
    story = delivered().act("2026-03-01T08:00:00Z", "revoke", NORA, outcome="failure")
    assert ends(story.judge(tmp_path)) == [(None, None)]


# Snapshots


def test_what_a_later_snapshot_no_longer_lists_ended_at_an_unknown_time(tmp_path: Path) -> None:
    story = delivered().held("2026-03-01T06:00:00Z", "nora.weber")
    story.held("2026-04-01T06:00:00Z", "otto.kern", "reporting-viewer")
    assert ends(story.judge(tmp_path)) == [("2026-04-01T06:00:00.000Z", "snapshot")]


def test_a_snapshot_of_another_system_ends_nothing(tmp_path: Path) -> None:
    story = delivered().held("2026-04-01T06:00:00Z", "otto.kern", "editor", "wiki")
    assert ends(story.judge(tmp_path)) == [(None, None)]


def test_a_snapshot_before_the_grant_or_contradicted_later_ends_nothing(tmp_path: Path) -> None:
    story = delivered().held("2026-01-15T06:00:00Z", "otto.kern", "reporting-viewer")
    story.held("2026-03-01T06:00:00Z", "otto.kern", "reporting-viewer").held(
        "2026-04-01T06:00:00Z", "nora.weber"
    )
    assert ends(story.judge(tmp_path)) == [(None, None)]


def test_gone_in_time_by_the_snapshot_is_conforming(tmp_path: Path) -> None:
    story = moved(held()).held("2026-03-02T20:00:00Z", "otto.kern", "reporting-viewer").until(LAST)
    assert story.judge(tmp_path).why("nora.weber")["verdict"] == "conforming"


# Leaves, moves and ends of purpose


@pytest.mark.parametrize(
    ("at", "verdict"), [("2026-03-03T00:00:00Z", "conforming"), ("2026-03-03T00:00:01Z", "wrong-access")]
)
def test_the_tolerance_counts_from_the_later_of_change_and_entry(
    tmp_path: Path, at: str, verdict: str
) -> None:
    story = moved(held()).act(at, "revoke", NORA).until(LAST)
    assert story.judge(tmp_path).why("nora.weber")["verdict"] == verdict


@pytest.mark.parametrize(("at", "verdict"), [("2026-03-11T00:00:00Z", "conforming"), (None, "wrong-access")])
def test_the_end_of_purpose_is_to_end_the_access(tmp_path: Path, at: str | None, verdict: str) -> None:
    story = Story().role("reader", approval="none").identity(
        BOT, "workload", owner="billing", purpose="migration", purpose_ends_at="2026-03-10", accounts=[{"system": "erp", "name": "svc-billing"}]
    )  # fmt: skip
    story.act(GRANTED, "grant", "svc-billing", "reader").until(LAST)
    if at:
        story.act(at, "revoke", "svc-billing", "reader")
    answer = story.judge(tmp_path).why(BOT, "reader")
    assert answer["verdict"] == verdict
    if not at:
        assert answer["root"]["mode"] == "revocation-missed"
        assert answer["grant"]["wrong_since"] == "2026-03-10T00:00:00.000Z"


def test_open_access_is_judged_as_of_the_last_record_of_its_system(tmp_path: Path) -> None:
    story = moved(held()).until("2026-03-02T23:00:00Z")
    story.act(LAST, "grant", mail("otto.kern"), "editor", system="wiki")
    assert story.judge(tmp_path).why("nora.weber")["verdict"] == "conforming"


def test_the_owner_of_a_missed_revocation_is_who_held_the_seat_when_it_was_due(tmp_path: Path) -> None:
    seats: list[str | dict[str, Any]] = [
        {"owner": mail("old.hand"), "role": "Offboarding", "from": "2024-01-01", "to": "2026-03-03"},
        {"owner": mail("new.hand"), "role": "Offboarding", "from": "2026-03-03", "to": None},
    ]
    story = moved(held()).control("RVK-01", "revocation", *seats).until(LAST)
    root = story.judge(tmp_path).why("nora.weber")["root"]
    assert (root["mode"], root["owner"]) == ("revocation-missed", mail("new.hand"))


def test_a_removal_decision_that_ended_one_path_of_two_is_incomplete(tmp_path: Path) -> None:
    story = asked().rule(RULE).grant(GRANTED, "nora.weber", ticket="ACC-1")
    story.grant(
        "2026-02-04T08:00:00Z", "nora.weber", rule="R-ERP", rule_version=1, inputs={"department": "Finance"}
    )
    story.review("2026-03-09T08:00:00Z", "nora.weber", "remove")
    story.act("2026-03-09T10:00:00Z", "revoke", NORA, ticket="ACC-1").until(LAST)
    answer = story.judge(tmp_path).why("nora.weber")
    assert (answer["root"]["mode"], answer["grant"]["basis"]) == ("revocation-incomplete", "rule")
    assert answer["grant"]["wrong_since"] == "2026-03-09T08:00:00.000Z"


def test_a_second_account_that_a_later_review_kept_was_not_forgotten(tmp_path: Path) -> None:
    story = asked().identity(NORA, "human", accounts=[{"system": "erp", "name": "nweber-adm"}])
    story.ticket("ACC-2", "nora.weber", "2026-02-04T09:00:00Z", [("grace.lindt", "2026-02-04T12:00:00Z")])
    story.grant(GRANTED, "nora.weber", ticket="ACC-1").act(
        "2026-02-05T08:00:00Z", "grant", "nweber-adm", ticket="ACC-2"
    )
    story.review("2026-03-09T08:00:00Z", "nora.weber", "remove").act("2026-03-09T10:00:00Z", "revoke", NORA)
    story.reviews.append(story.reviews[-1] | {"account": "nweber-adm", "decision": "keep"})
    assert story.until(LAST).judge(tmp_path).why("nora.weber")["verdict"] == "conforming"


# Credentials


def robot(kind: str, **more: object) -> Story:
    story = Story().identity(
        BOT, kind, owner="billing", accounts=[{"system": "erp", "name": "svc-billing"}], **more
    )
    story.role("reader", approval="none").policy(rotation_interval="P90D", compromise_sla="PT24H").person(
        "pavel.maly"
    )
    return story.act("2026-01-05T08:00:00Z", "grant", "svc-billing", "reader").until(LAST)


def rotate(story: Story, at: str, entitlement: str | None = None) -> Story:
    return story.act(at, "rotate", "svc-billing", entitlement)


@pytest.mark.parametrize(
    ("kind", "mode"), [("api-key", "rotation-overdue"), ("service-account", "conforming")]
)
def test_an_api_key_is_to_be_rotated_though_nothing_ever_was(tmp_path: Path, kind: str, mode: str) -> None:
    assert robot(kind).judge(tmp_path).root(BOT, "reader") == mode


@pytest.mark.parametrize(
    ("at", "mode"), [("2026-01-20T08:00:00Z", "rotation-overdue"), ("2026-03-01T08:00:00Z", "conforming")]
)
def test_an_account_with_rotate_records_is_to_be_rotated_again(tmp_path: Path, at: str, mode: str) -> None:
    assert rotate(robot("service-account"), at).judge(tmp_path).root(BOT, "reader") == mode


def test_a_key_is_as_old_as_its_first_credential(tmp_path: Path) -> None:
    made = robot("api-key").act("2026-01-02T08:00:00Z", "create", "svc-billing", "credential:K1")
    finding = made.judge(tmp_path).finding(BOT, "rotation-overdue", "reader")
    assert finding["because"].startswith("created at 2026-01-02T08:00:00.000Z")


def test_a_new_key_renews_an_account_that_is_a_key(tmp_path: Path) -> None:
    story = robot("api-key").act("2026-03-01T08:00:00Z", "grant", "svc-billing", "credential:K2")
    assert story.judge(tmp_path).root(BOT, "reader") == "conforming"


def test_overdue_access_that_is_wrong_for_another_reason_has_the_other_root(tmp_path: Path) -> None:
    story = robot("api-key", purpose_ends_at="2026-04-01").judge(tmp_path)
    assert story.root(BOT, "reader") == "revocation-missed"
    assert "rotation-overdue" in story.modes(BOT, "reader")


def exposed(story: Story, **more: str | None) -> Story:
    entry = {"system": "erp", "credential": "svc-billing", "identity": None, "exposed_at": "2026-03-01T06:00:00Z",
             "reported_at": "2026-03-02T09:00:00Z", "source": "scanner"}  # fmt: skip
    return story.add("exposures", **(entry | more))


@pytest.mark.parametrize(
    "name", [{}, {"credential": "AKIA77", "identity": BOT}, {"credential": None, "identity": BOT}]
)
def test_an_exposure_names_a_key_an_account_or_an_identity(
    tmp_path: Path, name: dict[str, str | None]
) -> None:
    story = exposed(robot("api-key"), **name).judge(tmp_path)
    assert story.root(BOT, "reader") == "compromise-not-rotated"
    assert story.why(BOT, "reader")["grant"]["wrong_since"] == "2026-03-02T09:00:00.000Z"


@pytest.mark.parametrize(
    ("at", "verdict"),
    [("2026-03-03T09:00:00Z", "control-weakness"), ("2026-03-03T09:00:01Z", "wrong-access")],
)
def test_an_exposed_key_is_to_be_rotated_within_the_limit(tmp_path: Path, at: str, verdict: str) -> None:
    story = rotate(exposed(robot("api-key").policy(rotation_interval="P30D")), at).judge(tmp_path)
    assert story.why(BOT, "reader")["verdict"] == verdict


def test_an_exposure_is_not_asked_about_without_a_limit(tmp_path: Path) -> None:
    story = exposed(robot("service-account").policy(compromise_sla=None)).judge(tmp_path)
    assert story.root(BOT, "reader") == "conforming"


def test_the_end_of_an_exposed_key_answers_for_it(tmp_path: Path) -> None:
    story = exposed(robot("service-account"), credential="AKIA77", identity=BOT)
    story.act("2026-03-02T12:00:00Z", "revoke", "svc-billing", "credential:AKIA77")
    assert story.judge(tmp_path).root(BOT, "reader") == "conforming"


def test_a_leaver_who_came_back_left_all_the_same(tmp_path: Path) -> None:
    story = robot("service-account", known_to=[mail("pavel.maly")])
    story.fact("pavel.maly", "status", "terminated", MOVED).fact(
        "pavel.maly", "status", "active", "2026-04-01T00:00:00Z"
    )
    judged = story.judge(tmp_path)
    assert judged.root(BOT, "reader") == "shared-secret-known-to-leaver"
    assert judged.why(BOT, "reader")["root"]["owner"] == mail("billing")


def test_a_leave_that_was_entered_by_mistake_is_none(tmp_path: Path) -> None:
    story = robot("service-account", known_to=[mail("pavel.maly")])
    story.fact("pavel.maly", "status", "terminated", MOVED)
    story.fact("pavel.maly", "status", "active", MOVED, "2026-03-09T09:00:00Z")
    assert story.judge(tmp_path).root(BOT, "reader") == "conforming"


@pytest.mark.parametrize(("attribute", "modes"), [("status", {"revocation-missed"}), ("title", set())])
def test_a_leave_counts_though_the_access_was_wrong_by_what_was_corrected_since(
    attribute: str, modes: set[str], tmp_path: Path
) -> None:
    rule = f'{RULE} && identity.status == "active"'
    inputs = {"department": "Finance", "status": "active"}
    story = Story().person("nora.weber").rule(rule)
    story.grant(GRANTED, "nora.weber", rule="R-ERP", rule_version=1, inputs=inputs).until(LAST)
    story.fact("nora.weber", attribute, "terminated", MOVED, "2026-02-25T09:00:00Z")
    story.fact("nora.weber", "department", "Sales", HIRED, LAST)
    assert story.judge(tmp_path).modes("nora.weber") == {"wrong-attribute"} | modes


def test_what_the_log_does_not_cover_is_asked_for(tmp_path: Path) -> None:
    story = robot("service-account", known_to=[mail("pavel.maly")])
    story.fact("pavel.maly", "status", "terminated", "2026-01-02T00:00:00Z")
    answer = story.judge(tmp_path).why(BOT, "reader")
    assert answer["verdict"] == "undetermined"
    assert any("rotations" in one["need"] for one in answer["missing"])


# End dates


@pytest.mark.parametrize(
    ("now", "used", "verdict"),
    [
        ("2026-12-31", "2026-03-20T10:00:00Z", "conforming"),
        ("2026-03-01", "2026-03-20T10:00:00Z", "wrong-access"),
        ("2026-03-10", "2026-03-20T10:00:00Z", "wrong-access"),
        ("2026-03-20T10:00:01Z", "2026-03-20T10:00:00Z", "conforming"),
    ],
)
def test_an_end_that_came_from_source_data_is_judged_as_known_now(
    tmp_path: Path, now: str, used: str, verdict: str
) -> None:
    story = delivered(expires_at="2026-03-01").fact(
        "nora.weber", "contract_end", "2026-03-01", "2025-01-06T00:00:00Z"
    )
    story.fact("nora.weber", "contract_end", now, "2025-01-06T00:00:00Z", "2026-02-20T09:00:00Z")
    answer = story.act(used, "use", NORA, executor=NORA).judge(tmp_path).why("nora.weber")
    assert answer["verdict"] == verdict
    if verdict == "wrong-access":
        assert answer["root"]["mode"] == "expiry-not-enforced"
        assert answer["grant"]["wrong_since"] == f"{now}T00:00:00.000Z"


def test_an_end_corrected_to_an_earlier_one_is_outlived_though_the_system_kept_to_its_own(
    tmp_path: Path,
) -> None:
    story = delivered(expires_at="2026-04-01").fact(
        "nora.weber", "contract_end", "2026-04-01", "2025-01-06T00:00:00Z"
    )
    story.fact("nora.weber", "contract_end", "2026-03-01", "2025-01-06T00:00:00Z", "2026-02-20T09:00:00Z")
    answer = story.judge(tmp_path).why("nora.weber")
    assert (answer["root"]["mode"], answer["grant"]["wrong_since"]) == (
        "expiry-not-enforced",
        "2026-03-01T00:00:00.000Z",
    )


def test_attributes_that_disagree_on_what_the_end_has_become_correct_nothing(tmp_path: Path) -> None:
    story = delivered(expires_at="2026-03-01")
    for attribute, now in (("contract_end", "2026-12-31"), ("badge_end", "2026-03-01")):
        story.fact("nora.weber", attribute, "2026-03-01", "2025-01-06T00:00:00Z")
        story.fact("nora.weber", attribute, now, "2025-01-06T00:00:00Z", "2026-02-20T09:00:00Z")
    story.act("2026-03-20T10:00:00Z", "use", NORA, executor=NORA)
    assert story.judge(tmp_path).root("nora.weber") == "expiry-not-enforced"


def test_the_end_of_an_entitlement_ends_it_for_all(tmp_path: Path) -> None:
    judged = moved(held()).until(LAST).judge(tmp_path)
    act = dict(
        judged.connection.execute(
            "SELECT * FROM acts WHERE verb = 'grant' AND subject = ?", (NORA,)
        ).fetchone()
    )
    act |= {
        "seq": 9,
        "act": "gone",
        "at": "2026-03-02T12:00:00.000Z",
        "verb": "delete",
        "subject": None,
        "ticket": None,
    }
    places = ", ".join("?" * len(act))
    judged.connection.execute(f"INSERT INTO acts ({', '.join(act)}) VALUES ({places})", list(act.values()))
    judge(judged.connection)
    assert ends(judged) == [("2026-03-02T12:00:00.000Z", "delete")]
