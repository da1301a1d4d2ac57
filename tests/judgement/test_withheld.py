"""What parts of the register, and stretches of a file, that were not handed in would have said is held against nobody."""

from pathlib import Path

import pytest
from tests.completeness.test_gaps_between_files import Read, log, read
from tests.stories.execution import GRANTED, LAST, asked, delivered
from tests.story import FIELDS, Story, mail

from tracer.completeness.coverage import ticket_spans
from tracer.completeness.gaps_between_files import log_gaps

__all__ = ["read"]

GLASS = {
    "id": "EX-1", "kind": "break-glass", "identity": mail("nora.weber"), "system": "erp", "entitlement": "gl-poster",
    "recorded_by": mail("marta.lind"), "recorded_at": "2026-02-03T07:00:00Z", "approved_by": mail("marta.lind"),
    "expires_at": "2026-02-10", "cleanup_owner": mail("marta.lind"),
}  # fmt: skip


@pytest.mark.parametrize("controls", [True, False])
def test_who_may_approve_exceptions_is_not_known_without_a_control_of_them(
    tmp_path: Path, controls: bool
) -> None:
    story = asked().add("exceptions", **GLASS).grant(GRANTED, "nora.weber", exception="EX-1").until(LAST)
    story.act("2026-02-09T08:00:00Z", "revoke", mail("nora.weber"))
    judged = (story if controls else story.without_control("exception")).judge(tmp_path)
    assert ("exception-unrecorded" in judged.modes("nora.weber")) is controls


@pytest.mark.parametrize("registered", [True, False])
def test_a_stranger_may_be_the_provisioner_of_whom_nothing_else_is_known(
    tmp_path: Path, registered: bool
) -> None:
    story = delivered(executor="svc-desk")
    story.register["roles"][0]["provisioners"] = ["desk-provisioner"]
    if registered:
        story.identity(
            "desk-provisioner", "workload", owner="platform", accounts=[{"system": "erp", "name": "desk"}]
        )
    judged = story.judge(tmp_path)
    assert ("unauthorised-executor" in judged.modes("nora.weber")) is registered
    assert judged.why("nora.weber")["verdict"] == ("wrong-access" if registered else "undetermined")


@pytest.mark.parametrize(
    "account", ["arn:aws:iam::111122223333:user/desk-provisioner", "CORP\\desk-provisioner"]
)
def test_a_stranger_called_as_a_provisioner_may_be_that_one(tmp_path: Path, account: str) -> None:
    story = delivered(executor=account).act(GRANTED, "use", "desk-provisioner", executor="desk-provisioner")
    story.register["roles"][0]["provisioners"] = ["desk-provisioner"]
    assert story.judge(tmp_path).why("nora.weber")["verdict"] == "undetermined"


@pytest.mark.parametrize("registered", [True, False])
def test_whose_login_got_what_a_ticket_gave_somebody_is_not_known_of_strangers(
    tmp_path: Path, registered: bool
) -> None:
    story = asked().act(GRANTED, "grant", "nw42", ticket="ACC-1").until(LAST)
    if registered:
        story.identity(mail("nora.weber"), "human", accounts=[{"system": "erp", "name": "nora7"}])
    judged = story.judge(tmp_path)
    rows = judged.connection.execute(
        "SELECT k.verdict FROM checks k JOIN grants g ON g.id = k.grant_id JOIN accounts a ON a.id = g.account_id WHERE k.mode = 'wrong-subject' AND a.name = 'nw42'"
    ).fetchall()
    assert [row[0] for row in rows] == ["fail" if registered else "no-evidence"]


@pytest.mark.parametrize("policy", [True, False])
def test_how_long_a_removal_may_take_is_not_known_without_a_policy(tmp_path: Path, policy: bool) -> None:
    story = asked().add("exceptions", **GLASS).grant(GRANTED, "nora.weber", exception="EX-1").until(LAST)
    story.act("2026-02-12T08:00:00Z", "revoke", mail("nora.weber"))
    if not policy:
        del story.register["policy"]
    judged = story.without_control("exception").judge(tmp_path)
    assert ("exception-not-cleaned-up" in judged.modes("nora.weber")) is policy
    assert judged.why("nora.weber")["verdict"] == ("wrong-access" if policy else "undetermined")


@pytest.mark.parametrize("registered", [True, False])
def test_a_login_that_nobody_joins_to_a_person_may_be_theirs_who_asked(
    tmp_path: Path, registered: bool
) -> None:
    story = asked().act(GRANTED, "grant", "nw42").until(LAST)
    if registered:
        story.identity("olga.kern", "human", accounts=[{"system": "erp", "name": "nw42"}])
    found = story.judge(tmp_path).connection.execute(
        "SELECT g.verdict FROM grants g JOIN accounts a ON a.id = g.account_id WHERE a.name = 'nw42'"
    )
    assert found.fetchone()[0] == ("wrong-access" if registered else "undetermined")


@pytest.mark.parametrize(("system", "verdict"), [("erp", "fail"), (None, "no-evidence")])
def test_a_name_on_a_request_of_no_known_system_may_be_anybody(
    tmp_path: Path, system: str | None, verdict: str
) -> None:
    story = asked().identity(
        mail("svc-close"), "service-account", accounts=[{"system": "erp", "name": "svc-close"}]
    )
    story.ticket(
        "ACC-2", None, "2026-02-02T08:00:00Z", [("grace.lindt", "2026-02-02T09:00:00Z")], system=system
    )
    story.issues[-1]["fields"][FIELDS["beneficiary"]] = "svc-other"
    story.act(GRANTED, "grant", "svc-close", ticket="ACC-2").until(LAST)
    assert story.judge(tmp_path).check("wrong-subject", "svc-close") == verdict


@pytest.mark.parametrize("eligible", ['identity.status == "active"', None])
def test_source_data_that_the_catalogue_asks_for_would_tell_who_has_two_addresses(
    tmp_path: Path, eligible: str | None
) -> None:
    story = asked().grant(GRANTED, "nora.holt").until(LAST)
    story.facts.clear()
    story.register["roles"][0]["eligible"] = eligible
    answer = story.judge(tmp_path).why("nora.holt")
    assert answer["verdict"] == ("undetermined" if eligible else "wrong-access")


def test_a_cancellation_is_no_decision_where_no_field_of_approvals_is_known(tmp_path: Path) -> None:
    cancelled = [("2026-02-10T09:00:00Z", "grace.lindt", "Cancelled")]
    story = asked(history=cancelled).grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST)
    del story.register["tickets"]
    assert story.judge(tmp_path).why("nora.weber")["verdict"] == "undetermined"


def test_tickets_of_which_nobody_says_what_their_fields_hold_cover_no_time(tmp_path: Path) -> None:
    story = asked().grant(GRANTED, "nora.weber").until(LAST)
    del story.register["tickets"]
    judged = story.judge(tmp_path)
    assert not any(ticket_spans(judged.connection).values())
    assert judged.why("nora.weber")["verdict"] == "undetermined"


@pytest.mark.parametrize(("lost", "verdict"), [(1, "wrong-access"), (3, "undetermined")])
def test_an_export_without_many_of_the_tickets_that_logs_name_has_lost_others(
    tmp_path: Path, lost: int, verdict: str
) -> None:
    story = asked().grant(GRANTED, "nora.weber").until(LAST)
    story.issues = [issue for issue in story.issues if issue["key"] != "ACC-1"]
    for number in range(lost):
        story.grant(GRANTED, f"user.{number}", ticket=f"ACC-{10 + number}")
    judged = story.judge(tmp_path)
    assert judged.why("nora.weber")["verdict"] == verdict
    assert judged.why("user.0")["verdict"] == "undetermined"


@pytest.mark.parametrize("catalogue", [True, False])
def test_whether_keys_need_a_request_is_not_known_without_a_catalogue(
    tmp_path: Path, catalogue: bool
) -> None:
    story = asked().grant(GRANTED, "svc-desk", "credential:K1").until(LAST)
    if not catalogue:
        del story.register["roles"]
    assert story.judge(tmp_path).why("svc-desk", "credential:K1")["verdict"] == (
        "wrong-access" if catalogue else "undetermined"
    )


# Holes inside of files

HALF_DAYS = [number / 2 for number in range(240)]


def test_a_month_cut_out_of_a_log_is_a_hole(read: Read) -> None:
    case = read({"1.jsonl": log([day for day in HALF_DAYS if not 40 < day < 70])})
    assert log_gaps(case) == {"provisioning-log": [("2026-02-10T00:00:00.000Z", "2026-03-12T00:00:00.000Z")]}


def test_a_log_that_speaks_at_the_ends_of_months_alone_has_no_hole(read: Read) -> None:
    days = [month * 30 + hour / 24 for month in range(5) for hour in range(40)]
    assert log_gaps(read({"1.jsonl": log(days)})) == {}


def test_a_log_that_becomes_quiet_has_no_hole(read: Read) -> None:
    assert log_gaps(read({"1.jsonl": log([*HALF_DAYS[:80], 60, 75, 82, 95, 110])})) == {}


@pytest.mark.parametrize(("every", "missing"), [(1, True), (10, False)])
def test_a_few_tickets_long_before_many_do_not_cover_what_lies_between(
    tmp_path: Path, every: int, missing: bool
) -> None:
    story = Story().ticket_export("2026-01-01T08:00:00Z", "2026-01-03T08:00:00Z").until(LAST)
    for number in range(0, 30, every):
        at = f"2026-06-{number + 1:02}T08:00:00Z"
        story.ticket(f"ACC-{number}", "otto.kern", at, declined=[("grace.lindt", at)])
    spans = ticket_spans(story.judge(tmp_path).connection)["jira"]
    assert any(first <= "2026-04-01" <= last for first, last in spans) is not missing
