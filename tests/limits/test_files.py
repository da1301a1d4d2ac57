"""Limits of files and archives: at the limit everything is read, one beyond the rest is left, and that is said."""

import gzip
import io
import lzma
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.limits.lowered import lowered

from tracer.errors import CaseError
from tracer.evidence.containers import Content, held, unpack
from tracer.evidence.temporary import NoRoomError, temporary


def read(packed: bytes) -> tuple[list[bytes], str]:
    """What the contents of a packed file hold, and all that is said of what is missing."""
    found, said = [], []
    for content in unpack("x", held(packed)):
        if not content.refused:
            with content.open() as stream:
                found.append(stream.read())
        if content.problem:
            said.append(content.problem)
    return found, "; ".join(said)


def tar(files: dict[str, bytes], **more: str) -> bytes:
    """A tar archive of files, and of links."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, link in more.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return target.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive of files, compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def test_what_a_compressed_file_grows_to() -> None:
    packed = gzip.compress(b"a" * 100)
    with lowered("evidence.allowance.LARGEST", 100):
        assert read(packed) == ([b"a" * 100], "")
    with lowered("evidence.allowance.LARGEST", 99):
        found, said = read(packed)
    assert found == [b"a" * 99] and "limit" in said


def test_what_a_member_of_an_archive_grows_to() -> None:
    packed = zipped({"large": b"a" * 100, "small": b"b"})
    with lowered("evidence.allowance.LARGEST", 100):
        assert read(packed) == ([b"a" * 100, b"b"], "")
    with lowered("evidence.allowance.LARGEST", 99):
        found, said = read(packed)
    assert found == [b"b"] and "would unpack to 100 bytes" in said


def test_what_all_members_grow_to_together() -> None:
    packed = zipped({"1": b"a" * 60, "2": b"b" * 60, "3": b"c" * 40})
    with lowered("evidence.allowance.RATIO", 0), lowered("evidence.allowance.AT_LEAST", 160):
        assert read(packed) == ([b"a" * 60, b"b" * 60, b"c" * 40], "")
    with lowered("evidence.allowance.RATIO", 0), lowered("evidence.allowance.AT_LEAST", 159):
        found, said = read(packed)
    assert found == [b"a" * 60, b"b" * 60] and "beyond" in said


def test_what_lies_packed_in_members_counts_with_them() -> None:
    inner = gzip.compress(b"a" * 50)
    packed = tar({"1": inner, "2": inner, "3": b"plain"})
    with lowered("evidence.allowance.RATIO", 0), lowered("evidence.allowance.AT_LEAST", 100):
        assert read(packed) == ([b"a" * 50, b"a" * 50, b"plain"], "")
    with lowered("evidence.allowance.RATIO", 0), lowered("evidence.allowance.AT_LEAST", 99):
        found, said = read(packed)
    assert found == [b"a" * 50, b"a" * 49] and "this archive would unpack to more" in said


def test_what_something_large_may_unpack_to() -> None:
    packed = gzip.compress(b"a" * 1000)
    times = -(-1000 // len(packed))
    with lowered("evidence.allowance.AT_LEAST", 1), lowered("evidence.allowance.RATIO", times):
        assert read(packed) == ([b"a" * 1000], "")
    with lowered("evidence.allowance.AT_LEAST", 1), lowered("evidence.allowance.RATIO", times - 1):
        assert "limit" in read(packed)[1]


@pytest.mark.parametrize("pack", [tar, zipped])
def test_members(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    packed = pack({"1": b"one", "2": b"two"})
    with lowered("evidence.allowance.OF_A_MEMBER", 1 << 30):
        with lowered("evidence.allowance.MEMBERS", 2):
            assert read(packed) == ([b"one", b"two"], "")
        with lowered("evidence.allowance.MEMBERS", 1):
            found, said = read(packed)
    assert b"two" not in found and "more members" in said
    with lowered("evidence.allowance.MEMBERS", 1):
        with lowered("evidence.allowance.OF_A_MEMBER", len(packed) // 2):
            assert read(packed) == ([b"one", b"two"], "")
        with lowered("evidence.allowance.OF_A_MEMBER", len(packed) // 2 + 1):
            assert "more members" in read(packed)[1]


def test_archives_inside_each_other() -> None:
    packed = gzip.compress(tar({"1": gzip.compress(b"deep"), "2": b"shallow"}))
    with lowered("evidence.containers.DEEPEST", 3):
        assert read(packed) == ([b"deep", b"shallow"], "")
    with lowered("evidence.containers.DEEPEST", 2):
        found, said = read(packed)
    assert found == [b"shallow"] and "not opened" in said


def test_the_name_of_a_member() -> None:
    with lowered("evidence.archives.LONGEST_NAME", 4):
        names = [one.path for one in unpack("x", held(tar({"four": b"1", "five5": b"2"})))]
        assert names == ["x!four", "x!five"]
        assert [one.path for one in unpack("x", held(zipped({"five5": b"2"})))] == ["x!five"]


def test_what_stands_before_a_member_of_a_tar_archive() -> None:
    packed = tar({"a": b"1", "n" * 300: b"2", "b": b"3"})
    with lowered("evidence.archives.HEADERS", 3 * 512 + 1):
        assert read(packed) == ([b"1", b"2", b"3"], "")
    with lowered("evidence.archives.HEADERS", 3 * 512):
        found, said = read(packed)
    assert found == [b"1"] and "longer than any name" in said


def test_links_that_are_named() -> None:
    packed = tar({"a": b"1"}, one="a", two="a", three="a")
    with lowered("evidence.archives.LINKS_NAMED", 3):
        assert read(packed)[1].count("link to a") == 3
    with lowered("evidence.archives.LINKS_NAMED", 2):
        found, said = read(packed)
    assert found == [b"1"] and said.count("link to a") == 2 and "1 more members are links" in said


def test_memory_that_xz_asks_for() -> None:
    packed = lzma.compress(b"a" * 100, preset=0)
    with lowered("evidence.decompress.MEMORY", 1 << 20):
        assert read(packed) == ([b"a" * 100], "")
    with lowered("evidence.decompress.MEMORY", 1 << 10):
        found, said = read(packed)
    assert found == [b""] and "xz data is broken" in said and "emory" in said


def test_a_file_that_is_read_as_a_whole() -> None:
    content = Content("register.yaml", held(b"a" * 10))
    with lowered("evidence.containers.WHOLE", 10):
        assert content.read() == b"a" * 10
    with (
        lowered("evidence.containers.WHOLE", 9),
        pytest.raises(CaseError, match="too large"),
    ):
        content.read()


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_room_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1000, 900, 100))
    with lowered("evidence.temporary.KEPT_FREE", 90), temporary(b"12345", io.BytesIO(b"67890")) as file:
        file.seek(0)
        assert file.read() == b"1234567890"
    with (
        lowered("evidence.temporary.KEPT_FREE", 91),
        pytest.raises(NoRoomError, match="no room"),
        temporary(b"12345", io.BytesIO(b"67890")),
    ):
        pass
