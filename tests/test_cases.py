"""The shared scenarios and the golden cases: verdict, root, owner, what contributed, since when, and what is missing."""

import filecmp
import json
import re
from pathlib import Path

import pytest
from tests.stories import CASES as FOLDER
from tests.stories import stories
from tests.transform.cases import CASES, Case

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.checks.modes import modes
from tracer.judgement.judge import judge
from tracer.questions.defects import defects
from tracer.questions.why import why


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_comes_out_as_expected(case: Case, tmp_path: Path) -> None:
    expected = case.expected
    summary = ingest(tmp_path / "case.db", [str(case.evidence)])
    assert summary.problems == []
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    twice = "SELECT mode, grant_id FROM checks GROUP BY grant_id, mode HAVING count(*) > 1"
    assert connection.execute(twice).fetchall() == []
    query = expected["query"]
    answer = why(connection, query["identity"], query["entitlement"], system=query["system"])[0]
    root, wanted = answer["root"] or {}, expected["root"] or {}
    seen = {"verdict": answer["verdict"]} | {key: root.get(key) for key in ("class", "mode", "owner")}
    assert seen == {"verdict": expected["verdict"]} | {
        key: wanted.get(key) for key in ("class", "mode", "owner")
    }
    if wanted.get("owner_basis"):
        assert root["owner_basis"] == wanted["owner_basis"]
    contributing = {one["mode"] for one in answer["contributing"]}
    assert set(expected["contributing_includes"]) <= contributing
    assert not set(expected["contributing_excludes"]) & contributing
    if "wrong_since" in expected:
        assert answer["grant"]["wrong_since"] in expected["wrong_since"]
    if "responsibility" in expected:
        assert root["responsibility"] == expected["responsibility"]
    if "shared_with" in expected:
        assert root["shared_with"] == expected["shared_with"]
    for pattern in expected.get("missing_includes", []):
        assert any(re.search(pattern, json.dumps(one), re.IGNORECASE) for one in answer["missing"])
    if "executor" in expected:
        assert expected["executor"] in json.dumps(answer["lineage"]["executor"])
    known = {(row["control"], row["mode"], row["owner"], row["count"]) for row in defects(connection)}
    for defect in expected.get("defects", []):
        assert (defect["control"], defect["mode"], defect["owner"], defect["count"]) in known


def test_the_golden_cases_are_what_their_stories_write(tmp_path: Path) -> None:
    told = {golden.name: golden for golden in stories()}
    assert sorted(told) == sorted(path.name for path in FOLDER.iterdir())
    for name, golden in told.items():
        golden.write(tmp_path / name)
        fresh = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
        _, different, missing = filecmp.cmpfiles(tmp_path, FOLDER, sorted(map(str, fresh)), shallow=False)
        assert (different, missing) == ([], []), "run: python -m tests.stories"


def test_every_golden_case_is_named_after_the_failure_it_shows_or_resembles() -> None:
    for golden in stories():
        shown, _, resembles = golden.name.partition("-lookalike-")
        mode = shown.partition("-through-")[0]
        assert mode in modes()
        found = {golden.mode, *golden.includes}
        assert (mode not in found) if resembles else (mode in found)
