"""tracer against a small simulated organisation whose faults are known; the full measurement is in benchmarks/."""

import ast
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from benchmarks.accuracy.clocks import WIDEST
from benchmarks.accuracy.comparing import Pair, compare
from benchmarks.accuracy.exports.books import Books, month
from benchmarks.accuracy.judging import judge
from benchmarks.accuracy.moments import BEGIN, HOUR
from benchmarks.accuracy.organisation import Simulation, simulate
from benchmarks.accuracy.report import score
from benchmarks.accuracy.truth import CLASS_OF, Fault, verdict_of
from benchmarks.accuracy.withholding import withhold
from tests.shared import ROOT


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(90, seed=5, rounds=1)


@pytest.fixture(scope="module")
def pairs(simulation: Simulation) -> Sequence[Pair]:
    return compare(simulation.plans, judge(simulation.files)[0])


def test_the_simulator_knows_nothing_of_tracer() -> None:
    for path in (ROOT / "benchmarks/accuracy").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "tracer"], path


def test_the_same_seed_tells_the_same_year() -> None:
    assert simulate(40, seed=2).files == simulate(40, seed=2).files
    assert simulate(40, seed=2).files != simulate(40, seed=3).files


def test_the_root_of_several_faults_is_the_first_in_the_order_of_the_model() -> None:
    faults = [
        Fault(mode, (), group, None)
        for mode, group in (("self-approval", 3), ("no-expiry-set", 3), ("not-verified", 5))
    ]
    assert verdict_of(faults).mode == "self-approval"
    assert verdict_of([*faults, Fault("expiry-dropped", (), 1, None)]).cause == "execution"
    assert verdict_of(faults[2:]).verdict == "control-weakness"


def test_most_modes_are_put_in(simulation: Simulation) -> None:
    assert len({fault.mode for plan in simulation.plans for fault in plan.faults}) >= len(CLASS_OF) - 4


def test_class_mode_and_owner_are_right_on_full_evidence(pairs: Sequence[Pair]) -> None:
    found = score(pairs)
    assert found.label is not None and found.label >= 0.97
    assert found.mode is not None and found.mode >= 0.95
    assert found.owner is not None and found.owner >= 0.97
    assert found.since is not None and found.since >= 0.97


def test_nobody_is_accused_of_right_access(pairs: Sequence[Pair]) -> None:
    assert score(pairs).accused == 0


def test_missing_evidence_accuses_nobody(simulation: Simulation) -> None:
    left = withhold(simulation.files, 0.25, "files")
    assert score(compare(simulation.plans, judge(left)[0])).accused <= 1


def test_records_that_come_late_are_in_a_later_export_and_none_is_lost() -> None:
    books = Books(random.Random(3))
    for number in range(80 * 24):
        at = BEGIN + number * HOUR
        books.add("github", at, {"n": number, "month": month(at)})
    exports = [
        (file, [json.loads(line) for line in file.content.decode().splitlines()]) for file in books.files()
    ]
    first = {(file.month, row["n"]) for file, rows in exports if "again" not in file.path for row in rows}
    every = {row["n"] for _, rows in exports for row in rows}
    missing = {number for number in every if (month(BEGIN + number * HOUR), number) not in first}
    assert every == set(range(80 * 24))
    assert missing
    assert all(BEGIN + number * HOUR > datetime(2026, 1, 29, tzinfo=UTC) for number in missing)


def test_clocks_lie_closer_together_than_a_decision_and_its_delivery(simulation: Simulation) -> None:
    decided = [
        abs(plan.given - plan.ask.decided) for plan in simulation.plans if plan.ask and plan.ask.decided
    ]
    assert min(decided) > WIDEST
