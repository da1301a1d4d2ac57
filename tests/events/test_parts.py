"""A consent is three records of one operation: what it gives has all of them as evidence, and the third is no grant."""

import json
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

CLIENT, GRAPH = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"


def record(operation: str, target: str, name: str, *changed: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "CreationTime": "2026-04-02T09:00:00",
        "Id": f"{operation} {more}",
        "Operation": operation,
        "Workload": "AzureActiveDirectory",
        "RecordType": 8,
        "ResultStatus": "Success",
        "UserId": "ada@corp.example",
        "UserType": 0,
        "UserKey": "1003@corp.example",
        "OrganizationId": "o",
        "InterSystemsId": "op-1",
        "ModifiedProperties": [{"Name": key, "NewValue": value, "OldValue": ""} for key, value in changed],
        "Target": [
            {"ID": f"ServicePrincipal_{target}", "Type": 2},
            {"ID": "ServicePrincipal", "Type": 2},
            {"ID": name, "Type": 1},
        ],
    } | more


CONSENT = record(
    "Consent to application.",
    CLIENT,
    "Ledger App",
    (
        "ConsentAction.Permissions",
        f"[] => [[Id: x, ClientId: {CLIENT}, Scope: User.Read Mail.Read, CreatedDateTime: ]]",
    ),
)
PERMISSION = record(
    "Add delegated permission grant.",
    GRAPH,
    "Microsoft Graph",
    ("DelegatedPermissionGrant.Scope", " User.Read Mail.Read"),
    ("ServicePrincipal.ObjectID", CLIENT),
)


def assignment(role: str = "", **more: Any) -> dict[str, Any]:
    said = (("AppRole.Value", role), ("User.UPN", "ada@corp.example"))
    return record("Add app role assignment grant to user.", CLIENT, "Ledger App", *said, **more)


def grants(tmp_path: Path, *records: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Subject, entitlement, outcome and number of records of every grant; each record in a file of its own."""
    files = tmp_path / "files"
    files.mkdir()
    for number, one in enumerate(records):
        (files / f"{number}.json").write_text(json.dumps(one) + "\n", encoding="utf-8")
    ingest(tmp_path / "case.db", [str(files)])
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    rows = connection.execute(
        """SELECT a.name, e.name, v.outcome, (SELECT count(*) FROM event_records r WHERE r.event_id = v.id)
           FROM events v JOIN accounts a ON a.id = v.subject_id LEFT JOIN entitlements e ON e.id = v.entitlement_id
           WHERE v.verb = 'grant' ORDER BY 1, 2"""
    )
    return [tuple(row) for row in rows]


def test_a_consent_is_one_grant_of_each_scope_with_all_its_records(tmp_path: Path) -> None:
    assert [row[1:] for row in grants(tmp_path, assignment(), CONSENT, PERMISSION)] == [
        ("Microsoft Graph:Mail.Read", "success", 3),
        ("Microsoft Graph:User.Read", "success", 3),
    ]


def test_an_assignment_of_another_operation_is_its_own(tmp_path: Path) -> None:
    found = grants(tmp_path, CONSENT, PERMISSION, assignment(InterSystemsId="op-2"))
    assert [row[1:] for row in found] == [
        ("Microsoft Graph:Mail.Read", "success", 2),
        ("Microsoft Graph:User.Read", "success", 2),
        ("Ledger App", "success", 1),
    ]


def test_an_assignment_with_a_role_is_more_than_a_part(tmp_path: Path) -> None:
    assert ("ada@corp.example", "Ledger App:Ledger.Admin", "success", 1) in grants(
        tmp_path, CONSENT, PERMISSION, assignment("Ledger.Admin")
    )


def test_an_assignment_that_failed_is_no_part_of_a_consent(tmp_path: Path) -> None:
    found = grants(tmp_path, CONSENT, PERMISSION, assignment(ResultStatus="Failure"))
    assert ("ada@corp.example", "Ledger App", "failure", 1) in found
    assert sorted(row[3] for row in found) == [1, 2, 2]
