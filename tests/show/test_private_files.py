"""Files with evidence in them are whole, for their owner alone, and never written through another's link."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tracer.errors import TracerError
from tracer.show.private_files import write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """With this umask a file that nobody closes is open to all."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_file_is_for_its_owner_alone_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = os.fdopen

    def watched(descriptor: int, way: Any) -> Any:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return real(descriptor, way)

    monkeypatch.setattr(os, "fdopen", watched)
    write_private(tmp_path / "report.html", b"x")
    assert seen == [0o600]
    assert mode(tmp_path / "report.html") == 0o600
    assert (tmp_path / "report.html").read_bytes() == b"x"


def test_an_own_file_keeps_the_mode_that_was_given_to_it(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(b"before")
    file.chmod(0o640)
    write_private(file, b"after")
    assert (mode(file), file.read_bytes()) == (0o640, b"after")


def test_a_file_that_another_user_laid_there_is_replaced_and_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(b"")
    file.chmod(0o666)
    held = file.open("rb")
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    write_private(file, b"evidence")
    assert mode(file) == 0o600
    assert held.read() == b""
    held.close()


def test_a_link_of_our_own_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    write_private(tmp_path / "link.html", b"x")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_bytes() == b"x"


def test_a_link_that_another_user_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    link = tmp_path / "report.html"
    link.symlink_to(victim)
    if os.geteuid() == 0:
        os.lchown(link, 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(TracerError, match="a link that another user made"):
        write_private(link, b"evidence")
    assert victim.read_bytes() == b"mine"


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(file, b"after")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("report.html", b"before")]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_private(pipe, b"x" * 100)
    reader.join(timeout=10)
    assert got == [b"x" * 100]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
