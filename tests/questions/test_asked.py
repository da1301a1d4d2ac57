"""`why` asked by an id: access key, session, ticket, event (ours or a vendor's), grant, finding."""

import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.story import Judged, Story, mail

from tracer.case.opening import open_case
from tracer.errors import CaseError, UsageError
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.why import why

ACCOUNT = "111122223333"


def arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def call(
    at: str, event: str, name: str, who: dict[str, Any], source: str = "iam.amazonaws.com", **more: Any
) -> dict[str, Any]:
    return {
        "eventVersion": "1.08", "eventTime": at, "eventID": event, "eventSource": source, "eventName": name,
        "userIdentity": who, "recipientAccountId": ACCOUNT, "awsRegion": "us-east-1", "eventType": "AwsApiCall",
        "requestParameters": None, "responseElements": None,
    } | more  # fmt: skip


def user(name: str, key: str) -> dict[str, Any]:
    return {
        "type": "IAMUser",
        "arn": arn("user", name),
        "userName": name,
        "accessKeyId": key,
        "accountId": ACCOUNT,
    }


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    """ci-user attaches a policy with its own key, then assumes a role and attaches another in that session."""
    folder = tmp_path_factory.mktemp("asked")
    role = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-7",
        "accessKeyId": "ASIASESSION",
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn("role", "deploy")}},
    }
    records = [
        call("2026-03-01T08:00:00Z", "e-0", "AttachUserPolicy", user("root-admin", "AKIAADMIN"),
             requestParameters={"userName": "ci-user", "policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}),
        call("2026-03-02T08:00:00Z", "e-1", "AttachUserPolicy", user("ci-user", "AKIACI"),
             requestParameters={"userName": "lena", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        call("2026-03-02T09:00:00Z", "e-2", "AssumeRole", user("ci-user", "AKIACI"), "sts.amazonaws.com",
             requestParameters={"roleArn": arn("role", "deploy"), "roleSessionName": "run-7"},
             responseElements={"credentials": {"accessKeyId": "ASIASESSION"},
                               "assumedRoleUser": {"arn": role["arn"]}}),
        call("2026-03-02T09:10:00Z", "e-3", "AttachUserPolicy", role,
             requestParameters={"userName": "lena", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        call("2026-03-03T09:10:00Z", "e-4", "DescribeInstances", user("ci-user", "AKIACI"), "ec2.amazonaws.com"),
    ]  # fmt: skip
    (folder / "trail.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    assert ingest(folder / "case.db", [str(folder / "trail.json.gz")]).problems == []
    connection = open_case(folder / "case.db")
    judge(connection)
    return connection


def told(answers: list[dict[str, Any]]) -> dict[str, str]:
    return {answer["grant"]["entitlement"]: answer["asked"]["relation"] for answer in answers}


def test_of_a_key_who_is_behind_it_what_it_gave_and_what_it_could_do(case: sqlite3.Connection) -> None:
    answers = why(case, "AKIACI")
    assert told(answers) == {
        "ReadOnlyAccess": "granted with it",
        "AdministratorAccess": "granted with it",
        "PowerUserAccess": "held by the identity behind it",
    }
    asked = answers[0]["asked"]
    assert (asked["kind"], asked["identities"]) == ("access key", [f"aws:{arn('user', 'ci-user')}"])
    assert asked["told"][0]["evidence"][0]["ordinal"] == 1
    assert any("used by" in one["what"] for one in asked["told"])


def test_of_a_session_only_what_was_done_in_it_and_who_started_it(case: sqlite3.Connection) -> None:
    answers = why(case, "ASIASESSION")
    assert told(answers)["AdministratorAccess"] == "granted with it"
    assert "ReadOnlyAccess" not in told(answers)
    asked = answers[0]["asked"]
    assert asked["kind"] == "session"
    assert f"aws:{arn('user', 'ci-user')}" in asked["identities"]


def test_an_entitlement_picks_one_of_them(case: sqlite3.Connection) -> None:
    [answer] = why(case, "AKIACI", "ReadOnly")
    assert answer["grant"]["account"] == arn("user", "lena")


def test_a_vendors_event_id_and_ours_lead_to_the_same_grant(case: sqlite3.Connection) -> None:
    [theirs] = why(case, "e-3")
    ours = case.execute("SELECT event_id FROM grants WHERE id = ?", (theirs["grant"]["id"],)).fetchone()[0]
    assert why(case, ours)[0]["grant"] == theirs["grant"]
    assert theirs["asked"]["kind"] == "event"
    assert theirs["asked"]["told"][0]["what"].startswith("grant AdministratorAccess in aws for")


def test_the_event_that_began_a_session_leads_to_what_was_granted_in_it(case: sqlite3.Connection) -> None:
    assert told(why(case, "e-2")) == {"AdministratorAccess": "bears on the event"}


def test_a_use_that_was_only_counted_leads_to_what_its_account_held(case: sqlite3.Connection) -> None:
    [answer] = why(case, "e-4")
    assert answer["grant"]["entitlement"] == "PowerUserAccess"
    assert "DescribeInstances" in answer["asked"]["told"][0]["what"]


def test_a_part_of_an_id_or_of_another_text_is_no_id(case: sqlite3.Connection) -> None:
    for name in ("AKIAC", "e-", "AttachUserPolicy", "us-east-1", "2026-03-01T08:00:00Z"):
        with pytest.raises(CaseError, match="no identity or account is called"):
            why(case, name)


def test_a_key_that_is_known_but_leads_to_no_grant_says_who_is_behind_it(tmp_path: Path) -> None:
    record = call("2026-03-03T09:10:00Z", "e-9", "GetObject", user("ci-user", "AKIACI"), "s3.amazonaws.com")
    (tmp_path / "trail.json").write_text(json.dumps({"Records": [record]}))
    ingest(tmp_path / "case.db", [str(tmp_path / "trail.json")])
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    with pytest.raises(
        CaseError, match=r"access key AKIACI leads to no grant in evidence: used by .*user/ci-user"
    ):
        why(connection, "AKIACI")


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    story = Story().role(approval="required").authority("rosa.lund").person("nora.weber").person("ola.berg")
    story.ticket("ACC-1", "nora.weber", "2026-02-02T08:00:00Z", [("rosa.lund", "2026-02-02T09:00:00Z")])
    story.grant("2026-02-02T10:00:00Z", "nora.weber")
    story.ticket(
        "ACC-2", "ola.berg", "2026-02-03T08:00:00Z", declined=[("rosa.lund", "2026-02-03T09:00:00Z")]
    )
    story.grant("2026-02-02T10:00:00Z", "ola.berg", "gl-reader")
    story.review("2026-03-01T08:00:00Z", "nora.weber")
    return story.until("2026-04-30T08:00:00Z").judge(tmp_path_factory.mktemp("tickets"))


def test_a_ticket_leads_to_what_it_delivered_also_where_the_log_names_none(tickets: Judged) -> None:
    [answer] = why(tickets.connection, "acc-1")
    assert answer["grant"]["identity"] == mail("nora.weber")
    assert answer["asked"]["told"][0]["what"].startswith(
        "ACC-1 (jira): nora.weber@corp.example asked for gl-poster"
    )


def test_a_denied_ticket_that_delivered_nothing_says_so(tickets: Judged) -> None:
    with pytest.raises(CaseError, match=r"ticket ACC-2 leads to no grant in evidence: .*denied"):
        why(tickets.connection, "ACC-2")


def test_an_approval_or_a_review_leads_to_the_grant_it_was_about(tickets: Judged) -> None:
    for verb in ("approve", "review"):
        event = tickets.connection.execute(
            "SELECT id FROM events WHERE verb = ? ORDER BY at LIMIT 1", (verb,)
        ).fetchone()[0]
        [answer] = why(tickets.connection, event)
        assert (answer["grant"]["identity"], answer["grant"]["entitlement"]) == (
            mail("nora.weber"),
            "gl-poster",
        )


def test_a_grant_that_was_not_held_then_is_not_answered_for(tickets: Judged) -> None:
    with pytest.raises(CaseError, match="nothing of that was held at 2026-01-01"):
        why(tickets.connection, mail("nora.weber"), "gl-poster", at="2026-01-01T00:00:00.000Z")


def test_a_part_of_two_names_lists_both_and_exits_with_2(tickets: Judged) -> None:
    with pytest.raises(UsageError, match="more than one identity") as caught:
        why(tickets.connection, "r")
    assert caught.value.exit_code == 2
    assert "ola.berg@corp.example" in str(caught.value)


def test_a_glob_means_the_one_identity_and_entitlement_that_it_fits(tickets: Judged) -> None:
    [answer] = why(tickets.connection, "NORA.*", "*-poster")
    assert answer["grant"]["identity"] == mail("nora.weber")
    with pytest.raises(UsageError, match="more than one identity"):
        why(tickets.connection, "*@corp.example")
    with pytest.raises(CaseError, match="no identity or account"):
        why(tickets.connection, "nora?x")


def test_an_empty_name_is_bad_usage(tickets: Judged) -> None:
    with pytest.raises(UsageError, match="the name is empty"):
        why(tickets.connection, " ")


def test_the_beginning_of_a_finding_as_the_table_shows_it_leads_to_its_grant(tmp_path: Path) -> None:
    story = Story().person("nora.weber").grant("2026-02-02T10:00:00Z", "nora.weber")
    story.ticket_export("2026-01-01T08:00:00Z", "2026-04-30T08:00:00Z")
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    root = judged.why("nora.weber")["root"]["id"]
    [answer] = why(judged.connection, root[:10])
    assert answer["root"]["id"] == root
    with pytest.raises(CaseError, match="no identity or account"):
        why(judged.connection, root[:6])


def test_a_session_named_as_in_an_alert_means_its_role_which_says_what_it_granted(
    case: sqlite3.Connection,
) -> None:
    name = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/any-name"
    with pytest.raises(CaseError, match=r"role/deploy was granted nothing .* it granted .*tracer why CASE"):
        why(case, name)


def test_the_name_of_an_entitlement_says_which_command_answers_for_it(tickets: Judged) -> None:
    with pytest.raises(CaseError, match="tracer who CASE gl-poster"):
        why(tickets.connection, "gl-poster")
