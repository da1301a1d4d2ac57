"""Every stage says what it reads and fills, and SQLite sees the same; each finds what it reads filled before it."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from benchmarks.accuracy.organisation import simulate
from benchmarks.accuracy.withholding import withhold
from tests.transform.cases import CASES

from tracer.case.functions import add_functions
from tracer.case.opening import open_case
from tracer.case.schema import DERIVED, EVIDENCE
from tracer.case.stage import Stage, Work
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import STAGES, judge

ROOT = Path(__file__).parents[2]

CHANGES = {
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_VIEW,
}


class Seen:
    """Which tables each stage read and changed, as SQLite's authorizer was asked."""

    def __init__(self) -> None:
        self.reads: dict[str, set[str]] = defaultdict(set)
        self.changes: dict[str, set[str]] = defaultdict(set)
        self.stage = ""

    def __call__(
        self, action: int, one: str | None, _two: str | None, _db: str | None, _by: str | None
    ) -> int:
        if self.stage and one and not one.startswith("sqlite_") and one != "json_each":
            if action == sqlite3.SQLITE_READ:
                self.reads[self.stage].add(one)
            elif action in CHANGES:
                self.changes[self.stage].add(one)
        return sqlite3.SQLITE_OK


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """What all stages did over the sample and the golden cases; nothing that several look up is shared between them."""
    found = Seen()
    work = tmp_path_factory.mktemp("stages")
    folders = [ROOT / "samples" / "evidence", *(case.evidence for case in CASES), *simulated(work)]
    for number, folder in enumerate(folders):
        path = work / f"{number}.db"
        ingest(path, [str(folder)])
        with closing(open_case(path)) as connection:
            add_functions(connection)
            for stage in STAGES:
                # Set anew, for a statement that was prepared before is not asked about again.
                connection.set_authorizer(found)
                found.stage = stage.name
                stage.run(Work(connection))
                found.stage = ""
            connection.rollback()
    yield found


def simulated(work: Path) -> Iterator[Path]:
    """Evidence of small simulated organisations: with many files, with gaps between them, with records left out."""
    whole, other = simulate(60).files, simulate(60, seed=2).files
    for name, files in {
        "whole": whole,
        "periods": withhold(whole, 0.25, "periods"),
        "records": withhold(other, 0.25, "records"),
    }.items():
        for file in files:
            path = work / name / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        yield work / name


def declared(stage: Stage) -> set[str]:
    return {*stage.writes, *stage.completes}


def private(seen: Seen) -> dict[str, set[str]]:
    """Per stage: tables that it makes, and that no other stage reads before making them anew itself."""
    made = {table for stage in STAGES for table in declared(stage)}
    return {
        stage.name: seen.changes[stage.name] - made - DERIVED.keys() - EVIDENCE.keys() for stage in STAGES
    }


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_reads_what_it_says(stage: Stage, seen: Seen) -> None:
    own = private(seen)[stage.name]
    assert seen.reads[stage.name] - own - declared(stage) == set(stage.reads)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_fills_what_it_says(stage: Stage, seen: Seen) -> None:
    own = private(seen)[stage.name]
    assert seen.changes[stage.name] - own == declared(stage)


def test_names_are_given_once_and_each_table_has_one_stage_that_fills_it() -> None:
    assert len({stage.name for stage in STAGES}) == len(STAGES)
    writers = defaultdict(list)
    for stage in STAGES:
        for table in stage.writes:
            writers[table].append(stage.name)
    assert {table: names for table, names in writers.items() if len(names) > 1} == {}
    assert DERIVED.keys() <= writers.keys()


def test_a_stage_finds_filled_what_it_reads() -> None:
    filled = set(EVIDENCE)
    for stage in STAGES:
        assert {*stage.reads, *stage.completes} - filled == set(), stage.name
        filled |= set(stage.writes)


def test_whoever_waits_is_told_of_each_stage(case_path: Path) -> None:
    ingest(case_path, [str(CASES[0].evidence)])
    told: list[str] = []
    with closing(open_case(case_path)) as connection:
        judge(connection, ran=lambda run: told.append(run.stage))
    assert told == [stage.name for stage in STAGES]
