"""A command that is asked to end says so in one sentence, and `python -m` does not run what lies in the current folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tracer.cli import main


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_asked_to_end_says_so(tmp_path: Path, number: signal.Signals) -> None:
    """It waits for a case on a pipe that nobody writes."""
    code = (
        "import sys; from tracer.cli import main, stopping\n"
        "def wait(**_):\n  print('waits', flush=True)\n  while True: sys.stdin.buffer.raw.read(1)\n"
        "main.cli = wait; main.main()"
    )
    asked, kept_open = os.pipe()
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "waits\n"
    time.sleep(0.05)
    run.send_signal(number)
    _, errors = run.communicate(timeout=60)
    os.close(asked)
    os.close(kept_open)
    assert run.returncode == 128 + number
    assert errors.startswith(f"Stopped by {number.name}: ") and errors.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"), [("ingest case.db -", "goes on from there"), ("serve case.db", "can be run again")]
)
def test_what_is_said_fits_the_command(monkeypatch: pytest.MonkeyPatch, words: str, told: str) -> None:
    monkeypatch.setattr(sys, "argv", ["tracer", *words.split()])
    assert told in main.how_it_goes_on()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_ingest_that_is_stopped_leaves_neither_files_nor_processes(
    tmp_path: Path, number: signal.Signals
) -> None:
    """It waits for evidence on a pipe, of which some has come."""
    (tmp_path / "temporary").mkdir()
    run = subprocess.Popen(
        [sys.executable, "-P", "-m", "tracer", "ingest", str(tmp_path / "case.db"), "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )
    assert run.stdin is not None and run.stderr is not None
    run.stdin.write(b"evidence" * (1 << 18))
    run.stdin.flush()
    until = time.monotonic() + 60
    while not list((tmp_path / "temporary").rglob("*/*")) and time.monotonic() < until:
        time.sleep(0.02)
    readers = children(run.pid)
    run.send_signal(number)
    assert run.wait(60) == 128 + number
    assert run.stderr.read().decode().startswith(f"Stopped by {number.name}: ")
    run.stdin.close()
    assert list((tmp_path / "temporary").iterdir()) == []
    assert len(readers) == 1 and not Path(f"/proc/{readers[0]}").exists()


def children(pid: int) -> list[str]:
    """The processes that this one has started."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    if not told.exists():
        pytest.skip("no /proc here")
    return told.read_text().split()


def test_python_m_says_how_to_start_it(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "tracer", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1 and "python -P -m tracer" in refused.stderr
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tracer", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stdout.startswith("tracer")
