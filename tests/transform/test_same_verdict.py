"""However the same story is told, it has the same root, the same owner and the same time.

The shared cases undergo every transformation by itself. Our own, of which there are many, undergo all of them at once,
which a fault in any one does not survive; with TRACER_EACH_TRANSFORMATION set they undergo each by itself as well.
"""

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.transform import shapes
from tests.transform.answers import Answer, answer
from tests.transform.cases import CASES, Case, copy_of
from tests.transform.documents import files, parse, text_of, write_text
from tests.transform.names import Renaming
from tests.transform.times import rezone, shift

BASELINES: dict[str, Answer] = {}
DAYS = 173
"""No whole number of weeks, months or years, and over the change to summer time."""


EACH = [case for case in CASES if not case.own or os.environ.get("TRACER_EACH_TRANSFORMATION")]
OWN = [case for case in CASES if case.own]


@pytest.fixture(params=EACH, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    """Each case in turn."""
    found: Case = request.param
    return found


@pytest.fixture
def baseline(case: Case, tmp_path: Path) -> Answer:
    """What tracer says of the case as it stands."""
    if case.name not in BASELINES:
        BASELINES[case.name] = answer(tmp_path / "baseline.db", [[case.evidence]], case.expected["query"])
    return BASELINES[case.name]


def _rewrite(folder: Path, change: Callable[[str], str]) -> None:
    for path in files(folder):
        write_text(path, change(text_of(path)))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(content, change) for key, content in value.items()}
    if isinstance(value, list):
        return [_mapped(content, change) for content in value]
    return change(value) if isinstance(value, str) else value


def _ordered(got: Answer) -> Answer:
    return got | {"defects": sorted(got["defects"], key=repr), "missing": sorted(got["missing"], key=repr)}


def test_the_case_as_it_stands(case: Case, baseline: Answer) -> None:
    expected, root = case.expected, baseline["root"]
    assert baseline["verdict"] in (expected.get("acceptable_verdicts") or [expected["verdict"]])
    if expected["root"]:
        assert root["mode"] in (expected.get("acceptable_modes") or [expected["root"]["mode"]])
        assert root["owner"] in (expected.get("acceptable_owners") or [expected["root"]["owner"]])
        assert baseline["grant"]["wrong_since"] in (
            expected.get("wrong_since") or [baseline["grant"]["wrong_since"]]
        )
        assert set(expected.get("shared_with") or []) <= set(root["shared_with"])
    else:
        assert root is None
    assert set(expected["contributing_includes"]) <= set(baseline["contributing"])
    assert not set(expected["contributing_excludes"]) & set(baseline["contributing"])


def test_under_other_names(case: Case, baseline: Answer, tmp_path: Path) -> None:
    folder = copy_of(case, tmp_path)
    renaming = Renaming([parse(text_of(path), path.name) for path in files(folder)], case.expected)
    for path in files(folder):
        write_text(path, renaming.file(text_of(path), path.name))
        # source data without a system column is named by its file
        path.rename(path.with_name(renaming.text(path.stem) + path.suffix))
    got = answer(tmp_path / "case.db", [[folder]], renaming.value(case.expected["query"]))
    assert got == _ordered(
        renaming.value(baseline)
        | {"missing": baseline["missing"] and got["missing"]}
        | {"verdict": baseline["verdict"], "contributing": baseline["contributing"]}
    )
    assert [each["period"] for each in got["missing"]] == [each["period"] for each in baseline["missing"]]


def test_at_another_time(case: Case, baseline: Answer, tmp_path: Path) -> None:
    folder = copy_of(case, tmp_path)
    _rewrite(folder, lambda text: shift(text, DAYS))
    query = _mapped(case.expected["query"], lambda text: shift(text, DAYS))
    got = answer(tmp_path / "case.db", [[folder]], query)
    assert got == _ordered(_mapped(baseline, lambda text: shift(text, DAYS)))


def test_told_in_other_zones(case: Case, baseline: Answer, tmp_path: Path) -> None:
    folder = copy_of(case, tmp_path)
    _rewrite(folder, rezone)
    assert answer(tmp_path / "case.db", [[folder]], case.expected["query"]) == baseline


@pytest.mark.parametrize(
    "steps",
    [
        (shapes.split, shapes.pack),
        (shapes.merge, shapes.reorder),
        (shapes.overlap, shapes.move),
        (shapes.reorder, shapes.split, shapes.move, shapes.pack),
    ],
    ids=lambda steps: "-".join(step.__name__ for step in steps),
)
def test_in_other_files(
    case: Case, baseline: Answer, steps: Sequence[Callable[[Path], None]], tmp_path: Path
) -> None:
    folder = copy_of(case, tmp_path)
    for step in steps:
        step(folder)
    assert answer(tmp_path / "case.db", [[folder]], case.expected["query"]) == baseline


def test_handed_in_bit_by_bit_and_twice(case: Case, baseline: Answer, tmp_path: Path) -> None:
    found = files(copy_of(case, tmp_path))
    random.Random(case.name).shuffle(found)
    half = len(found) // 2
    parts = [found[:half], found[half:], found[::-1]]
    assert answer(tmp_path / "case.db", parts, case.expected["query"]) == baseline


def test_read_by_two_workers(case: Case, baseline: Answer, tmp_path: Path) -> None:
    assert answer(tmp_path / "case.db", [[case.evidence]], case.expected["query"], workers=2) == baseline


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.name)
def test_all_at_once(case: Case, tmp_path: Path) -> None:
    folder = copy_of(case, tmp_path)
    told = answer(tmp_path / "baseline.db", [[case.evidence]], case.expected["query"])
    renaming = Renaming([parse(text_of(path), path.name) for path in files(folder)], case.expected)
    for path in files(folder):
        write_text(path, rezone(shift(renaming.file(text_of(path), path.name), DAYS)))
        path.rename(path.with_name(renaming.text(path.stem) + path.suffix))
    for step in (shapes.overlap, shapes.reorder, shapes.split, shapes.move, shapes.pack):
        step(folder)
    found = files(folder)
    parts = [found[: len(found) // 2], found]

    def retold(value: Any) -> Any:
        return _mapped(renaming.value(value), lambda text: shift(text, DAYS))

    got = answer(tmp_path / "case.db", parts, retold(case.expected["query"]), workers=2)
    kept = {"verdict": told["verdict"], "contributing": told["contributing"], "missing": []}
    assert got | {"missing": []} == _ordered(retold(told) | kept)
    periods = sorted(repr(retold(each["period"])) for each in told["missing"])
    assert sorted(repr(each["period"]) for each in got["missing"]) == periods
