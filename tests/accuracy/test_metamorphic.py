"""However a year is told, its grants are judged alike; and evidence that is taken away accuses nobody.

A small simulated organisation with every kind of fault in it.
"""

import random
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from benchmarks.accuracy.comparing import compare
from benchmarks.accuracy.exports.books import File
from benchmarks.accuracy.judging import Judged, read, write
from benchmarks.accuracy.organisation import Simulation, simulate
from benchmarks.accuracy.withholding import WAYS, withhold
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.accuracy import retellings
from tests.accuracy.retellings import Retelling, renamed

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

SEED = 11
FEW = settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
Key = tuple[str, str, str, str | None]
Answer = tuple[str, str | None, str | None, str | None]


@cache
def organisation() -> Simulation:
    return simulate(8, SEED, rounds=1)


def judged(files: Iterable[File]) -> list[Judged]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(files, folder / "evidence")
        case = folder / "case.db"
        ingest(str(case), [str(folder / "evidence")])
        with open_case(str(case)) as connection:
            judge(connection)
        return read(case)


def answers(found: Iterable[Judged]) -> dict[Key, Answer]:
    return {
        (one.system, one.account, one.entitlement, one.given): (
            one.verdict, one.mode, one.owner, one.wrong_since,
        )
        for one in found
        if one.system != "lounge"
    }  # fmt: skip


@cache
def baseline() -> dict[Key, Answer]:
    return answers(judged(organisation().files))


RETELLINGS: dict[str, Retelling] = {
    each.__name__: each
    for each in (
        retellings.reordered, retellings.rezoned, retellings.handed_in_twice, retellings.in_two,
        retellings.under_other_names, retellings.beside_others,
    )
}  # fmt: skip


@FEW
@given(
    chosen=st.lists(st.sampled_from(sorted(RETELLINGS)), min_size=1, max_size=4, unique=True),
    dice=st.integers(0, 999),
)
def test_the_same_year_told_otherwise_is_judged_alike(chosen: list[str], dice: int) -> None:
    files = organisation().files
    for name in chosen:
        files = RETELLINGS[name](files, random.Random(dice))
    expected = baseline()
    if "under_other_names" in chosen:
        expected = {
            (system, renamed(account), entitlement, at): (verdict, mode, owner and renamed(owner), since)
            for (system, account, entitlement, at), (verdict, mode, owner, since) in expected.items()
        }
    got = answers(judged(files))
    assert {
        key: got.get(key) for key in expected.keys() | got.keys() if got.get(key) != expected.get(key)
    } == {}


@FEW
@given(
    way=st.sampled_from(WAYS),
    share=st.sampled_from((0.1, 0.25, 0.5)),
    dice=st.integers(0, 999),
)
def test_taking_evidence_away_accuses_nobody_of_right_access(way: str, share: float, dice: int) -> None:
    simulation = organisation()
    left = withhold(simulation.files, share, way, dice)
    accused = [pair for pair in compare(simulation.plans, judged(left)) if pair.accused]
    assert [(pair.plan and pair.plan.because, pair.got) for pair in accused] == []
