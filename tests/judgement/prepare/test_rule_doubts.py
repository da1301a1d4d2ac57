"""Where a log names no rules, a rule that gave the access then may have decided it, and nobody is accused of no decision."""

import json
from pathlib import Path
from typing import Any

import pytest

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.why import why

NORA = "nora@corp.example"

REGISTER = """
controls:
- {id: PRV, point: provisioning, owners: [{owner: directory@corp.example, from: 2024-01-01}]}
rules:
- {id: R-DYN, version: 1, from: 2025-01-01, to: null, owner: plat@corp.example, language: entra,
   expression: 'user.department -eq "platform"', grants: [{system: entra, entitlement: "dyn-*"}]}
identities:
- {id: sync, kind: workload, owner: directory@corp.example, accounts: [{system: entra, name: sync}]}
policy: {request_window: P14D}
tickets:
  servicenow: {beneficiary: requested_for.email, requester: opened_by.email, system: u_system, entitlement: u_entitlement}
"""


def added(group: str, by: str = "sync", at: str = "2026-03-02T10:00:00Z") -> dict[str, Any]:
    """Entra's record that nora is in a group now."""
    person = "@" in by
    return {
        "id": "Directory_1",
        "activityDisplayName": "Add member to group",
        "activityDateTime": at,
        "result": "success",
        "initiatedBy": {
            "user": {"userPrincipalName": by, "id": by} if person else None,
            "app": None if person else {"displayName": by},
        },
        "targetResources": [
            {"id": "id-nora", "type": "User", "userPrincipalName": NORA, "modifiedProperties": []},
            {"id": group, "type": "Group", "displayName": group, "modifiedProperties": []},
        ],
    }


def ticket(number: int, person: str, group: str, state: str, at: str) -> dict[str, Any]:
    """An item that was decided within the hour."""
    return {
        "sys_id": f"s{number}", "number": f"RITM{number}", "opened_at": at, "opened_by.email": person,
        "requested_for.email": person, "stage": "completed", "state": "3", "approval": state, "u_system": "entra",
        "u_entitlement": group, "sys_created_on": at, "sys_updated_on": at, "cat_item": {"value": "x"},
    }  # fmt: skip


def answer(
    folder: Path, record: dict[str, Any], department: str = "Platform", *more: dict[str, Any]
) -> dict[str, Any]:
    """What is said of nora's membership, with tickets in evidence for the whole time."""
    items = [
        ticket(1, "ola@corp.example", "Other", "approved", "2026-01-01 08:00:00"),
        ticket(2, "ola@corp.example", "Another", "approved", "2026-04-01 08:00:00"),
        *more,
    ]
    people = "worker_id,email,attribute,value,effective_at,recorded_at,system\n"
    people += f"W1,{NORA},department,{department},2025-06-01,2025-06-01,workday\n"
    for name, text in (
        ("log.json", json.dumps({"value": [record]})),
        ("items.json", json.dumps({"result": items})),
        ("people.csv", people),
        ("register.yaml", REGISTER),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    assert ingest(folder / "case.db", [str(folder)]).problems == []
    connection = open_case(folder / "case.db")
    judge(connection)
    [found] = why(connection, NORA, record["targetResources"][1]["displayName"])
    return found


def test_a_rule_that_was_true_of_them_may_have_decided_it(tmp_path: Path) -> None:
    found = answer(tmp_path, added("dyn-platform"))
    assert found["verdict"] == "undetermined"
    assert {"need": f"by which rule or request dyn-platform in entra was granted to {NORA}",
            "ask": "directory@corp.example",
            "period": ["2026-03-02T10:00:00.000Z", "2026-03-02T10:00:00.000Z"]} in found["missing"]  # fmt: skip


def test_so_it_may_after_a_denial(tmp_path: Path) -> None:
    denied = ticket(3, NORA, "dyn-platform", "rejected", "2026-02-27 08:00:00")
    found = answer(tmp_path, added("dyn-platform"), "Platform", denied)
    assert found["lineage"]["request"]["ticket"] == "RITM3"
    assert found["verdict"] == "undetermined"


@pytest.mark.parametrize(
    ("record", "department"),
    [
        (added("dyn-platform"), "Sales"),
        (added("static-group"), "Platform"),
        (added("dyn-platform", by="admin@corp.example"), "Platform"),
        (added("dyn-platform", at="2026-03-02T10:00:00Z") | {"activityDateTime": "2024-12-30T10:00:00Z"}, "Platform"),
    ],
    ids=["the rule excludes them", "no rule gives it", "a person granted it", "the rule was not in force"],
)  # fmt: skip
def test_otherwise_nothing_decided_it(record: dict[str, Any], department: str, tmp_path: Path) -> None:
    early = ticket(4, "ola@corp.example", "Early", "approved", "2024-11-01 08:00:00")
    found = answer(tmp_path, record, department, early)
    assert found["root"]["mode"] == "no-decision"
