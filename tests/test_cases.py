"""The shared scenarios: verdict, root, owner, what contributed, since when, and what is missing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.shared import shared

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.defects import defects
from tracer.questions.why import why

NAMES = [
    "approver-lacks-authority", "contractor-role-chain", "licence-kept-by-leaver", "missing-attribute", "no-decision",
    "no-ticket-export", "one-second-across-zones", "owner-changed-since", "revocation-missed", "scope-defect-of-three",
    "scope-exceeds-approval", "self-approval-alias", "self-service-bypass-oauth", "two-independent-paths",
    "valid-delegation", "wrong-attribute",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_case_comes_out_as_expected(name: str, tmp_path: Path) -> None:
    folder = shared(f"cases/{name}")
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    summary = ingest(tmp_path / "case.db", [str(folder / "evidence")])
    assert summary.problems == []
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    query = expected["query"]
    answer = why(connection, query["identity"], query["entitlement"], system=query["system"])[0]
    assert answer["verdict"] == expected["verdict"]
    root, wanted = answer["root"] or {}, expected["root"] or {}
    for key in ("class", "mode", "owner"):
        assert root.get(key) == wanted.get(key)
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
