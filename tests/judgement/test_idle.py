"""Access that is not used: only logs that would tell a use say so."""

import json
from pathlib import Path

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

DAY = 86_400_000
BEGIN = 1_767_225_600_000


def test_a_log_of_changes_alone_does_not_say_that_a_membership_was_not_used(tmp_path: Path) -> None:
    """GitHub's audit log leaves out who reads and pushes, unless that is streamed too."""
    records = [
        {"_document_id": "1", "action": "team.add_member", "team": "corp/core", "user": "nora", "created_at": BEGIN},
        {"_document_id": "2", "action": "repo.access", "repo": "corp/x", "created_at": BEGIN + 200 * DAY},
    ]  # fmt: skip
    lines = [
        json.dumps({**one, "actor": "ida", "org": "corp", "@timestamp": one["created_at"]}) for one in records
    ]
    (tmp_path / "log.ndjson").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "register.yaml").write_text("policy: {review_interval: P90D}\n", encoding="utf-8")
    assert ingest(tmp_path / "case.db", [str(tmp_path)]).problems == []
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    row = connection.execute(
        "SELECT verdict, because FROM checks WHERE mode = 'unused-unreviewed'"
    ).fetchone()
    assert tuple(row) == ("no-evidence", "no log in evidence tells uses of github")
