"""Processes that tracer starts: what they can import, how they end, and that it is said how."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracer.machine.children import Child, ChildEndedError
from tracer.machine.importing import import_path

WORK = """
import os, re, sys, time
from contextlib import suppress
from tracer.machine.children import alive

def work(channel):
    while (asked := channel.receive()) is not None:
        if asked == b"memory":
            bytearray(2 << 30)
        elif asked == b"processor":
            while True:
                pass
        elif asked == b"long":
            until = time.process_time() + 1.5
            while time.process_time() < until:
                alive()
        elif asked == b"error":
            {}["a text of the evidence's"]
        elif asked == b"leave":
            os._exit(3)
        elif asked == b"sleep":
            time.sleep(60)
        elif asked == b"read":
            asked = sys.stdin.read().encode()
        elif asked == b"import":
            with suppress(ImportError):
                import lies_here
        elif asked == b"environment":
            asked = repr(dict(os.environ)).encode()
        print("a library says something")
        channel.send(asked)
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """One whose module lies in a folder of its own, started in another."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "does_the_work.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("A_TOKEN", "secret")
    monkeypatch.setenv("LD_LIBRARY_PATH", f":.:{tmp_path / 'modules'}")
    child = Child("does_the_work", memory=1 << 30, cpu=0.5)
    yield child
    child.close()


@pytest.mark.parametrize("asked", [b"", b"x", os.urandom(3 << 20)], ids=["nothing", "little", "much"])
def test_a_child_answers(child: Child, asked: bytes) -> None:
    for _ in range(2):
        child.send(asked)
        assert child.receive(60) == asked


@pytest.mark.parametrize(
    ("asked", "how"),
    [
        (b"memory", "more than 1 GiB of memory"),
        (b"processor", "no further for 0.5 s of processor time"),
        (b"error", "tracer failed: KeyError"),
        (b"leave", "ended with 3"),
    ],
)
def test_a_child_that_ends_says_how(child: Child, asked: bytes, how: str) -> None:
    child.send(asked)
    with pytest.raises(ChildEndedError, match=how) as ended:
        child.receive(60)
    assert "evidence" not in str(ended.value)
    with pytest.raises(ChildEndedError):
        child.send(b"x")


def test_long_work_goes_on_as_long_as_it_comes_further(child: Child) -> None:
    child.send(b"long")
    assert child.receive(60) == b"long"


def test_a_child_that_is_killed_says_so(child: Child) -> None:
    child.send(b"sleep")
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildEndedError, match="signal 9") as ended:
        child.receive(60)
    assert ended.value.signal == signal.SIGKILL


def test_a_child_that_takes_too_long_is_ended(child: Child) -> None:
    child.send(b"sleep")
    with pytest.raises(ChildEndedError, match=r"longer than 0\.2 s"):
        child.receive(0.2)


def test_a_child_cannot_read_our_input(child: Child) -> None:
    child.send(b"read")
    assert child.receive(60) == b""


def test_a_child_imports_nothing_from_where_the_user_stands(
    child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    Path("lies_here.py").write_text(f"open({str(ran)!r}, 'w')")
    for path in ("", ".", os.curdir, str(Path.cwd()), "relative"):
        monkeypatch.syspath_prepend(path)
    assert {"", ".", str(Path.cwd()), "relative"}.isdisjoint(import_path())
    for one in (child, Child("does_the_work", memory=1 << 30, cpu=5)):
        one.send(b"import")
        one.receive(60)
        one.close()
    assert not ran.exists()


def test_a_child_knows_little_of_the_environment(child: Child, tmp_path: Path) -> None:
    child.send(b"environment")
    told = child.receive(60).decode()
    assert "secret" not in told and "PYTHON" not in told and "'PATH'" not in told
    assert f"'LD_LIBRARY_PATH': '{tmp_path / 'modules'}'" in told


def test_a_child_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Also in the middle of a call that lets nothing else run."""
    (tmp_path / "counts.py").write_text("def work(channel):\n channel.send(b'')\n sum(range(10 ** 12))\n")
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, sys.argv[1]); from tracer.machine.children import Child\n"
            "child = Child('counts', memory=1 << 30, cpu=60); child.receive(); print(child.pid, flush=True); child.receive()",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    until = time.monotonic() + 30
    while _runs(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        pytest.skip("no /proc here")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
