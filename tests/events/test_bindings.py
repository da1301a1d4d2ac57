"""Access held by a binding: who loses when it ends or is written anew."""

import json
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge


def binding(
    minute: int, verb: str, people: list[str] | None, role: str = "deployer", **more: Any
) -> dict[str, Any]:
    """A record of the audit log about one role binding."""
    made = {
        "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "n"},
        "roleRef": {"kind": "Role", "name": role},
    }
    subjects = [{"kind": "User", "name": name} for name in people or []]
    return {
        "auditID": f"{minute:03d}", "verb": verb, "stage": "ResponseComplete", "requestURI": "/apis",
        "user": {"username": "ops"}, "objectRef": {"resource": "rolebindings", "namespace": "n", "name": "b"},
        "responseObject": {**made, "subjects": subjects} if people is not None else {"kind": "Status"},
        "responseStatus": {"code": 200}, "requestReceivedTimestamp": f"2026-03-01T08:{minute:02d}:00Z",
    } | more  # fmt: skip


def held(folder: Path, records: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    """Who held which role from when to when, in minutes."""
    path = folder / "audit.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    ingest(folder / "case.db", [str(path)])
    connection = open_case(folder / "case.db")
    judge(connection)
    rows = connection.execute(
        """SELECT a.name, substr(g.granted_at, 15, 2), substr(g.ended_at, 15, 2) FROM grants g
           JOIN accounts a ON a.id = g.account_id ORDER BY 1, 2"""
    )
    return [(row[0], row[1], row[2]) for row in rows]


def test_the_end_of_a_binding_takes_from_everybody_in_it(tmp_path: Path) -> None:
    records = [binding(1, "create", ["ann", "bo"]), binding(5, "delete", None)]
    assert held(tmp_path, records) == [("ann", "01", "05"), ("bo", "01", "05")]


def test_who_no_longer_stands_in_it_has_lost_it_and_who_stays_keeps_one_grant(tmp_path: Path) -> None:
    records = [
        binding(1, "create", ["ann", "bo"]),
        binding(5, "update", ["bo", "cy"]),
        binding(9, "update", []),
    ]
    assert held(tmp_path, records) == [("ann", "01", "05"), ("bo", "01", "09"), ("cy", "05", "09")]


def test_a_refused_change_takes_nothing(tmp_path: Path) -> None:
    refused = binding(5, "update", [], responseStatus={"code": 403, "status": "Failure"})
    assert held(tmp_path, [binding(1, "create", ["ann"]), refused]) == [("ann", "01", None)]


def test_a_change_whose_content_is_not_logged_takes_nothing(tmp_path: Path) -> None:
    unknown = binding(5, "update", None)
    assert held(tmp_path, [binding(1, "create", ["ann"]), unknown]) == [("ann", "01", None)]


def test_order_of_records_does_not_matter(tmp_path: Path) -> None:
    records = [binding(9, "delete", None), binding(5, "patch", ["bo"]), binding(1, "create", ["ann"])]
    assert held(tmp_path, records) == [("ann", "01", "05"), ("bo", "05", "09")]
