"""Limits of the processes that read evidence and try rules: one beyond, only what they were at is lost, and that is said."""

from pathlib import Path

import pytest
from tests.limits.lowered import lowered
from tests.story import Story

from tracer.errors import RuleError
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
