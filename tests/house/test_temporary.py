"""Temporary files are gone with the run, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracer.machine.temporary import PREFIX, run_folder

HOLDS = (
    "import sys; from tracer.machine.temporary import run_folder\n"
    "with run_folder() as folder:\n"
    "  (folder / 'member').write_text('evidence'); print(folder, flush=True); sys.stdin.read()\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Temporary files lie in a folder of the test's."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def test_a_runs_folder_is_its_own_and_goes_with_it(here: Path) -> None:
    with run_folder() as one, run_folder() as other:
        assert one != other and one.parent == here and one.exists()
        assert one.stat().st_mode & 0o777 == 0o700
        (one / "below").mkdir()
        (one / "below" / "member").write_text("evidence")
    assert list(here.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(here: Path) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    folders = [Path(run.stdout.readline().strip()) for run in runs if run.stdout]
    runs[0].send_signal(signal.SIGKILL)
    runs[0].wait()
    assert all((folder / "member").exists() for folder in folders)
    with run_folder():
        assert not folders[0].exists()
        assert (folders[1] / "member").exists()
    runs[1].communicate("")
    assert not folders[1].exists()


def test_nothing_else_is_removed(here: Path) -> None:
    (here / "elsewhere").mkdir()
    (here / "elsewhere" / "file").write_text("somebody's")
    (here / f"{PREFIX}link").symlink_to(here / "elsewhere")
    (here / f"{PREFIX}file").write_text("somebody's")
    os.mkfifo(here / f"{PREFIX}pipe")
    with run_folder():
        pass
    assert len(list(here.iterdir())) == 4
    assert (here / "elsewhere" / "file").exists()
