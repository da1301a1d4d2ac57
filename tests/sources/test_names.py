"""One account under the several names that one vendor's records give it."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.judgement.prepare.controls import Controls
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


def held_by(connection: sqlite3.Connection) -> list[tuple[str, str, bool]]:
    """Account, entitlement and whether it is still held, of every grant."""
    rows = connection.execute(
        "SELECT a.name AS account, e.name AS entitlement, g.ended_at IS NULL AS held FROM grants g "
        "JOIN accounts a ON a.id = g.account_id JOIN entitlements e ON e.id = g.entitlement_id ORDER BY 1, 2"
    )
    return [(row["account"], row["entitlement"], bool(row["held"])) for row in rows]


def test_a_renamed_group_of_scim_is_one_group_under_its_latest_name(case_path: Path, tmp_path: Path) -> None:
    renamed = {"Operations": [{"op": "replace", "path": "displayName", "value": "Sales leads"}]}
    removed = {"Operations": [{"op": "remove", "path": 'members[value eq "u1"]'}]}
    lines = [
        scim(1, "POST", "/v2/Users", {"id": "u1", "userName": "pavel"}),
        scim(2, "POST", "/v2/Groups", {"id": "g1", "displayName": "Sales admins"}),
        member("g1", "u1"),
        scim(20, "PATCH", "/v2/Groups/g1", renamed),
        scim(30, "PATCH", "/v2/Groups/g1", removed),
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(lines), encoding="utf-8")
    ingest(case_path, [str(log)])
    connection = open_case(case_path)
    judge(connection)
    assert held_by(connection) == [("pavel", "Sales leads", False)]
    assert entitlement_named(connection, "sales admins", "crm")["name"] == "Sales leads"
    assert entitlement_named(connection, "g1", "crm")["name"] == "Sales leads"


def okta(number: int, event: str, group: tuple[str, str]) -> dict[str, Any]:
    """A record of Okta's log on pavel's membership of a group: its id and what it is called then."""
    return {
        "uuid": f"u{number}",
        "published": f"2026-03-02T10:{number:02}:00.000Z",
        "eventType": event,
        "actor": {"id": "00u1", "type": "User", "alternateId": "desk@corp.example"},
        "outcome": {"result": "SUCCESS"},
        "target": [
            {"id": "00u2", "type": "User", "alternateId": "pavel@corp.example"},
            {"id": group[0], "type": "UserGroup", "alternateId": "unknown", "displayName": group[1]},
        ],
    }


def judged(
    case_path: Path, folder: Path, records: list[dict[str, Any]], register: str = ""
) -> sqlite3.Connection:
    """The judged case of these records and this register."""
    (folder / "log.json").write_text(json.dumps(records), encoding="utf-8")
    (folder / "register.yaml").write_text(register or "roles: []\n", encoding="utf-8")
    ingest(case_path, [str(folder / "log.json"), str(folder / "register.yaml")])
    connection = open_case(case_path)
    judge(connection)
    return connection


def test_a_renamed_group_of_okta_is_one_group_that_the_register_may_call_by_its_id_or_its_earlier_name(
    case_path: Path, tmp_path: Path
) -> None:
    records = [
        okta(1, "group.user_membership.add", ("00g1", "VPN")),
        okta(2, "group.profile.update", ("00g1", "Remote access")),
        okta(3, "group.user_membership.remove", ("00g1", "Remote access")),
        okta(4, "group.user_membership.add", ("00g2", "Payroll")),
    ]
    register = """
roles:
- {system: okta, entitlement: 00g1, owner: by-id@corp.example}
- {system: okta, entitlement: "Pay*", owner: by-glob@corp.example, conflicts: [{system: okta, entitlement: "VP?"}]}
controls:
- {id: P-1, point: provisioning, covers: {system: okta, entitlement: "00g1"}}
"""
    connection = judged(case_path, tmp_path, records, register)
    assert held_by(connection) == [
        ("pavel@corp.example", "Payroll", True),
        ("pavel@corp.example", "Remote access", False),
    ]
    owners = connection.execute(
        "SELECT e.name, r.owner FROM grants g JOIN entitlements e ON e.id = g.entitlement_id JOIN roles r ON r.id = g.role_id"
    )
    assert {tuple(row) for row in owners} == {
        ("Payroll", "by-glob@corp.example"),
        ("Remote access", "by-id@corp.example"),
    }
    covered = Controls(connection).seat("provisioning", None, system="okta", entitlement="Remote access")
    assert covered.control == "P-1"


def test_a_name_that_another_group_takes_over_is_no_other_name_of_the_first(
    case_path: Path, tmp_path: Path
) -> None:
    records = [
        okta(1, "group.user_membership.add", ("00g1", "VPN")),
        okta(2, "group.profile.update", ("00g1", "VPN old")),
        okta(3, "group.user_membership.add", ("00g2", "VPN")),
    ]
    connection = judged(case_path, tmp_path, records)
    assert {name for _, name, _ in held_by(connection)} == {"VPN"}
    assert [tuple(row) for row in connection.execute("SELECT alias, name FROM entitlement_aliases")] == [
        ("00g2", "VPN")
    ]


def test_conflicts_are_found_by_full_ids(case_path: Path, tmp_path: Path) -> None:
    records = [
        okta(1, "group.user_membership.add", ("00g1", "VPN")),
        okta(2, "group.user_membership.add", ("00g2", "Payroll")),
    ]
    register = (
        "roles:\n- {system: okta, entitlement: Payroll, conflicts: [{system: okta, entitlement: 00g1}]}\n"
    )
    connection = judged(case_path, tmp_path, records, register)
    found = connection.execute("SELECT count(*) FROM conflicts").fetchone()[0]
    assert found == 1


def test_a_group_of_entra_is_called_by_its_object_id_too(case_path: Path, tmp_path: Path) -> None:
    def entra(number: int, activity: str, name: str) -> dict[str, Any]:
        """A record of Entra's log on pavel's membership of one group, by what it is called then."""
        leaves = activity.startswith("Remove")
        said = [("Group.ObjectID", '"g-1"'), ("Group.DisplayName", json.dumps(name))]
        return {
            "id": f"Directory_{number}",
            "activityDisplayName": activity,
            "activityDateTime": f"2026-03-02T10:{number:02}:00Z",
            "result": "success",
            "initiatedBy": {"app": {"displayName": "sync"}, "user": None},
            "targetResources": [
                {
                    "id": "id-pavel",
                    "type": "User",
                    "userPrincipalName": "pavel@corp.example",
                    "modifiedProperties": [
                        {"displayName": key, "oldValue": value if leaves else None, "newValue": None if leaves else value}
                        for key, value in said
                    ],
                },
                {"id": "g-1", "type": "Group", "displayName": name, "modifiedProperties": []},
            ],
        }  # fmt: skip

    records = [
        entra(1, "Add member to group", "Finance"),
        entra(2, "Remove member from group", "Finance (old)"),
    ]
    connection = judged(case_path, tmp_path, records)
    assert held_by(connection) == [("pavel@corp.example", "Finance (old)", False)]
    assert entitlement_named(connection, "g-1", "entra")["name"] == "Finance (old)"
