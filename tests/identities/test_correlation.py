"""One person through CloudTrail, Okta, GitHub, Jira, HR and Windows is one identity, each join with its basis; two namesakes are two."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

ANA, OTHER = "ana.ruiz@fjordline.example", "ana.ruiz2@fjordline.example"
SID = "S-1-5-21-1-2-3-1107"

REGISTER = f"""
identities:
  - id: {ANA}
    kind: human
    accounts:
      - {{system: github, name: anaruiz-gh}}
      - {{system: windows, name: "{SID}"}}
      - {{system: aws, name: "arn:aws:iam::111122223333:user/ana"}}
"""

HR = f"""worker_id,email,attribute,value,effective_at,recorded_at,system
00417,{ANA},display_name,Ana Ruiz,2025-01-01,2025-01-01,people-hub
00418,{OTHER},display_name,Ana Ruiz,2025-01-01,2025-01-01,people-hub
"""


def cloudtrail(number: int, identity: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A call by this identity that attaches a policy."""
    return {
        "eventTime": f"2026-03-01T08:{number:02d}:00Z", "eventSource": "iam.amazonaws.com", "eventName": "AttachUserPolicy",
        "eventID": f"ct-{number}", "recipientAccountId": "111122223333", "userIdentity": identity,
        "requestParameters": {"userName": "somebody", "policyArn": f"arn:aws:iam::aws:policy/P{number}"}, **more,
    }  # fmt: skip


def okta(number: int, mail: str, identifier: str) -> dict[str, Any]:
    """A group membership given to this user."""
    return {
        "uuid": f"ok-{number}", "published": f"2026-03-02T08:{number:02d}:00.000Z", "eventType": "group.user_membership.add",
        "outcome": {"result": "SUCCESS"}, "actor": {"id": "00uadmin", "type": "User", "alternateId": "admin@fjordline.example"},
        "target": [
            {"id": identifier, "type": "User", "alternateId": mail, "displayName": "Ana Ruiz"},
            {"id": "00g1", "type": "UserGroup", "displayName": f"G{number}"},
        ],
    }  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> sqlite3.Connection:
    """All of it in one case."""
    trail = [
        cloudtrail(1, {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ana", "accountId": "111122223333", "userName": "ana"}),
        cloudtrail(2, {"type": "SAMLUser", "principalId": f"x:{ANA}", "userName": ANA}),
        cloudtrail(3, {"type": "IdentityCenterUser", "accountId": "111122223333", "onBehalfOf": {"userId": "idc-ana", "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-1"}, "credentialId": "c"}),
    ]  # fmt: skip
    github = [
        {
            "@timestamp": 1772352000000,
            "_document_id": "gh1",
            "action": "team.add_member",
            "actor": "anaruiz-gh",
            "user": "someone",
            "org": "fj",
            "team": "fj/ops",
        }
    ]
    jira = {
        "issues": [
            {
                "key": "IAM-9",
                "fields": {
                    "created": "2026-02-01T09:00:00.000+0000",
                    "reporter": {"accountId": "5b10", "emailAddress": ANA.upper(), "displayName": "Ana Ruiz"},
                },
            }
        ]
    }
    log = [
        {"at": "2026-03-03T08:00:00Z", "action": "grant", "system": "windows", "account": SID, "entitlement": "Domain Admins", "executor": "ad-sync"},
        {"at": "2026-03-03T08:01:00Z", "action": "grant", "system": "crm", "account": "Ana Ruiz", "entitlement": "seat", "executor": "crm-sync"},
        {"at": "2026-03-03T08:02:00Z", "action": "grant", "system": "erp", "account": "00418", "entitlement": "seat", "executor": "erp-sync"},
    ]  # fmt: skip
    for name, text in {
        "register.yaml": REGISTER,
        "people-hub.csv": HR,
        "trail.json": json.dumps({"Records": trail}),
        "okta.jsonl": "".join(
            json.dumps(one) + "\n" for one in (okta(1, ANA, "00uana"), okta(2, OTHER, "00uana2"))
        ),
        "github.jsonl": "".join(json.dumps(one) + "\n" for one in github),
        "jira.json": json.dumps(jira),
        "engine.jsonl": "".join(json.dumps(one) + "\n" for one in log),
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    summary = ingest(tmp_path / "case.db", [str(path) for path in sorted(tmp_path.iterdir())])
    assert summary.problems == []
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    return connection


def joined(case: sqlite3.Connection, system: str, name: str) -> tuple[str, str]:
    """Identity and basis of an account."""
    row = case.execute(
        "SELECT identity_id, basis FROM accounts WHERE system = ? AND lower(name) = ?", (system, name.lower())
    ).fetchone()
    assert row is not None, f"{system}: {name} is no account"
    return row[0], row[1]


@pytest.mark.parametrize(
    ("system", "name", "basis"),
    [
        ("aws", "arn:aws:iam::111122223333:user/ana", "register"),
        ("aws", ANA, "email"),
        ("okta", ANA, "email"),
        ("github", "anaruiz-gh", "register"),
        ("jira", ANA, "email"),
        ("windows", SID, "register"),
    ],
)
def test_one_person_is_one_identity(case: sqlite3.Connection, system: str, name: str, basis: str) -> None:
    assert joined(case, system, name) == (ANA, basis)


def test_a_worker_id_joins_the_namesake_and_a_display_name_joins_nobody(case: sqlite3.Connection) -> None:
    assert joined(case, "erp", "00418") == (OTHER, "worker-id")
    assert joined(case, "okta", OTHER) == (OTHER, "email")
    identity, basis = joined(case, "crm", "Ana Ruiz")
    assert identity not in (ANA, OTHER)
    assert basis == "own"


def test_an_identity_centre_user_whom_nothing_joins_stays_alone(case: sqlite3.Connection) -> None:
    row = case.execute("SELECT identity_id, basis FROM accounts WHERE name LIKE '%idc-ana%'").fetchone()
    assert row is not None
    assert row[0] not in (ANA, OTHER)
