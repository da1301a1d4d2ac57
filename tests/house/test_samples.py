"""The sample organisation: its generator writes the same bytes, and its stories come out as told."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.why import why

SAMPLES = Path(__file__).parents[2] / "samples"
STORIES: list[dict[str, Any]] = json.loads((SAMPLES / "stories.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("sample") / "sample.db"
    summary = ingest(path, [str(SAMPLES / "evidence")])
    assert summary.problems == []
    assert [one for one in summary.files if one.source is None or one.rejected] == []
    connection = open_case(path)
    judge(connection)
    return connection


@pytest.mark.parametrize(
    "story", STORIES, ids=lambda story: f"{story['story']}-{story['identity'].split('@')[0]}"
)
def test_a_story_comes_out_as_told(case: sqlite3.Connection, story: dict[str, Any]) -> None:
    answer = why(case, story["identity"], story["entitlement"], system=story["system"])[0]
    root = answer["root"] or {}
    assert (answer["verdict"], root.get("mode"), root.get("owner")) == (
        story["verdict"],
        story["mode"],
        story["owner"],
    )


def test_everything_that_no_story_tells_is_right(case: sqlite3.Connection) -> None:
    told = {(story["identity"], story["entitlement"]) for story in STORIES}
    rows = case.execute(
        """SELECT g.identity_id, e.name, g.verdict FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
           WHERE g.verdict <> 'conforming'"""
    ).fetchall()
    assert [tuple(row) for row in rows if (row[0], row[1]) not in told] == []


def test_judging_again_gives_the_same_case(case: sqlite3.Connection) -> None:
    before = list(case.iterdump())
    judge(case)
    assert list(case.iterdump()) == before
