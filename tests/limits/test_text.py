"""Limits of text that is matched, compared or parsed: at the limit the answer is whole, one beyond it is said to be missing."""

from pathlib import Path

from tests.limits.lowered import lowered
from tests.stories.execution import GRANTED, LAST, asked

from tracer.case.globs import blurred, matches, wider


def test_a_stretch_with_question_marks() -> None:
    with lowered("case.globs.BLURRED", 3):
        assert matches("*a?c*", "xabcx") and not blurred("*a?c*")
        assert blurred("*a?cd*") and not matches("*a?cd*", "abcd") and matches("*a?cd*", "a?cd")


def test_how_long_scopes_are_that_are_compared() -> None:
    with lowered("case.globs.COMPARED", 8):
        assert wider("ledger-7", "ledger-*") is False
        assert wider("ledger-77", "ledger-*") is None
        assert wider("ledger-77,ledger-*", "ledger-*,ledger-77") is False


def test_how_many_steps_it_takes_to_compare_scopes() -> None:
    with lowered("case.globs.STEPS", 3):
        assert wider("ab", "a*") is False
        assert wider("abcd", "a*") is None


def test_scopes_that_cannot_be_compared_accuse_nobody(tmp_path: Path) -> None:
    story = asked(scope="ledger-1?,ledger-2").grant(GRANTED, "nora.weber", ticket="ACC-1", scope="ledger-*")
    with lowered("case.globs.STEPS", 3):
        answer = story.until(LAST).judge(tmp_path).why("nora.weber")
    assert answer["verdict"] == "undetermined"
    assert any("ACC-1" in one["need"] and "scope" in one["need"] for one in answer["missing"])
