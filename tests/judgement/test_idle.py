"""Access that is not used: only logs that would tell a use say so."""

import json
from pathlib import Path

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

DAY = 86_400_000
BEGIN = 1_767_225_600_000


def unused(lines: list[str], folder: Path) -> tuple[str, str]:
    """Whether the one access that a log tells lay idle, and why, where reviews are due every 90 days."""
    (folder / "log.ndjson").write_text("\n".join(lines), encoding="utf-8")
    (folder / "register.yaml").write_text("policy: {review_interval: P90D}\n", encoding="utf-8")
    assert ingest(folder / "case.db", [str(folder)]).problems == []
    connection = open_case(folder / "case.db")
    judge(connection)
    verdict, because = connection.execute(
        "SELECT verdict, because FROM checks WHERE mode = 'unused-unreviewed'"
    ).fetchone()
    return verdict, because


def test_a_log_of_changes_alone_does_not_say_that_a_membership_was_not_used(tmp_path: Path) -> None:
    """GitHub's audit log leaves out who reads and pushes, unless that is streamed too."""
    records = [
        {"_document_id": "1", "action": "team.add_member", "team": "corp/core", "user": "nora", "created_at": BEGIN},
        {"_document_id": "2", "action": "repo.access", "repo": "corp/x", "created_at": BEGIN + 200 * DAY},
    ]  # fmt: skip
    lines = [
        json.dumps({**one, "actor": "ida", "org": "corp", "@timestamp": one["created_at"]}) for one in records
    ]
    assert unused(lines, tmp_path) == ("no-evidence", "no log in evidence tells uses of github")


def test_an_export_of_changes_alone_does_not_say_so_of_a_log_that_tells_uses(tmp_path: Path) -> None:
    """Okta's log tells who signed on to what; asked for changes of groups it holds no sign-on of anybody."""
    lines = [
        json.dumps(
            {
                "uuid": f"0000000{day}-0000-4000-8000-000000000000",
                "published": f"2026-0{1 + day}-05T08:00:00.000Z",
                "eventType": "group.user_membership.add",
                "actor": {"id": "00u1", "type": "User", "alternateId": "ida@corp.example"},
                "outcome": {"result": "SUCCESS"},
                "target": [
                    {"id": f"00u{day}", "type": "User", "alternateId": f"nora{day}@corp.example"},
                    {"id": "00g1", "type": "UserGroup", "displayName": "Finance"},
                ],
            }
        )
        for day in (0, 6)
    ]
    assert unused(lines, tmp_path) == ("no-evidence", "no log in evidence tells uses of okta")
