"""One account under the several names that one vendor's records give it."""

import json
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

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
