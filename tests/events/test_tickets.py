"""Tickets of systems without code of their own become requests once the register says which field holds what."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

ASKED = ("omar@larkfield.example", "ledger", "post-entries")
REDMINE = {
    "id": 71, "tracker": {"id": 4, "name": "Access"}, "author": {"id": 7, "name": "Nina"}, "subject": "Ledger for Omar",
    "status": {"id": 5, "name": "Approved"}, "created_on": "2026-03-01T08:00:00Z", "updated_on": "2026-03-01T10:00:00Z",
    "custom_fields": [
        {"id": 1, "name": "Beneficiary", "value": ASKED[0]}, {"id": 2, "name": "System", "value": ASKED[1]},
        {"id": 3, "name": "Entitlement", "value": ASKED[2]},
    ],
}  # fmt: skip
ZENDESK = {
    "id": 12, "requester_id": 501, "submitter_id": 501, "status": "solved", "created_at": "2026-03-01T08:00:00Z",
    "updated_at": "2026-03-01T09:00:00Z", "subject": "x",
    "custom_fields": [{"id": 36, "value": ASKED[0]}, {"id": 37, "value": ASKED[1]}, {"id": 38, "value": ASKED[2]}],
}  # fmt: skip
TRACKER = {
    "id": "21", "Queue": {"id": "4"}, "Status": "rejected", "Created": "2026-03-01T08:00:00Z",
    "LastUpdated": "2026-03-01T09:00:00Z", "Creator": {"id": "nina"}, "Requestor": [{"id": "nina@larkfield.example"}],
    "CustomFields": [
        {"name": "Beneficiary", "values": [ASKED[0]]}, {"name": "System", "values": [ASKED[1]]},
        {"name": "Entitlement", "values": [ASKED[2]]},
    ],
}  # fmt: skip
NAMED = {"beneficiary": "Beneficiary", "system": "System", "entitlement": "Entitlement"}
JIRA = (
    "Issue key,Issue Type,Status,Reporter,Created,Updated,Custom field (For),Custom field (System),Custom field (What)\n"
    "ACC-1,Access,Approved,nina,01/Mar/26 8:00 AM,01/Mar/26 10:00 AM," + ",".join(ASKED) + "\n"
)
JIRA_FIELDS = {
    "beneficiary": "Custom field (For)",
    "system": "Custom field (System)",
    "entitlement": "Custom field (What)",
}


def judged(folder: Path, files: dict[str, str]) -> sqlite3.Connection:
    for name, text in files.items():
        (folder / name).write_text(text)
    ingest(folder / "case.db", [str(folder / name) for name in files])
    connection = open_case(folder / "case.db")
    judge(connection)
    return connection


def requests(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    rows = connection.execute(
        "SELECT ticket, beneficiary, system, entitlement, decision, requested_at FROM requests ORDER BY ticket"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("source", "text", "mapping", "ticket", "decision"),
    [
        ("redmine", json.dumps({"issues": [REDMINE]}), NAMED, "#71", "approved"),
        ("redmine", json.dumps({"issue": REDMINE}), NAMED, "#71", "approved"),
        ("zendesk-tickets", json.dumps([ZENDESK]), {"beneficiary": "36", "system": "37", "entitlement": "38"}, "12", "pending"),
        ("request-tracker", json.dumps({"items": [TRACKER]}), NAMED, "21", "denied"),
        ("jira-csv", JIRA, JIRA_FIELDS, "ACC-1", "approved"),
    ],
)  # fmt: skip
def test_a_mapped_ticket_is_a_request(
    tmp_path: Path, source: str, text: str, mapping: dict[str, str], ticket: str, decision: str
) -> None:
    register = yaml.safe_dump({"tickets": {source: mapping}})
    found = judged(tmp_path, {"tickets": text, "register.yaml": register})
    assert requests(found) == [(ticket, *ASKED, decision, "2026-03-01T08:00:00.000Z")]


def test_an_unmapped_one_decides_nothing_and_covers_nothing(tmp_path: Path) -> None:
    grant = {
        "at": "2026-03-01T09:00:00Z", "action": "grant", "system": "ledger", "account": "omar", "entitlement": "post-entries",
        "executor": "engine", "ticket": "#71",
    }  # fmt: skip
    later = {**REDMINE, "id": 99, "created_on": "2026-04-01T08:00:00Z"}
    found = judged(tmp_path, {"t.json": json.dumps([REDMINE, later]), "log.jsonl": json.dumps(grant)})
    assert requests(found) == []
    assert [row[0] for row in found.execute("SELECT verdict FROM grants")] == ["undetermined"]


def test_approver_rows_of_a_table_decide_the_item_of_another(tmp_path: Path) -> None:
    items = (
        "sys_id,number,opened_by.email,requested_for.email,opened_at,state,approval,u_system,u_entitlement\n"
        "i1,RITM1,nina@larkfield.example,omar@larkfield.example,2026-03-01 08:00:00,2,requested,ledger,post-entries\n"
    )
    approvals = (
        "sys_id,sysapproval,approver.email,state,sys_created_on,sys_updated_on\n"
        "p1,RITM1,ada@larkfield.example,approved,2026-03-01 08:05:00,2026-03-01 09:00:00\n"
    )
    mapping = {"beneficiary": "requested_for.email", "system": "u_system", "entitlement": "u_entitlement"}
    register = yaml.safe_dump({"tickets": {"servicenow": mapping}})
    found = judged(tmp_path, {"items.csv": items, "approvals.csv": approvals, "register.yaml": register})
    assert requests(found) == [("RITM1", *ASKED, "approved", "2026-03-01T08:00:00.000Z")]
    voters = found.execute(
        "SELECT a.name FROM events e JOIN accounts a ON a.id = e.actor_id WHERE e.verb = 'approve'"
    ).fetchall()
    assert [row[0] for row in voters] == ["ada@larkfield.example"]


def test_pairs_of_display_and_value_are_read_as_the_values_are(tmp_path: Path) -> None:
    item = {
        "sys_id": "i1", "number": "RITM1", "requested_for.email": ASKED[0], "opened_by.email": "nina@larkfield.example",
        "opened_at": "2026-03-01 08:00:00", "sys_updated_on": "2026-03-01 09:00:00", "approval": "approved", "u_system": ASKED[1],
        "u_entitlement": ASKED[2],
    }  # fmt: skip
    approval = {
        "sys_id": "p1", "sysapproval": "i1", "approver.email": "ada@larkfield.example", "state": "approved",
        "sys_created_on": "2026-03-01 08:05:00", "sys_updated_on": "2026-03-01 09:00:00",
    }  # fmt: skip
    files = {
        f"{name}.json": json.dumps(
            {"result": [{key: {"display_value": "shown", "value": text} for key, text in one.items()}]}
        )
        for name, one in (("items", item), ("approvals", approval))
    }
    mapping = {"beneficiary": "requested_for.email", "system": "u_system", "entitlement": "u_entitlement"}
    found = judged(tmp_path, files | {"register.yaml": yaml.safe_dump({"tickets": {"servicenow": mapping}})})
    assert requests(found) == [("RITM1", *ASKED, "approved", "2026-03-01T08:00:00.000Z")]
    assert found.execute("SELECT count(*) FROM events WHERE verb = 'approve'").fetchone()[0] == 1


@pytest.mark.parametrize(
    ("state", "approval", "decision"),
    [("3", "approved", "approved"), ("4", "approved", "cancelled"), ("4", "rejected", "denied")],
)
def test_an_item_that_was_given_up_is_cancelled_unless_it_was_denied(
    tmp_path: Path, state: str, approval: str, decision: str
) -> None:
    item = {
        "sys_id": "i1", "number": "RITM1", "requested_for.email": ASKED[0], "opened_by.email": "nina@larkfield.example",
        "opened_at": "2026-03-01 08:00:00", "sys_updated_on": "2026-03-01 10:00:00", "state": state, "approval": approval,
        "u_system": ASKED[1], "u_entitlement": ASKED[2],
    }  # fmt: skip
    vote = {
        "sys_id": "p1", "sysapproval": "i1", "approver.email": "ada@larkfield.example", "state": approval,
        "sys_created_on": "2026-03-01 08:05:00", "sys_updated_on": "2026-03-01 09:00:00",
    }  # fmt: skip
    mapping = {"beneficiary": "requested_for.email", "system": "u_system", "entitlement": "u_entitlement"}
    files = {"items.json": json.dumps({"result": [item]}), "approvals.json": json.dumps({"result": [vote]})}
    found = judged(tmp_path, files | {"register.yaml": yaml.safe_dump({"tickets": {"servicenow": mapping}})})
    assert requests(found) == [("RITM1", *ASKED, decision, "2026-03-01T08:00:00.000Z")]
