"""However many processes read, and however often the run is killed: the case is the same."""

import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.evidence.test_malformed import event

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.evidence.reading import MANY

MAIN = "from tracer.cli.main import main; main()"


def evidence(folder: Path, files: int = 8, records: int = 60) -> Path:
    """CloudTrail in many files, one of them broken, one twice, one large; registers that contradict each other."""
    folder.mkdir()
    for number in range(files):
        said = [event(number * records + n) for n in range(records if number else MANY)]
        data = json.dumps({"Records": said}).encode()
        (folder / f"{number:02d}.json.gz").write_bytes(gzip.compress(data)[: -40 if number == 3 else None])
    (folder / "again.json.gz").write_bytes((folder / "01.json.gz").read_bytes())
    (folder / "x.yaml").write_text("controls:\n  - {id: A, point: review}\n")
    (folder / "y.yaml").write_text("controls:\n  - {id: A, point: request}\n")
    (folder / "notes.txt").write_text("no evidence")
    return folder


def dump(case: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table in the order of its rows, without when and where it was read."""
    connection = open_case(case)
    found = {}
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlite%'"
        )
    ]
    for table in tables:
        names = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
        wanted = ", ".join(name for name in names if name not in ("read_at", "path"))
        rows = [tuple(row) for row in connection.execute(f"SELECT {wanted} FROM {table}")]
        found[table] = sorted(rows, key=repr)
    connection.close()
    return found


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_case_does_not_depend_on_how_many_read(tmp_path: Path, workers: int) -> None:
    folder = evidence(tmp_path / "evidence")
    one = ingest(tmp_path / "one.db", [folder])
    many = ingest(tmp_path / "many.db", [folder], workers=workers)
    assert many.files == one.files
    assert [str(problem) for problem in many.problems] == [str(problem) for problem in one.problems]
    assert len(one.problems) == 1
    assert sum(books.known for books in one.files) == 1
    assert dump(tmp_path / "many.db") == dump(tmp_path / "one.db")


def test_a_run_that_is_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder = evidence(tmp_path / "evidence")
    ingest(tmp_path / "whole.db", [folder])
    case = tmp_path / "killed.db"
    command = [
        sys.executable,
        "-c",
        MAIN,
        "ingest",
        str(case),
        str(folder),
        "--workers",
        "2",
        "-q",
    ]
    chance = random.Random(7)
    begun = time.monotonic()
    timed = [str(tmp_path / "timed.db") if word == str(case) else word for word in command]
    assert subprocess.run(timed, check=False, capture_output=True).returncode == 1
    usual = time.monotonic() - begun
    for _ in range(4):
        run = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            run.wait(chance.uniform(0.1, 0.9) * usual)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        if case.exists():
            wrong = "SELECT count(*) FROM evidence WHERE records <> kept + counted + skipped + rejected"
            try:
                assert sqlite3.connect(case).execute(wrong).fetchone()[0] == 0
            except sqlite3.OperationalError as error:
                # Killed while its tables were made: the next run makes them.
                assert "no such table" in str(error)
    ingest(case, [folder])
    assert dump(case) == dump(tmp_path / "whole.db")
