"""With the one deciding fact changed, the answer changes, and to exactly what the change makes true."""

from pathlib import Path

import pytest
from tests.transform.answers import answer
from tests.transform.cases import CASES, Case, copy_of
from tests.transform.flips import StaleFlipError, apply_edit


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_deciding_fact_decides(case: Case, tmp_path: Path) -> None:
    folder = copy_of(case, tmp_path)
    for edit in case.flip["edits"]:
        apply_edit(folder, edit)
    query = case.expected["query"] | case.flip.get("query", {})
    got = answer(tmp_path / "case.db", [[folder]], query)
    expect = case.flip["expect"]
    seen = {"verdict": got["verdict"], "mode": got["root"] and got["root"]["mode"]}
    seen |= {"owner": got["root"] and got["root"]["owner"]} if "owner" in expect else {}
    assert seen == expect


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_flip_expects_something_else_and_fits_its_case(case: Case, tmp_path: Path) -> None:
    expected, expect = case.expected, case.flip["expect"]
    root = expected["root"] or {"mode": None, "owner": None}
    assert {**expect} != {key: ({"verdict": expected["verdict"]} | root)[key] for key in expect}
    folder = copy_of(case, tmp_path)
    for edit in case.flip["edits"]:
        apply_edit(folder, edit)


def test_an_edit_that_changes_nothing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("worker_id,value\nW-1,x\n")
    with pytest.raises(StaleFlipError):
        apply_edit(tmp_path, {"file": "*.csv", "where": {"worker_id": "W-2"}, "set": {"value": "y"}})
    apply_edit(tmp_path, {"file": "*.csv", "where": {"worker_id": "W-1"}, "set": {"value": "y"}})
    assert "W-1,y" in (tmp_path / "a.csv").read_text()
