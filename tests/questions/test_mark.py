"""Dispositions: kept as evidence, the latest stands, shown wherever the finding is."""

from pathlib import Path

import pytest
from tests.story import Judged, Story

from tracer.errors import CaseError, UsageError
from tracer.judgement.judge import judge
from tracer.questions.findings import findings
from tracer.questions.mark import dispositions_of, mark, standing
from tracer.questions.names import finding_named


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    story = Story().role(approval="required").authority("rosa.lund").person("nora.weber")
    story.ticket(
        "ACC-1", "nora.weber", "2026-02-02T08:00:00Z", [("rosa.lund", "2026-02-02T09:00:00Z")], scope="A"
    )
    story.grant("2026-02-02T10:00:00Z", "nora.weber", ticket="ACC-1")
    return story.until("2026-04-30T08:00:00Z").judge(tmp_path)


def test_it_is_shown_with_the_finding_and_survives_a_rebuild(judged: Judged) -> None:
    root = judged.why("nora.weber")["root"]
    assert root["dispositions"] == []
    mark(judged.connection, root["id"], "accepted", "signed in RA-12", "grc")
    judge(judged.connection)
    [kept] = judged.why("nora.weber")["root"]["dispositions"]
    assert (kept["disposition"], kept["because"], kept["by"]) == ("accepted", "signed in RA-12", "grc")
    assert findings(judged.connection)[0]["dispositions"] == [kept]


def test_the_latest_stands_and_the_earlier_ones_stay(judged: Judged) -> None:
    root = judged.why("nora.weber")["root"]["id"]
    for word in ("confirmed", "disputed", "accepted"):
        mark(judged.connection, root, word, "because", "grc")
    kept = dispositions_of(judged.connection, root)
    assert [one["disposition"] for one in kept] == ["accepted", "disputed", "confirmed"]
    assert len({one["at"] for one in kept}) == 3
    assert standing(judged.connection) == {root: "accepted"}


def test_a_clock_that_was_set_back_does_not_change_what_stands(judged: Judged) -> None:
    root = judged.why("nora.weber")["root"]["id"]
    judged.connection.execute(
        "INSERT INTO dispositions VALUES (?, 'disputed', 'x', 'y', '2999-01-01T00:00:00.000Z')", (root,)
    )
    judged.connection.commit()
    assert mark(judged.connection, root, "confirmed", "x", "y")["at"] == "2999-01-01T00:00:00.001Z"
    assert standing(judged.connection) == {root: "confirmed"}


def test_a_reason_is_needed(judged: Judged) -> None:
    with pytest.raises(UsageError, match="needs its reason"):
        mark(judged.connection, "x", "confirmed", "\n", "y")


def test_a_finding_is_named_by_its_beginning_or_by_its_grant(judged: Judged) -> None:
    answer = judged.why("nora.weber")
    root, grant = answer["root"]["id"], answer["grant"]["id"]
    assert {finding_named(judged.connection, name) for name in (root, root[:6].upper(), grant)} == {root}
    with pytest.raises(CaseError):
        finding_named(judged.connection, root[:2])
    with pytest.raises(CaseError):
        finding_named(judged.connection, "%")
