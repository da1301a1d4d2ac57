"""Limits of text that is matched, compared or parsed: at the limit the answer is whole, one beyond it is said to be missing."""

from pathlib import Path

import pytest
from tests.limits.lowered import lowered
from tests.stories.execution import GRANTED, LAST, asked

from tracer.case.globs import blurred, matches, wider
from tracer.errors import RegisterError
from tracer.evidence.formats.text import reader
from tracer.evidence.register import read_register
from tracer.sources.clock import utc
from tracer.sources.exact import RecordError
from tracer.sources.git.review import trailers
from tracer.sources.hooks import salesforce, snowflake
from tracer.sources.sentences import sentence


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


@pytest.mark.parametrize(
    ("place", "value", "word"),
    [
        ("evidence.register_yaml.LONGEST", 32, "characters"),
        ("evidence.register_yaml.MOST_VALUES", 8, "values"),
        ("evidence.register_yaml.DEEPEST", 3, "deep"),
    ],
)
def test_a_register(place: str, value: int, word: str) -> None:
    with lowered(place, value):
        assert len(read_register(b"roles: [{system: x, owner: ooo}]", "r").entries) == 1
        with pytest.raises(RegisterError, match=rf"r.*{value} {word}"):
            read_register(b"roles: [{system: x, owner: ooo}, {cost: [1]}]", "r")


def test_aliases_of_a_register_written_out() -> None:
    text = b"roles: [{system: &a xxxx, owner: *a}]"
    with lowered("evidence.register_yaml.WRITTEN_OUT", 30):
        assert len(read_register(text, "r").entries) == 1
    with lowered("evidence.register_yaml.WRITTEN_OUT", 20), pytest.raises(RegisterError, match="aliases"):
        read_register(text, "r")


def test_a_register_with_characters_in_halves() -> None:
    text = b'{"roles": [{"system": "\\ud83d\\ude00"}]}'
    with lowered("evidence.register_yaml.SLOWEST", len(text)):
        assert len(read_register(text, "r").entries) == 1
    with (
        lowered("evidence.register_yaml.SLOWEST", len(text) - 1),
        pytest.raises(RegisterError, match="no YAML"),
    ):
        read_register(text, "r")


def test_the_text_of_a_time() -> None:
    with lowered("sources.clock.LONGEST", 20):
        assert utc("2026-03-02T15:00:00Z") == "2026-03-02T15:00:00.000Z"
        assert utc(" 2026-03-02T15:00:00Z") is None


def test_a_sentence_that_says_what_was_done() -> None:
    with lowered("sources.sentences.LONGEST", 5):
        assert sentence("12345") == "12345" and sentence(None) == ""
        with pytest.raises(RecordError, match="6 characters; 5 are read"):
            sentence("123456")


def test_a_sentence_of_salesforce() -> None:
    said = "Unfroze user account for nora"
    with lowered("sources.hooks.salesforce.LONGEST", len(said)):
        [one] = salesforce.prepare({"Display": said})
        assert one["change"]["verb"] == "enable"
        with pytest.raises(RecordError, match="characters"):
            salesforce.prepare({"Display": said + "s"})


def test_a_statement_of_snowflake() -> None:
    said = "create user nora"
    for most, seen in ((len(said), True), (len(said) - 5, False)):
        with lowered("sources.hooks.snowflake.LONGEST", most):
            assert ("change" in snowflake.prepare({"QUERY_TEXT": said})[0]) is seen


def test_a_line_of_a_commit() -> None:
    with lowered("sources.git.review.LONGEST", 9):
        assert trailers("subject\n\nFixes: #1\nFixes: #12") == [("fixes", "#1")]


def test_the_text_in_which_a_declared_pattern_is_looked_for() -> None:
    read = reader({"fields": "regex", "patterns": ["did=(?P<did>\\w+)"]})
    with lowered("sources.patterns.LONGEST", 9):
        assert read("aaaadid=a") == {"message": "aaaadid=a", "did": "a"}
        assert read("aaaaadid=a") == {"message": "aaaaadid=a"}
