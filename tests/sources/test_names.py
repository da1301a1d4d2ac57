"""One account under the several names that one vendor's records give it."""

import json
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.names import entitlement_named
from tracer.questions.why import why

ACCOUNT = "111122223333"


def call(
    number: int, name: str, request: dict[str, Any], answer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A record of CloudTrail."""
    return {
        "eventTime": f"2026-03-02T10:{number:02}:00Z",
        "eventID": f"e{number}",
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "userIdentity": {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT},
        "requestParameters": request,
        "responseElements": answer,
        "recipientAccountId": ACCOUNT,
    }


def test_a_user_made_under_a_path_is_who_later_calls_name_without_it(case_path: Path, tmp_path: Path) -> None:
    made = {
        "user": {
            "arn": f"arn:aws:iam::{ACCOUNT}:user/platform/odile",
            "userId": "AIDAODILE",
            "userName": "odile",
        }
    }
    records = [
        call(1, "CreateUser", {"userName": "odile", "path": "/platform/"}, made),
        call(
            2,
            "AttachUserPolicy",
            {"userName": "odile", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ),
        call(
            3,
            "AttachUserPolicy",
            {"userName": "pavel", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ),
    ]
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"Records": records}), encoding="utf-8")
    ingest(case_path, [str(log)])
    connection = open_case(case_path)
    judge(connection)
    rows = connection.execute(
        "SELECT a.name FROM grants g JOIN accounts a ON a.id = g.account_id ORDER BY a.name"
    )
    assert [row["name"] for row in rows] == [
        f"arn:aws:iam::{ACCOUNT}:user/pavel",
        f"arn:aws:iam::{ACCOUNT}:user/platform/odile",
    ]


def test_those_who_gain_by_a_trust_policy_are_not_the_role_that_is_made(
    case_path: Path, tmp_path: Path
) -> None:
    trust = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                "Action": "sts:AssumeRole",
            }
        ]
    }
    made = {
        "role": {
            "arn": f"arn:aws:iam::{ACCOUNT}:role/ops/release",
            "roleId": "AROARELEASE",
            "roleName": "release",
        }
    }
    request = {"roleName": "release", "path": "/ops/", "assumeRolePolicyDocument": json.dumps(trust)}
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"Records": [call(1, "CreateRole", request, made)]}), encoding="utf-8")
    ingest(case_path, [str(log)])
    connection = open_case(case_path)
    judge(connection)
    held = connection.execute(
        "SELECT a.name AS account, e.name AS entitlement FROM grants g JOIN accounts a ON a.id = g.account_id "
        "JOIN entitlements e ON e.id = g.entitlement_id"
    ).fetchall()
    assert [tuple(row) for row in held] == [("arn:aws:iam::444455556666:root", "release")]
    aliases = {
        tuple(row)
        for row in connection.execute(
            "SELECT a.name, l.alias FROM account_aliases l JOIN accounts a ON a.id = l.account_id"
        )
    }
    role = f"arn:aws:iam::{ACCOUNT}:role/ops/release"
    assert aliases == {(role, f"arn:aws:iam::{ACCOUNT}:role/release"), (role, "AROARELEASE")}


def test_a_policy_is_found_by_its_arn_wherever_tickets_and_the_register_write_it_so(
    case_path: Path, tmp_path: Path
) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    log = tmp_path / "log.json"
    records = [call(1, "AttachUserPolicy", {"userName": "pavel", "policyArn": arn})]
    log.write_text(json.dumps({"Records": records}), encoding="utf-8")
    register = tmp_path / "register.yaml"
    register.write_text(
        f"roles:\n- {{system: aws, entitlement: '{arn}', owner: cloud@corp.example}}\n", encoding="utf-8"
    )
    ingest(case_path, [str(log), str(register)])
    connection = open_case(case_path)
    judge(connection)
    (answer,) = why(connection, "pavel", arn)
    assert answer["grant"]["entitlement"] == "ReadOnlyAccess"
    assert entitlement_named(connection, arn, "aws")["name"] == "ReadOnlyAccess"
    assert [row["entitlement"] for row in connection.execute("SELECT entitlement FROM roles")] == [
        "ReadOnlyAccess"
    ]


def scim(number: int, method: str, path: str, body: dict[str, Any]) -> str:
    """A line of a log of SCIM requests."""
    record = {
        "time": f"2026-03-02T10:{number:02}:00Z",
        "system": "crm",
        "method": method,
        "path": path,
        "status": 200,
    }
    return (
        json.dumps({**record, "body": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Any"], **body}})
        + "\n"
    )


def member(group: str, *added: str) -> str:
    """A request that adds members to a group."""
    operation = {"op": "add", "path": "members", "value": [{"value": one} for one in added]}
    return scim(9, "PATCH", f"/v2/Groups/{group}", {"Operations": [operation]})


def test_a_group_of_scim_is_called_by_its_display_name_unless_two_share_it(
    case_path: Path, tmp_path: Path
) -> None:
    lines = [
        scim(1, "POST", "/v2/Users", {"id": "u1", "userName": "pavel"}),
        scim(2, "POST", "/v2/Groups", {"id": "g1", "displayName": "Sales admins"}),
        scim(3, "POST", "/v2/Groups", {"id": "g2", "displayName": "Twins"}),
        scim(4, "POST", "/v2/Groups", {"id": "g3", "displayName": "Twins"}),
        member("g1", "u1"),
        member("g2", "u1"),
    ]
    log, snapshot = tmp_path / "log.jsonl", tmp_path / "held.csv"
    log.write_text("".join(lines), encoding="utf-8")
    snapshot.write_text("as_of,system,account,entitlement\n2026-03-03,crm,pavel,g1\n", encoding="utf-8")
    ingest(case_path, [str(log), str(snapshot)])
    connection = open_case(case_path)
    judge(connection)
    held = connection.execute(
        "SELECT a.name AS account, e.name AS entitlement FROM grants g JOIN accounts a ON a.id = g.account_id "
        "JOIN entitlements e ON e.id = g.entitlement_id ORDER BY e.name"
    )
    assert [tuple(row) for row in held] == [("pavel", "Sales admins"), ("pavel", "g2")]
