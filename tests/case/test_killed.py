"""Killed at any moment, a run goes on when it is run again: a few moments of what `benchmarks/killed.py` tries at length."""

import json
import subprocess
import sys

import pytest

ALL = ["first ingest", "second ingest", "judge", "mark", "migration", "worker"]


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
@pytest.mark.parametrize(
    ("sign", "jobs"), [("KILL", ALL), ("TERM", ["first ingest", "judge"]), ("INT", ["judge", "mark"])]
)
def test_a_run_that_is_cut_off_goes_on(sign: str, jobs: list[str]) -> None:
    command = [sys.executable, "-m", "benchmarks.killed", "--moments", "2", "--signal", sign]
    command += ["--evidence", "tests/cases/wrong-attribute/evidence"]
    command += [word for job in jobs for word in ("--job", job)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert [job["job"] for job in told] == jobs
    assert sum(job["killed"] for job in told) > 0
