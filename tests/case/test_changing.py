"""One process at a time writes a case; whoever reads sees it whole; and whoever must wait is told for whom."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tracer.case import changing as changing_module
from tracer.case import lock
from tracer.case.changing import changing
from tracer.case.lock import SUFFIX, locked, writer
from tracer.case.opening import open_case
from tracer.cli.main import cli
from tracer.errors import CaseError
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

EVIDENCE = "tests/cases/wrong-attribute/evidence"


@pytest.fixture
def judged(case_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case that is judged; whoever waits for it loses patience at once."""
    ingest(case_path, [EVIDENCE])
    connection = open_case(case_path)
    judge(connection)
    connection.close()
    monkeypatch.setattr(lock, "PATIENCE", 0.0)
    return case_path


def asked(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_a_second_writer_is_told_who_writes(judged: Path) -> None:
    finding = open_case(judged).execute("SELECT id FROM findings").fetchone()[0]
    marking = ("mark", judged, finding, "--as", "confirmed", "--because", "so")
    with locked(judged):
        for words in (("ingest", judged, EVIDENCE), ("judge", judged), marking):
            error = asked(*words).exception
            assert isinstance(error, CaseError)
            assert error.what == f"another tracer (process {os.getpid()}) is writing this case"
        assert asked("findings", judged).exit_code == 0
    assert asked(*marking).exit_code == 0


def test_a_question_that_must_rebuild_the_case_is_told_who_writes(judged: Path) -> None:
    ingest(judged, ["samples/evidence/provisioning"])
    with locked(judged):
        assert "is writing this case" in str(asked("findings", judged).exception)
    assert asked("findings", judged).exit_code == 0


def test_a_case_that_another_process_is_making_is_not_a_broken_one(case_path: Path) -> None:
    case_path.touch(0o600)
    with locked(case_path):
        assert f"(process {os.getpid()}) is making this case" in str(asked("findings", case_path).exception)


def test_a_reader_sees_the_old_judgement_until_the_new_one_is_whole(judged: Path) -> None:
    before = asked("findings", judged, "--json").output
    connection = open_case(judged)
    with changing(connection):
        connection.execute("DELETE FROM findings")
        assert asked("findings", judged, "--json").output == before
    assert asked("findings", judged, "--json").output != before


def test_a_reader_reads_one_state_however_often_it_looks(
    judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing_module, "FOR_READERS", 0.0)
    from tracer.cli.options import judged_case

    with judged_case(str(judged)) as reader:
        other = open_case(judged)
        with pytest.raises(CaseError, match="reading or writing"), changing(other):
            other.execute("DELETE FROM findings")
        assert not other.in_transaction
        assert reader.execute("SELECT count(*) FROM findings").fetchone()[0] > 0
    with changing(other):
        other.execute("DELETE FROM findings")


def test_a_reader_is_told_who_writes_when_the_change_outgrows_memory(judged: Path) -> None:
    connection = open_case(judged)
    connection.execute("PRAGMA cache_size = 1")
    with changing(connection):
        connection.execute("UPDATE records SET raw = hex(zeroblob(100000))")
        assert f"(process {os.getpid()}) is writing" in str(asked("findings", judged).exception)
    assert asked("findings", judged).exit_code == 0


def test_another_program_that_holds_the_file_is_told(judged: Path) -> None:
    other = sqlite3.connect(judged)
    other.execute("BEGIN EXCLUSIVE")
    for words in (("ingest", judged, EVIDENCE), ("judge", judged), ("findings", judged)):
        assert "another process is reading or writing" in str(asked(*words).exception)


def test_an_error_takes_the_whole_change_back(judged: Path) -> None:
    connection = open_case(judged)
    with pytest.raises(ZeroDivisionError), changing(connection):
        connection.execute("DELETE FROM findings")
        connection.execute(f"SELECT {1 / 0}")
    assert connection.execute("SELECT count(*) FROM findings").fetchone()[0] > 0
    assert writer(judged) == ""


@pytest.mark.parametrize("left", ["", "tracer 1\n", "tracer 4194304 another.host-1\n"])
def test_what_a_killed_writer_left_is_taken_over(judged: Path, left: str) -> None:
    judged.with_name(judged.name + SUFFIX).write_text(left)
    assert asked("judge", judged).exit_code == 0
    assert [path.name for path in judged.parent.iterdir()] == [judged.name]


def test_a_lock_of_another_machine_says_which(judged: Path) -> None:
    with locked(judged):
        judged.with_name(judged.name + SUFFIX).write_text("tracer 12 far.corp.example\n")
        assert "(process 12 on far.corp.example)" in str(asked("judge", judged).exception)
        judged.with_name(judged.name + SUFFIX).write_text("\x1b[2J")
        assert "\x1b" not in str(asked("judge", judged).exception)


def test_a_file_of_somebody_else_in_its_place_is_left_alone(judged: Path) -> None:
    beside = judged.with_name(judged.name + SUFFIX)
    beside.write_text("mine")
    assert "in its place" in str(asked("judge", judged).exception)
    assert beside.read_text() == "mine"
    beside.unlink()
    (target := judged.with_name("target")).touch()
    beside.symlink_to(target)
    assert "in its place" in str(asked("judge", judged).exception)
    beside.unlink()
    os.mkfifo(beside)
    assert "in its place" in str(asked("judge", judged).exception)
    beside.unlink()
    beside.mkdir()
    assert "in its place" in str(asked("judge", judged).exception)
    assert target.read_text() == ""


def test_many_that_begin_one_case_at_once_lose_nothing(case_path: Path) -> None:
    code = f"from tracer.evidence.ingest import ingest; ingest({str(case_path)!r}, [{EVIDENCE!r}])"
    runs = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for run in runs:
        told = run.communicate(timeout=120)[1]
        assert run.returncode == 0 or "is writing this case" in told
    alone = case_path.with_name("alone.db")
    ingest(alone, [EVIDENCE])
    count = "SELECT count(*) FROM records"
    counts = [open_case(case).execute(count).fetchone()[0] for case in (case_path, alone)]
    assert counts[0] == counts[1] > 0


def test_the_case_and_what_stands_beside_it_are_no_evidence(judged: Path) -> None:
    for suffix in ("", SUFFIX):
        judged.with_name(judged.name + suffix).touch()
    (judged.parent / "notes.txt").write_text("no evidence")
    summary = ingest(judged, [judged.parent])
    assert [Path(one.path).name for one in summary.files] == ["notes.txt"]
    assert [problem.what for problem in ingest(judged, [judged]).problems] == [
        "this is the case file itself, and no evidence"
    ]
