"""Files, folders and archives that somebody made to be read badly: each costs itself at most, and is named with the reason."""

import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import socket
import struct
import subprocess
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard
from tests.evidence.test_malformed import trail
from tests.limits.lowered import lowered

from tracer.case.opening import open_case
from tracer.evidence.ingest import IngestSummary, ingest

GOOD = 3
"""Records of the honest file that lies beside each."""


def told(folder: Path, *paths: str) -> dict[str, str]:
    """By the end of its path, what is said of each thing that was not read, once the honest file beside it is found read.

    Books balance, and a second run finds everything in the case.
    """
    case = folder.parent / "case.db"
    (folder / "zz-good.json").write_bytes(trail(GOOD))
    summary = ingest(case, paths or (str(folder),), workers=0)
    assert [one.kept for one in summary.files if one.path.endswith("zz-good.json")] == [GOOD]
    for one in summary.files:
        assert one.records == one.kept + one.counted + one.skipped + one.rejected
    again = ingest(case, paths or (str(folder),), workers=0)
    assert all(one.known for one in again.files)
    return said(summary, case)


def said(summary: IngestSummary, case: Path) -> dict[str, str]:
    """By the end of the path: notes, reasons of rejects, and problems."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in summary.files:
        found[ending(one.path)].append(one.note or "")
    with closing(open_case(case)) as connection:
        for path, reason in connection.execute(
            "SELECT e.path, j.reason FROM rejects j JOIN evidence e ON e.id = j.evidence_id"
        ):
            found[ending(path)].append(reason)
    for problem in summary.problems:
        found[ending(problem.where)].append(problem.what)
    return {
        name: text for name, texts in found.items() if (text := "; ".join(dict.fromkeys(filter(None, texts))))
    }


def ending(path: str) -> str:
    """The member's name, or the file's."""
    return path.rpartition("!")[2] if "!" in path else path.rpartition("/")[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "evidence"
    made.mkdir()
    return made


# Folders


def test_what_is_no_file_is_named_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    (folder / "to-pipe.json").symlink_to("pipe.json")
    (folder / "to-device.json").symlink_to("/dev/zero")
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(str(folder / "socket"))
        found = told(folder)
    assert found == {
        "pipe.json": "this is a named pipe and no file",
        "to-pipe.json": "this is a named pipe and no file",
        "to-device.json": "this is a link out of what was handed in (to /dev/zero), and not followed; "
        "hand in what it leads to, if that is evidence",
        "socket": "this is a socket and no file",
    }


def test_links_are_followed_only_within_what_was_handed_in(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.json").write_bytes(trail(9))
    (folder / "out.json").symlink_to(tmp_path / "outside" / "secret.json")
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "nowhere").symlink_to("not-there")
    (folder / "circle").symlink_to("circle")
    (folder / "years").mkdir()
    (folder / "years" / "2026.json").write_bytes(trail(5))
    (folder / "latest").symlink_to("years")
    (folder / "latest.json").symlink_to("years/2026.json")
    found = told(folder)
    assert "out of what was handed in" in found.pop("out.json")
    assert "out of what was handed in" in found.pop("out")
    assert found.pop("nowhere") == "this is a link to something that is not there (not-there)"
    assert "symbolic link" in found.pop("circle")
    assert found == {}


def test_what_is_named_may_be_a_link_to_anywhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.json").write_bytes(trail(4))
    (folder / "a.json").symlink_to(tmp_path / "elsewhere" / "a.json")
    (folder / "b").symlink_to(tmp_path / "elsewhere")
    summary = ingest(tmp_path / "case.db", [folder / "a.json", folder / "b"])
    assert [(one.kept, one.known) for one in summary.files] == [(4, False), (0, True)]


def test_a_pattern_finds_links_only_within_its_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_bytes(trail(9))
    (folder / "out.json").symlink_to(tmp_path / "secret.json")
    assert "out of what was handed in" in told(folder, f"{folder}/*.json")["out.json"]


def test_a_named_pipe_that_is_named_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(folder / "pipe")
    (problem,) = ingest(tmp_path / "case.db", [folder / "pipe"]).problems
    assert (
        str(problem) == f"{folder}/pipe: this is a named pipe and no file; write: tracer ingest CASE - < it"
    )


@pytest.mark.parametrize("workers", [0, 1])
def test_a_pipe_that_a_shell_opened_is_read(tmp_path: Path, workers: int) -> None:
    reading, writing = os.pipe()
    os.write(writing, gzip.compress(trail(2)))
    os.close(writing)
    with os.fdopen(reading, "rb"):
        (books,) = ingest(tmp_path / "case.db", [f"/dev/fd/{reading}"], workers=workers).files
    assert books.kept == 2


def test_a_url_of_this_machine_is_a_path_like_any_other(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "a.json").write_bytes(trail(2))
    summary = ingest(tmp_path / "case.db", [f"file://{folder}"])
    assert [(one.kept, one.unread) for one in summary.files] == [(2, False), (0, True)]


def test_a_file_that_has_the_name_of_a_member_is_not_taken_for_it(folder: Path) -> None:
    (folder / "a.zip").write_bytes(zipped(("b.parquet", b"PAR1 and no more")))
    (folder / "a.zip!b.parquet").write_bytes(b"something else")
    assert "b.parquet" in told(folder)


@pytest.mark.parametrize("name", [b"caf\xe9.json", b"new\nline.json", b"esc\x1b[2Jape.json", b"a!b.json"])
def test_any_name_that_a_file_may_have_is_kept(folder: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(trail(4))
    told(folder)
    with closing(open_case(folder.parent / "case.db")) as connection:
        paths = [row[0] for row in connection.execute("SELECT path FROM evidence ORDER BY path")]
    assert paths[0] == f"{folder}/" + name.decode("utf-8", "backslashreplace")


def test_folders_in_folders_end_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deeper than Python calls itself, and than a path is long."""
    monkeypatch.chdir(folder)
    for _ in range(DEEP):
        Path("ddd").mkdir()
        os.chdir("ddd")
    try:
        Path("deep.json").write_bytes(trail(4))
        assert "too long" in told(folder)["ddd"]
    finally:
        os.chdir(folder)
        subprocess.run(["rm", "-rf", "ddd"], check=True)  # Python's own way calls itself for each


DEEP = 1100


# Archives


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return target.getvalue()


def tarred(*members: tuple[str, bytes, bytes, str]) -> bytes:
    """A tar archive of (name, type, content, link)."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", errors="surrogateescape") as archive:
        for name, kind, data, link in members:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(data), link
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def plain(name: str, data: bytes) -> tuple[str, bytes, bytes, str]:
    return name, tarfile.REGTYPE, data, ""


def test_members_that_are_no_files_are_named_with_what_they_are(folder: Path) -> None:
    archive = tarred(
        ("passwd", tarfile.SYMTYPE, b"", "/etc/passwd"), ("twice", tarfile.LNKTYPE, b"", "a.json"),
        ("pipe", tarfile.FIFOTYPE, b"", ""), ("disk", tarfile.BLKTYPE, b"", ""), plain("a.json", trail(2)),
    )  # fmt: skip
    (folder / "a.tar.gz").write_bytes(gzip.compress(archive))
    assert told(folder) == {
        "passwd": "this member is a link to /etc/passwd, and not followed",
        "twice": "this member is the same file as a.json (a hard link), and not followed",
        "pipe": "this member is a named pipe, and not followed",
        "disk": "this member is a device, and not followed",
    }


def test_a_link_in_a_zip_archive_is_named(folder: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    (folder / "a.zip").write_bytes(target.getvalue())
    assert told(folder) == {"link": "this member is a link, and not followed"}


@pytest.mark.parametrize(
    "name", ["/etc/x.json", "../../x.json", "a\\..\\x.json", "\x1b[2Jx.json", "caf\udce9.json", "n" * 200]
)
def test_names_in_archives_are_only_names(folder: Path, name: str) -> None:
    (folder / "a.tar").write_bytes(tarred(plain(name, trail(2))))
    if name.isprintable():
        (folder / "a.zip").write_bytes(zipped((name, trail(4))))
    before = sorted(folder.parent.rglob("*"))
    assert told(folder) == {}
    assert {one.name for one in folder.parent.rglob("*") if one not in before} == {"case.db", "zz-good.json"}
    with closing(open_case(folder.parent / "case.db")) as connection:
        paths = {row[0] for row in connection.execute("SELECT path FROM evidence WHERE path LIKE '%!%'")}
    assert (
        f"{folder}/a.tar!" + name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        in paths
    )


def test_members_of_one_name_are_all_read(folder: Path, recwarn: pytest.WarningsRecorder) -> None:
    (folder / "a.zip").write_bytes(zipped(("a.json", trail(2)), ("a.json", trail(4))))
    (folder / "a.tar").write_bytes(tarred(plain("a.json", trail(5)), plain("a.json", trail(6))))
    summary = ingest(folder.parent / "case.db", [folder])
    assert sorted(one.kept for one in summary.files) == [2, 4, 5, 6]


def test_an_encrypted_member_is_named(folder: Path) -> None:
    data = bytearray(zipped(("a.json", trail(2)), ("b.json", trail(4))))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    (folder / "a.zip").write_bytes(data)
    assert told(folder) == {"a.json": "this member is encrypted; unpack it and hand in the file"}


def test_a_way_of_compressing_that_is_not_known_is_named(folder: Path) -> None:
    data = bytearray(zipped(("a.json", trail(2)), ("b.json", trail(4))))
    for magic, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(magic) + at] = 9
    (folder / "a.zip").write_bytes(data)
    (text,) = told(folder).values()
    assert text.startswith("this member is compressed in a way that is not known here (method 9)")


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_zip_archives_are_read_however_they_are_compressed(folder: Path, method: int) -> None:
    (folder / "a.zip").write_bytes(zipped(("a.json", trail(200)), method=method))
    (books, _) = ingest(folder.parent / "case.db", [folder, folder]).files
    assert books.kept == 200


@pytest.mark.parametrize(("size", "word"), [(10, "more"), (100_000, "less")])
def test_a_member_that_lies_about_its_size_is_read_and_said(folder: Path, size: int, word: str) -> None:
    data = bytearray(zipped(("a.json", trail(2))))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    (folder / "a.zip").write_bytes(data)
    assert f"holds {word} than its archive says" in told(folder)["a.json"]


def test_what_can_be_read_of_a_broken_member_is_read(folder: Path) -> None:
    data = bytearray(zipped(("a.ndjson", lines(400)), method=zipfile.ZIP_STORED))
    data[data.index(b"PK\x01\x02") - 3] ^= 1
    (folder / "a.zip").write_bytes(data)
    assert "checksum" in told(folder)["a.ndjson"]
    assert kept(folder, "a.ndjson") >= 399


def lines(count: int) -> bytes:
    """Records, one in a line."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in json.loads(trail(count))["Records"])


def kept(folder: Path, name: str) -> int:
    with closing(open_case(folder.parent / "case.db")) as connection:
        (found,) = connection.execute(
            "SELECT sum(kept) FROM evidence WHERE path LIKE ?", (f"%{name}",)
        ).fetchone()
    return int(found or 0)


@pytest.mark.parametrize("packed", [False, True])
def test_a_tar_archive_that_is_cut_off_is_read_up_to_there(folder: Path, packed: bool) -> None:
    whole = tarred(plain("a.ndjson", lines(10)), plain("b.ndjson", lines(400)), plain("c.ndjson", lines(20)))
    cut = whole[: whole.index(b"c.ndjson") - 90_000]
    (folder / "a.tar.bz2" if packed else folder / "a.tar").write_bytes(bz2.compress(cut) if packed else cut)
    found = told(folder)
    assert "cut off" in found.pop("b.ndjson")
    (text,) = found.values()
    assert text.startswith("this tar archive is broken")
    assert kept(folder, "!a.ndjson") == 10 and kept(folder, "!b.ndjson") > 50


def test_a_tar_archive_that_is_damaged_in_its_midst_is_no_shorter_one(folder: Path) -> None:
    whole = bytearray(tarred(plain("a.ndjson", lines(10)), plain("b.ndjson", lines(20))))
    whole[whole.index(b"b.ndjson") + 1] ^= 1
    (folder / "a.tar").write_bytes(whole)
    assert told(folder) == {"a.tar": "this tar archive is broken (bad checksum); what came before was read"}
    assert kept(folder, "!a.ndjson") == 10


def test_a_tar_archive_without_its_end_mark_may_be_cut_off(folder: Path) -> None:
    blocks = 1 + -(-len(lines(10)) // 512)
    (folder / "a.tar").write_bytes(tarred(plain("a.ndjson", lines(10)))[: 512 * blocks])
    (text,) = told(folder).values()
    assert "cut off" in text


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (b"-1", "bad checksum"),
        (b"\xff" * 12, "less than no bytes"),
    ],
)
def test_a_header_of_a_tar_archive_that_makes_no_sense_ends_it(
    folder: Path, header: bytes, text: str
) -> None:
    data = bytearray(tarred(plain("a.json", trail(2)), plain("b.json", trail(2))))
    begin = data.index(b"b.json")
    data[begin + 124 : begin + 136] = header.ljust(12, b"\0")
    if text != "bad checksum":
        data[begin + 148 : begin + 156] = b" " * 8
        data[begin + 148 : begin + 156] = b"%06o\0 " % sum(data[begin : begin + 512])
    (folder / "a.tar").write_bytes(data)
    assert text in told(folder)["a.tar"]


def sparse(size: int) -> bytes:
    """A tar archive with a member that says it is of this size, and is nothing but a hole before 512 bytes."""
    member = tarfile.TarInfo("hole")
    member.size = 512
    member.pax_headers = {
        "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": str(size), "GNU.sparse.map": f"{size - 512},512",
    }  # fmt: skip
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(b"x" * 512))
        last = tarfile.TarInfo("last.json")
        last.size = len(trail(2))
        archive.addfile(last, io.BytesIO(trail(2)))
    return target.getvalue()


def test_holes_take_no_room(folder: Path) -> None:
    (folder / "a.tar.gz").write_bytes(gzip.compress(sparse(100 << 20)))
    with room(20 << 20):
        assert told(folder) == {"hole": "this is binary data that no source recognises"}
    assert kept(folder, "last.json") == 2


@contextmanager
def room(size: int) -> Iterator[None]:
    """Only so many bytes are free in the temporary folder."""
    with pytest.MonkeyPatch.context() as patch, lowered("evidence.temporary.KEPT_FREE", 1):
        patch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=size + 1))
        yield


def test_a_member_of_holes_beyond_all_limits_is_left(folder: Path) -> None:
    (folder / "a.tar").write_bytes(sparse(1 << 50))
    assert "would unpack to 1125899906842624 bytes" in told(folder)["hole"]
    assert kept(folder, "last.json") == 2


def test_a_member_that_finds_no_room_is_named_and_the_others_are_read(folder: Path) -> None:
    large = os.urandom(9 << 20)
    (folder / "a.tar.gz").write_bytes(
        gzip.compress(tarred(plain("large", large), plain("a.json", trail(2))), 1)
    )
    with room(1 << 20):
        found = told(folder)
    assert found["large"].startswith("there is no room for it in the temporary folder")
    assert kept(folder, "a.json") == 2


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.zip", zipped(("a.json", b"{}"))[:-10], "this zip archive is broken"),
        ("b.zip", b"PK\x03\x04 and no more", "this zip archive is broken"),
        (
            "c.zip",
            zipped(("a.json", b"{}")).replace(b"PK\x01\x02", b"PK\x01\x09"),
            "this zip archive is broken",
        ),
        ("d.tar", b"x" * 257 + b"ustar" + b"x" * 2000, "this tar archive is broken"),
    ],
)
def test_a_broken_archive_is_called_one(folder: Path, name: str, data: bytes, text: str) -> None:
    (folder / name).write_bytes(data)
    found = told(folder)
    assert found[name].startswith(text)


def test_two_broken_archives_are_both_named(folder: Path) -> None:
    (folder / "a.zip").write_bytes(b"PK\x03\x04 one")
    (folder / "b.zip").write_bytes(b"PK\x03\x04 two")
    assert sorted(told(folder)) == ["a.zip", "b.zip"]


def test_members_over_each_other_count_each_time(folder: Path) -> None:
    data = zipped(("a.json", trail(2)), ("b.json", trail(2)))
    first, second = (i for i in range(len(data)) if data.startswith(b"PK\x01\x02", i))
    whole = bytearray(data)
    whole[second + 42 : second + 46] = whole[first + 42 : first + 46]
    (folder / "a.zip").write_bytes(whole)
    size = len(trail(2))
    with lowered("evidence.allowance.RATIO", 0), lowered("evidence.allowance.AT_LEAST", 2 * size - 1):
        assert f"would unpack to {size} bytes" in told(folder)["b.json"]


# Compression

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


@pytest.mark.parametrize("kind", PACKERS)
def test_what_is_cut_off_is_read_up_to_there(folder: Path, kind: str) -> None:
    packed = PACKERS[kind](lines(3000))
    (folder / f"a.ndjson.{kind}").write_bytes(PACKERS[kind](lines(50)) + packed[: len(packed) - 20])
    assert "cut off" in told(folder)[f"a.ndjson.{kind}"]
    assert kept(folder, f".{kind}") >= 50


@pytest.mark.parametrize("kind", PACKERS)
def test_many_small_packed_parts_are_one_file(folder: Path, kind: str) -> None:
    (folder / f"a.ndjson.{kind}").write_bytes(
        b"".join(map(PACKERS[kind], lines(300).splitlines(keepends=True)))
    )
    assert told(folder) == {}
    assert kept(folder, f".{kind}") == 300


@pytest.mark.parametrize("kind", PACKERS)
def test_little_that_grows_large_is_left_where_it_goes_beyond(folder: Path, kind: str) -> None:
    (folder / f"a.{kind}").write_bytes(PACKERS[kind](lines(200) + lines(1) * 2000))
    with lowered("evidence.allowance.AT_LEAST", len(lines(200))), lowered("evidence.allowance.RATIO", 1):
        assert "would grow beyond the limit" in told(folder)[f"a.{kind}"]
    assert kept(folder, kind) >= 199


def test_an_archive_in_itself_over_and_over_is_left(folder: Path) -> None:
    data = trail(2)
    for _ in range(12):
        data = gzip.compress(data)
    (folder / "a.gz").write_bytes(data)
    assert "packed 8 times inside something else" in told(folder)["a.gz"]


def test_deflated_data_of_a_zip_archive_is_salvaged(folder: Path) -> None:
    data = bytearray(zipped(("a.ndjson", lines(3000))))
    middle = len(data) // 2
    data[middle : middle + 50] = b"\xff" * 50
    (folder / "a.zip").write_bytes(data)
    assert "what came before was read" in told(folder)["a.ndjson"]
    assert kept(folder, "a.ndjson") > 100
