"""Repositories and bundles as evidence: what becomes events, requests and verdicts."""

import json
import sqlite3
from pathlib import Path

import pytest
from tests.sources.git.repository import Repository, needs_git

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

pytestmark = needs_git
BO = "Bo Berg <bo@reg.example>"
CY = "Cy Dahl <cy@reg.example>"
REGISTER = "groups:\n  admins:\n    members: [{}]\nusers:\n  ada: {{ensure: present, email: ada@reg.example}}\n  bo: {{ensure: present, email: bo@reg.example}}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "evidence" / "register")
    made.commit({"access.yaml": REGISTER.format("")}, "The register")
    return made


def judged(tmp_path: Path, *paths: Path) -> sqlite3.Connection:
    summary = ingest(tmp_path / "case.db", [str(path) for path in paths])
    assert not summary.problems
    for books in summary.files:
        assert books.records == books.kept + books.counted + books.skipped + books.rejected
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    return connection


def verdicts(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """(account, mode) -> verdict of the check."""
    return {
        (row[0], row[1]): row[2]
        for row in connection.execute(
            """SELECT a.name, c.mode, c.verdict FROM checks c JOIN grants g ON g.id = c.grant_id
               JOIN accounts a ON a.id = g.account_id"""
        )
    }


def test_a_folder_is_read_as_the_repository_in_it(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo", author=BO)
    found = judged(tmp_path, tmp_path / "evidence")
    rows = found.execute("SELECT source, records, kept, skipped FROM evidence").fetchall()
    assert [tuple(row) for row in rows] == [("git-register", 2, 1, 1)]
    grants = found.execute("SELECT identity_id FROM grants").fetchall()
    assert [row[0] for row in grants] == ["bo@reg.example"]


def test_the_same_history_in_two_forms_is_one_event(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo", author=BO)
    bundle = repository.bundle(tmp_path / "register.bundle")
    found = judged(tmp_path, repository.folder, bundle)
    assert found.execute("SELECT count(*) FROM grants").fetchone()[0] == 1
    event = found.execute("SELECT id FROM events WHERE verb = 'grant'").fetchone()[0]
    assert found.execute("SELECT count(*) FROM event_records WHERE event_id = ?", (event,)).fetchone()[0] == 2


def test_who_approves_their_own_change_is_found(repository: Repository, tmp_path: Path) -> None:
    own = repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo", author=BO)
    repository.note(own, "Code-Review+2: Bo Berg <bo@reg.example>\nSubmitted-by: Bo Berg <bo@reg.example>")
    other = repository.commit({"access.yaml": REGISTER.format("bo, ada")}, "Ada")
    repository.note(other, "Code-Review+2: Cy Dahl <cy@reg.example>\nSubmitted-by: Cy Dahl <cy@reg.example>")
    found = verdicts(judged(tmp_path, repository.folder))
    assert found["bo", "self-approval"] == "fail"
    assert found["ada", "self-approval"] == "pass"


def test_a_change_without_any_review_at_hand_accuses_nobody(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo", author=BO)
    found = judged(tmp_path, repository.folder)
    assert [row[0] for row in found.execute("SELECT verdict FROM grants")] == ["undetermined"]


def test_a_change_that_went_in_between_reviewed_ones_was_undecided(
    repository: Repository, tmp_path: Path
) -> None:
    note = "Code-Review+2: Cy Dahl <cy@reg.example>"
    repository.note(repository.commit({"access.yaml": REGISTER.format("ada")}, "Ada"), note)
    repository.commit({"access.yaml": REGISTER.format("ada, bo")}, "Bo", author=BO)
    repository.note(repository.commit({"access.yaml": REGISTER.format("ada, bo, eve")}, "Eve"), note)
    found = verdicts(judged(tmp_path, repository.folder))
    assert found["bo", "provisioned-before-approval"] == "fail"
    assert found["ada", "provisioned-before-approval"] == "pass"


def test_one_ticket_of_two_changes_keeps_their_reviews_apart(repository: Repository, tmp_path: Path) -> None:
    first = repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo\n\nTicket: ACC-1", author=BO)
    repository.note(first, "Code-Review+2: Bo Berg <bo@reg.example>")
    second = repository.commit({"access.yaml": REGISTER.format("bo, ada")}, "Ada\n\nTicket: ACC-1", author=BO)
    repository.note(second, "Code-Review+2: Cy Dahl <cy@reg.example>")
    found = verdicts(judged(tmp_path, repository.folder))
    assert (found["bo", "self-approval"], found["ada", "self-approval"]) == ("fail", "pass")


def test_reviews_of_the_pull_request_are_those_of_the_commit(repository: Repository, tmp_path: Path) -> None:
    repository.branch("bo")
    repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo", author=BO)
    repository.merge("bo", "Merge pull request #12 from bo/bo", BO)
    pull = {
        "number": 12, "title": "Bo", "state": "closed", "html_url": "https://github.com/reg/access/pull/12",
        "user": {"login": "bo-b"}, "created_at": "2026-03-01T10:01:00Z", "merged_at": "2026-03-01T10:03:00Z",
        "closed_at": "2026-03-01T10:03:00Z", "merged_by": {"login": "bo-b"}, "base": {"repo": {"full_name": "reg/access"}},
        "reviews": [{"user": {"login": "cy-d"}, "state": "APPROVED", "submitted_at": "2026-03-01T10:02:30Z"}],
    }  # fmt: skip
    (tmp_path / "pulls.json").write_text(json.dumps([pull]))
    found = judged(tmp_path, repository.folder, tmp_path / "pulls.json")
    approvers = [row[0] for row in found.execute("SELECT approver_id FROM approvals")]
    assert approvers == ["github:cy-d"]
    assert verdicts(found)["bo", "self-approval"] == "pass"


def test_an_account_that_is_made_absent_holds_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo", author=BO)
    gone = REGISTER.format("bo").replace("bo: {ensure: present", "bo: {ensure: absent")
    repository.commit({"access.yaml": gone}, "Bo leaves")
    found = judged(tmp_path, repository.folder)
    assert [row[0] for row in found.execute("SELECT ended_by FROM grants")] == ["disable"]


def test_the_log_of_the_system_itself_is_the_delivery_of_a_change(
    repository: Repository, tmp_path: Path
) -> None:
    register = "system: erp\n" + REGISTER
    given = repository.commit({"access.yaml": register.format("bo")}, "Bo", author=BO)
    repository.note(given, "Code-Review+2: Cy Dahl <cy@reg.example>")
    lines = [
        {"at": f"2026-03-01T{at}:00Z", "action": "grant", "system": "erp", "account": account,
         "entitlement": "admins", "executor": "pipeline"}
        for at, account in (("09:00", "eve"), ("10:05", "bo"), ("11:00", "fay"))
    ]  # fmt: skip
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    found = judged(tmp_path, repository.folder, tmp_path / "log.jsonl")
    rows = found.execute(
        """SELECT x.name, g.ticket_basis, q.source FROM grants g JOIN accounts a ON a.id = g.account_id
           JOIN accounts x ON x.id = g.executor_id LEFT JOIN requests q ON q.id = g.request_id WHERE a.name = 'bo'"""
    ).fetchall()
    assert [tuple(row) for row in rows] == [("pipeline", "inferred", "git-register")]


def test_votes_in_the_reviews_export_are_those_of_the_commit_with_that_change_id(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"access.yaml": REGISTER.format("bo")}, "Bo\n\nChange-Id: I77", author=BO)
    change = {
        "change_id": "I77", "project": "reg/access", "branch": "main", "status": "MERGED", "subject": "Bo",
        "created": "2026-03-01 10:00:30.000000000", "owner": {"email": "bo@reg.example"},
        "labels": {"Code-Review": {"all": [{"value": 2, "date": "2026-03-01 10:01:30.000000000", "email": "cy@reg.example"}]}},
    }  # fmt: skip
    (tmp_path / "changes.json").write_text(json.dumps([change]))
    found = judged(tmp_path, repository.folder, tmp_path / "changes.json")
    row = found.execute(
        """SELECT q.decided_at, p.approver_id FROM grants g JOIN requests q ON q.id = g.request_id
           JOIN approvals p ON p.grant_id = g.id"""
    ).fetchone()
    assert tuple(row) == ("2026-03-01T10:01:30.000Z", "cy@reg.example")
