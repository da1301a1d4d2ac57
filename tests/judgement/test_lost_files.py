"""Approvals that are records of their own, and files lost before they were known for anything: both may be what is missing."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.judgement.test_unread import NORA, VERIFIED
from tests.stories.execution import APPROVED, ASKED, GRANTED, LAST
from tests.story import Judged, Story, mail

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

DESK = {
    "beneficiary": "requested_for.email",
    "requester": "opened_by.email",
    "system": "u_system",
    "entitlement": "u_entitlement",
}


def judged(folder: Path) -> Judged:
    """The evidence in the folder, judged."""
    ingest(folder / "case.db", [str(folder / "evidence")])
    connection = open_case(folder / "case.db")
    judge(connection)
    return Judged(connection)


def _at(moment: str) -> str:
    return moment.replace("T", " ").rstrip("Z")


def item(number: str, at: str, decision: str, **more: str) -> dict[str, Any]:
    """A request of ServiceNow, asked for by Nora for herself."""
    row = {
        "sys_id": f"item-{number}",
        "number": number,
        "requested_for.email": mail(NORA),
        "opened_by.email": mail(NORA),
        "opened_at": _at(at),
        "sys_created_on": _at(at),
        "sys_updated_on": _at(at),
        "cat_item": {"value": "item"},
        "state": "3",
        "stage": "completed",
        "approval": decision,
        "u_system": "erp",
        "u_entitlement": "reporting-viewer",
    }
    return row | more


def approval(number: str, approver: str, at: str) -> dict[str, Any]:
    """A row of the table of approvals."""
    return {
        "sys_id": f"{number}-{approver}",
        "sysapproval": {"value": f"item-{number}"},
        "sysapproval.number": number,
        "source_table": "sc_req_item",
        "approver": {"value": approver},
        "approver.email": mail(approver),
        "state": "approved",
        "sys_created_on": _at(at),
        "sys_updated_on": _at(at),
        "sys_updated_by": approver,
    }


def desk(folder: Path, *approvals: Any, approver: str) -> None:
    """Evidence in which `approver` approved what Nora asked for, and others may have as well."""
    story = Story().role(approval="required").authority("grace.lindt").person(NORA).person("grace.lindt")
    story.person("otto.kern").register["tickets"] = {"servicenow": DESK}
    story.grant(GRANTED, NORA, ticket="RITM0001").until(LAST).write(folder)
    items = [
        item("RITM0000", "2026-01-05T09:00:00Z", "rejected"),
        item("RITM0001", ASKED, "approved", u_entitlement="gl-poster"),
        item("RITM0002", LAST, "rejected"),
    ]
    (folder / "items.json").write_text(json.dumps({"result": items}, indent=1), "utf-8")
    rows = [approval("RITM0001", approver, APPROVED), *approvals]
    (folder / "approvals.json").write_text(json.dumps({"result": rows}, indent=1), "utf-8")


@pytest.mark.parametrize(
    ("approver", "mode"), [(NORA, "self-approval"), ("otto.kern", "approver-lacks-authority")]
)
@pytest.mark.parametrize(
    ("other", "said"),
    [
        pytest.param([approval("RITM0001", "grace.lindt", APPROVED)], "pass", id="another approval"),
        pytest.param(["RITM0001"], "no-evidence", id="one that could not be read"),
        pytest.param([], "fail", id="no other"),
    ],
)
def test_an_approval_that_could_not_be_read_may_be_the_one_that_counts(
    tmp_path: Path, approver: str, mode: str, other: list[Any], said: str
) -> None:
    desk(tmp_path / "evidence", *other, approver=approver)
    assert judged(tmp_path).check(mode, NORA) == said


def test_a_ticket_that_could_not_be_read_is_no_approval_of_another(tmp_path: Path) -> None:
    desk(tmp_path / "evidence", approver=NORA)
    items = json.loads((tmp_path / "evidence" / "items.json").read_text("utf-8"))
    items["result"].append("RITM0003")
    (tmp_path / "evidence" / "items.json").write_text(json.dumps(items), "utf-8")
    assert judged(tmp_path).check("self-approval", NORA) == "fail"


NOT_VERIFIED = deepcopy(VERIFIED)
NOT_VERIFIED.log = [one for one in VERIFIED.log if one["at"] != "2026-02-03T12:00:00Z"]
BROKEN = b"PK\x03\x04broken"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        pytest.param(["log/b.jsonl.gz"], "no-evidence", id="beside the log"),
        pytest.param(["hr/b.csv.gz"], "fail", id="beside source data"),
        pytest.param(["hr/b.csv.gz", "log/b.jsonl.gz"], "no-evidence", id="beside both"),
        pytest.param(["b.dump"], "no-evidence", id="beside nothing like it"),
        pytest.param([], "fail", id="nothing lost"),
    ],
)
def test_a_file_lost_before_it_was_known_may_be_what_lies_beside_it(
    tmp_path: Path, names: list[str], said: str
) -> None:
    folder = NOT_VERIFIED.write(tmp_path / "evidence")
    for name, kind in (("provisioning.jsonl", "log"), ("source-data.csv", "hr")):
        (folder / kind).mkdir()
        (folder / name).rename(folder / kind / f"a.{name}.gz")
    for name in names:
        (folder / name).write_bytes(BROKEN + name.encode())
    found = judged(tmp_path)
    assert found.check("not-verified", NORA) == said
    asked = " ".join(one["need"] for one in found.why(NORA)["missing"])
    assert ("could not be read" in asked) is (said == "no-evidence")
