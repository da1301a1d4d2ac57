"""No room, no permission: each command ends in one sentence, nothing is lost, and run again it goes on."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.killed import dump
from tests.case.runs import SMALLER, refused, run, unprivileged

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

EVIDENCE = "samples/evidence"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judged case that nobody disturbed."""
    case = tmp_path_factory.mktemp("whole") / "whole.db"
    ingest(case, [EVIDENCE])
    connection = open_case(case)
    judge(connection)
    connection.close()
    return case


@pytest.mark.parametrize("size", [0, 20_000, 300_000])
def test_a_case_that_may_not_grow_is_read_into_later(case_path: Path, size: int) -> None:
    some, alone = f"{EVIDENCE}/provisioning", case_path.with_name("alone.db")
    told = refused(run("ingest", case_path, some, "-q", first=SMALLER.format(size)))
    assert "again" in told or "room" in told
    ingest(case_path, [some])
    ingest(alone, [some])
    assert dump(case_path) == dump(alone)


def test_a_case_that_may_not_grow_is_judged_later(case_path: Path, whole: Path) -> None:
    ingest(case_path, [EVIDENCE])
    before = dump(case_path)
    refused(run("judge", case_path, first=SMALLER.format(case_path.stat().st_size)))
    assert dump(case_path) == before
    assert run("judge", case_path, "-q").returncode == 0
    assert dump(case_path) == dump(whole)
    assert [path.name for path in case_path.parent.iterdir()] == [case_path.name]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_ends_in_a_sentence(small_disk: Path, whole: Path) -> None:
    case = small_disk / "case.db"
    told = refused(run("ingest", case, EVIDENCE, "-q"))
    assert "no room is left on the disk" in told
    (small_disk / "more").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 4096))
    refused(run("ingest", case, EVIDENCE, "-q"))
    moved = Path(shutil.copy(case, small_disk.parent / "moved.db"))
    assert run("ingest", moved, EVIDENCE, "-q").returncode == 0
    undisturbed = small_disk.parent / "undisturbed.db"
    ingest(undisturbed, [EVIDENCE])
    assert dump(moved) == dump(undisturbed)


@pytest.fixture
def locked_away(tmp_path: Path, whole: Path) -> Iterator[Path]:
    """A judged case that nobody may write, in a folder that nobody may write."""
    folder = tmp_path / "away"
    folder.mkdir()
    case = Path(shutil.copy(whole, folder / "case.db"))
    case.chmod(0o400)
    folder.chmod(0o500)
    yield case
    folder.chmod(0o700)


def test_a_case_that_cannot_be_written_answers_all_questions(locked_away: Path) -> None:
    before = unprivileged()
    finding, grant = (
        open_case(locked_away).execute("SELECT id, grant_id FROM findings ORDER BY id").fetchone()
    )
    for words in (
        ("findings", locked_away, "--json"),
        ("why", locked_away, grant),
        ("defects", locked_away),
        ("controls", locked_away),
        ("assurance", locked_away),
        ("blast", locked_away, finding),
        ("graph", locked_away, grant),
        ("report", locked_away, "--format", "md"),
    ):
        done = run(*words, before=before)
        assert done.returncode == 0, done.stderr
    assert [path.name for path in locked_away.parent.iterdir()] == ["case.db"]


def test_a_case_that_cannot_be_written_says_so_to_who_would(locked_away: Path) -> None:
    before = unprivileged()
    finding = open_case(locked_away).execute("SELECT id FROM findings").fetchone()[0]
    marking = ("mark", locked_away, finding, "--as", "accepted", "--because", "so")
    for words in (("ingest", locked_away, EVIDENCE), ("judge", locked_away), marking):
        assert "cannot be written" in refused(run(*words, before=before))
    locked_away.parent.chmod(0o700)
    assert "cannot be written" in refused(run(*marking, before=before))


def test_a_stale_case_that_cannot_be_written_says_that_it_is_stale(locked_away: Path) -> None:
    before = unprivileged()
    locked_away.chmod(0o600)
    connection = open_case(locked_away)
    connection.execute("UPDATE meta SET value = '1' WHERE name = 'stale'")
    connection.commit()
    connection.close()
    locked_away.chmod(0o400)
    locked_away.parent.chmod(0o500)
    told = refused(run("findings", locked_away, before=before))
    assert "evidence came in since this case was judged" in told


HALF = """import os, sys
from tracer.case.changing import changing
from tracer.case.opening import open_case
connection = open_case(sys.argv[1])
connection.execute("PRAGMA cache_size = 1")
with changing(connection):
    connection.execute("UPDATE records SET raw = hex(zeroblob(10000))")
    os.kill(os.getpid(), 9)
"""


def test_half_a_change_that_a_killed_writer_left_is_taken_back_by_who_may(
    locked_away: Path, whole: Path
) -> None:
    before = unprivileged()
    locked_away.chmod(0o600)
    locked_away.parent.chmod(0o700)
    killed = subprocess.run([sys.executable, "-c", HALF, str(locked_away)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert locked_away.with_name("case.db-journal").stat().st_mode & 0o777 == 0o600
    locked_away.chmod(0o400)
    locked_away.parent.chmod(0o500)
    refused(run("findings", locked_away, before=before))
    locked_away.chmod(0o600)
    locked_away.parent.chmod(0o700)
    assert run("findings", locked_away, before=before).returncode == 0
    assert dump(locked_away) == dump(whole)
