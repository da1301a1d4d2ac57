"""A command that is asked to end says so in one sentence, and `python -m` does not run what lies in the current folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


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
