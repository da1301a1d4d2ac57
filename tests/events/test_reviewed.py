"""Requests that a log itself tells, with who approved them, stand behind the grants that name them."""

import json
from pathlib import Path

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

Line = dict[str, str]


def line(at: str, action: str, account: str, entitlement: str, executor: str, ticket: str = "CH-1") -> Line:
    return {
        "at": f"2026-03-01T{at}:00Z", "action": action, "system": "erp", "account": account,
        "entitlement": entitlement, "executor": executor, "ticket": ticket,
    }  # fmt: skip


def judged(folder: Path, lines: list[Line]) -> dict[tuple[str, str], tuple[str | None, ...]]:
    """(account, entitlement) of each grant -> beneficiary and entitlement of its request, decision, approvers."""
    log = folder / "log.jsonl"
    log.write_text("".join(json.dumps(one) + "\n" for one in lines))
    ingest(folder / "case.db", [log])
    connection = open_case(folder / "case.db")
    judge(connection)
    rows = connection.execute(
        """SELECT a.name, e.name, q.beneficiary, q.entitlement, q.decision,
                  (SELECT group_concat(p.approver_id, ' ') FROM approvals p WHERE p.grant_id = g.id)
           FROM grants g JOIN accounts a ON a.id = g.account_id JOIN entitlements e ON e.id = g.entitlement_id
           LEFT JOIN requests q ON q.id = g.request_id"""
    ).fetchall()
    connection.close()
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def test_each_access_of_one_change_rests_on_its_own_request(tmp_path: Path) -> None:
    accesses = [("ada", "post"), ("ada", "read"), ("bo", "post")]
    lines = [line("08:00", "request", *one, "ada") for one in accesses]
    lines += [line("09:00", "approve", *one, "boss") for one in accesses]
    lines += [line("10:00", "grant", *one, "engine") for one in accesses]
    assert judged(tmp_path, lines) == {one: (*one, "approved", "erp:boss") for one in accesses}


def test_what_nobody_asked_for_is_compared_with_what_was(tmp_path: Path) -> None:
    lines = [
        line("08:00", "request", "ada", "read", "ada"),
        line("09:00", "approve", "ada", "read", "boss"),
        line("10:00", "grant", "ada", "post", "engine"),
    ]
    assert judged(tmp_path, lines)["ada", "post"] == ("ada", "read", "approved", "erp:boss")


def test_the_last_vote_of_each_voter_stands(tmp_path: Path) -> None:
    lines = [
        line("08:00", "request", "ada", "post", "ada"),
        line("08:10", "deny", "ada", "post", "boss"),
        line("08:20", "approve", "ada", "post", "boss"),
        line("08:30", "request", "bo", "post", "bo", "CH-2"),
        line("08:40", "deny", "bo", "post", "owner", "CH-2"),
        line("08:50", "approve", "bo", "post", "boss", "CH-2"),
        line("10:00", "grant", "ada", "post", "engine"),
        line("10:00", "grant", "bo", "post", "engine", "CH-2"),
    ]
    found = judged(tmp_path, lines)
    assert found["ada", "post"][2] == "approved"
    assert found["bo", "post"][2] == "denied"


def test_a_request_whose_votes_may_lie_elsewhere_accuses_nobody(tmp_path: Path) -> None:
    lines = [
        line("08:00", "request", "ada", "post", "ada"),
        line("10:00", "grant", "ada", "post", "engine"),
    ]
    assert judged(tmp_path, lines)["ada", "post"] == (None, None, None, None)
