"""tracer run as a process of its own, also with less than it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = "import sys; sys.argv[0] = 'tracer'; from tracer.cli.main import main; main()"
SMALLER = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); "
"""No file that this process writes may grow beyond so many bytes."""


def run(*words: object, first: str = "", before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run tracer with these arguments; `first` is run in Python before it, `before` starts it."""
    return subprocess.run(
        [*before, sys.executable, "-c", first + MAIN, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a command ended."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def unprivileged() -> tuple[str, ...]:
    """How to start a process to which permissions of files apply, also as root."""
    if os.geteuid() != 0:
        return ()
    if not Path("/usr/bin/setpriv").exists():
        pytest.skip("permissions do not apply to root, and there is no setpriv")
    return ("/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all")
