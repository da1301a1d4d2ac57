"""Limits of the processes that read evidence and try rules: one beyond, only what they were at is lost, and that is said."""

from pathlib import Path

import pytest
from tests.evidence.test_malformed import trail
from tests.limits.lowered import lowered
from tests.story import Story

from tracer.errors import RuleError
from tracer.evidence import workers
from tracer.evidence.ingest import ingest
from tracer.questions.in_time import replay_in_time


def test_memory_of_a_replay(tmp_path: Path) -> None:
    Story().rule("true").person("nora.weber").judge(tmp_path).connection.close()
    rule = tmp_path / "rule.cel"
    rule.write_text("true")

    def replayed() -> int:
        return len(
            replay_in_time(
                str(tmp_path / "case.db"),
                None,
                corrected={},
                rule=rule,
                of=None,
                language="cel",
                approval=None,
                seconds=60,
            )
        )

    with lowered("questions.in_time.MEMORY", 1 << 30):
        assert replayed() == 1
    with (
        lowered("questions.in_time.MEMORY", 16 << 20),
        pytest.raises(RuleError, match=r"the replay was ended"),
    ):
        replayed()


@pytest.mark.parametrize("limit", ["evidence.workers.MEMORY", "evidence.workers.NO_PROGRESS"])
def test_what_reading_a_file_may_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """The process that reads takes 512 MiB and 2 s of processor time for it."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "needs_much.py").write_text(
        "import time\nfrom tracer.evidence import ingest, workers\n"
        "def contents(*given):\n"
        "    held, until = bytearray(512 << 20), time.process_time() + 2\n"
        "    while time.process_time() < until: pass\n"
        "    return opened(*given)\n"
        "opened, ingest.contents, work = ingest.contents, contents, workers.work\n"
    )
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.setattr(workers, "READER", "needs_much")
    (tmp_path / "a.json").write_bytes(trail(3))
    at, beyond = (1 << 30, 256 << 20) if limit.endswith("MEMORY") else (60, 1)
    with lowered(limit, at):
        assert [one.kept for one in ingest(tmp_path / "at.db", [tmp_path / "a.json"], workers=1).files] == [3]
    with lowered(limit, beyond):
        summary = ingest(tmp_path / "beyond.db", [tmp_path / "a.json"], workers=1)
    assert [(one.kept, one.rejected) for one in summary.files] == [(0, 1)]
    assert "ended the process that read it" in str(summary.problems[0])
