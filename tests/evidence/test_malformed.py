"""Broken and hostile files: one clear sentence each, nothing else lost, and the books balance."""

import bz2
import gzip
import io
import json
import lzma
import os
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from tracer.case.opening import open_case
from tracer.cli.main import cli
from tracer.errors import CaseError
from tracer.evidence.ingest import IngestSummary, ingest


def event(number: int, **more: object) -> dict[str, object]:
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/ada",
            "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLE",
        },
        "eventTime": f"2026-03-0{1 + number % 9}T10:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "AttachUserPolicy",
        "requestParameters": {
            "userName": f"u{number}",
            "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        },
        "recipientAccountId": "111122223333",
        "eventID": f"00000000-0000-0000-0000-{number:012d}",
    } | more


def trail(count: int = 5) -> bytes:
    return json.dumps({"Records": [event(number) for number in range(count)]}).encode()


def read(folder: Path, name: str, data: bytes) -> tuple[IngestSummary, sqlite3.Connection]:
    path = folder / name
    path.write_bytes(data)
    summary = ingest(folder / "case.db", [str(path)])
    connection = open_case(folder / "case.db")
    wrong = connection.execute(
        "SELECT path FROM evidence WHERE records <> kept + counted + skipped + rejected"
    ).fetchall()
    assert wrong == []
    return summary, connection


def reasons(connection: sqlite3.Connection) -> list[str]:
    return [row["reason"] for row in connection.execute("SELECT reason FROM rejects ORDER BY ordinal")]


def test_a_truncated_gzip_gives_what_came_before_and_one_reject(tmp_path: Path) -> None:
    data = gzip.compress(trail(400), compresslevel=1)
    summary, connection = read(tmp_path, "t.json.gz", data[: len(data) // 2])
    assert 50 < summary.files[0].kept < 400
    assert any("gzip data ends before its end" in reason for reason in reasons(connection))


def test_a_gzip_with_a_wrong_checksum_keeps_all_records_and_says_so(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(trail(5)))
    data[-8] ^= 0xFF
    summary, connection = read(tmp_path, "t.json.gz", bytes(data))
    assert summary.files[0].kept == 5
    assert any("broken" in reason for reason in reasons(connection))


def test_a_broken_record_costs_only_itself(tmp_path: Path) -> None:
    parts = [json.dumps(event(number)) for number in range(4)]
    parts[1] = parts[1].replace('"eventName": ', '"eventName" ', 1)
    data = ('{"Records": [' + ", ".join(parts) + "]}").encode()
    summary, connection = read(tmp_path, "t.json", data)
    assert (summary.files[0].kept, summary.files[0].rejected) == (3, 1)
    row = connection.execute("SELECT ordinal, offset, raw FROM rejects").fetchone()
    assert row["ordinal"] == 1
    assert data[row["offset"] :].startswith(row["raw"].encode())


def test_a_file_that_ends_inside_a_record_keeps_those_before(tmp_path: Path) -> None:
    data = trail(3)
    summary, connection = read(tmp_path, "t.json", data[:-200])
    assert summary.files[0].kept == 2
    assert "the file ends inside it" in reasons(connection)[0]


def test_an_access_change_without_a_time_is_rejected(tmp_path: Path) -> None:
    data = json.dumps({"Records": [event(0), event(1, eventTime=None)]}).encode()
    _, connection = read(tmp_path, "t.json", data)
    assert reasons(connection) == ["no time"]


def test_a_deciding_key_that_stands_twice_is_rejected(tmp_path: Path) -> None:
    text = json.dumps(event(0))
    data = (json.dumps(event(1)) + "\n" + text[:-1] + ', "eventName": "DetachUserPolicy"}\n').encode()
    _, connection = read(tmp_path, "t.ndjson", data)
    assert "stands twice" in reasons(connection)[0]


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        ("empty.json", b"", "the file is empty"),
        ("blank.json", b" \n\n", "the file is empty"),
        ("binary.bin", bytes(range(256)) * 20, "binary data"),
        ("notes.txt", b"dear all,\nplease find attached\n", "no source recognises this text"),
        ("other.json", b'{"a": 1}', "no source recognises these records"),
    ],
)
def test_what_is_no_evidence_is_listed_with_no_records(
    tmp_path: Path, name: str, data: bytes, note: str
) -> None:
    summary, connection = read(tmp_path, name, data)
    assert summary.files[0].source is None
    assert note in (summary.files[0].note or "")
    assert connection.execute("SELECT records FROM evidence").fetchone()["records"] == 0
    assert reasons(connection) == []


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        bz2.compress,
        lzma.compress,
        lambda data: gzip.compress(data[:300]) + gzip.compress(data[300:]),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\n\r\n" + data + b"\n\n",
    ],
)
def test_the_same_records_come_out_of_every_packing(tmp_path: Path, pack: object) -> None:
    summary, _ = read(tmp_path, "t", pack(trail(6)))  # type: ignore[operator]
    assert (summary.files[0].source, summary.files[0].kept, summary.files[0].rejected) == (
        "aws-cloudtrail",
        6,
        0,
    )


def test_members_of_archives_are_evidence_of_their_own(tmp_path: Path) -> None:
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("a/one.json", trail(2))
        archive.writestr("two.json.gz", gzip.compress(trail(3)))
    outside = io.BytesIO()
    with tarfile.open(fileobj=outside, mode="w:gz") as tar:
        member = tarfile.TarInfo("in.zip")
        member.size = len(inside.getvalue())
        tar.addfile(member, io.BytesIO(inside.getvalue()))
    summary, _ = read(tmp_path, "all.tar.gz", outside.getvalue())
    assert sorted(one.kept for one in summary.files) == [2, 3]
    assert all("all.tar.gz!in.zip!" in one.path for one in summary.files)


@pytest.mark.parametrize(
    "value",
    [
        "\u0000",
        "\ud800",
        "\x1b[2J",
        "'; DROP TABLE grants; --",
        "=cmd()",
        "{eventID}",
        "a" * 100_000,
        "\u202eexe",
    ],
)
def test_hostile_text_is_kept_as_it_stood(tmp_path: Path, value: str) -> None:
    data = json.dumps({"Records": [event(0, errorMessage=value, userAgent=value), event(1)]}).encode()
    summary, _ = read(tmp_path, "t.json", data)
    assert summary.files[0].kept == 2


def test_deep_nesting_and_odd_numbers_do_not_stop_the_rest(tmp_path: Path) -> None:
    lines = [
        json.dumps(event(0)),
        '{"eventSource": ' + "[" * 5000 + "]" * 5000 + "}",
        json.dumps(event(1))[:-1] + ', "x": 1e400, "y": 123456789012345678901234567890}',
    ]
    summary, _ = read(tmp_path, "t.ndjson", "\r\n".join(lines).encode())
    assert summary.files[0].kept == 2


def test_the_same_file_twice_adds_nothing(tmp_path: Path) -> None:
    _, connection = read(tmp_path, "t.json", trail())
    before = list(connection.iterdump())
    connection.close()
    assert ingest(tmp_path / "case.db", [str(tmp_path / "t.json")]).files[0].known
    assert list(open_case(tmp_path / "case.db").iterdump()) == before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "r.yaml",
            "controls:\n  - id: A\n    point: review\n    ovners: []\n",
            "r.yaml:4: unknown key 'ovners'; did you mean 'owners'?",
        ),
        ("r.yaml", "controls:\n  - {id: A, point: revue}\n", "did you mean 'review'?"),
        ("r.yaml", "policy: {revocation_sla: soon}\n", "no ISO 8601 duration"),
        ("r.yaml", "policy: {revocation_sla: PT1H}\npolicy: {}\n", "stands twice"),
        ("r.yaml", "controls: [\n", "this register is no YAML"),
        ("r.csv", "reviewed_at,reviewer,system,account,decision\n", "the column 'entitlement' is missing"),
        ("r.csv", "reviewed_at,reviewer,system,acount,entitlement,decision\n", "did you mean 'account'?"),
        ("r.csv", "Worker_ID,Email,Attribute,Value,Effective_At,Recorded_At\n", "did you mean 'worker_id'?"),
    ],
)
def test_our_own_inputs_are_read_strictly(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "good.json").write_bytes(trail(2))
    result = CliRunner().invoke(cli, ["ingest", str(tmp_path / "case.db"), str(tmp_path)])
    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert said in errors[0]
    assert "good.json: aws-cloudtrail, 2 records" in result.stdout


def test_registers_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("controls:\n  - {id: A, point: review}\n")
    (tmp_path / "b.yaml").write_text("controls:\n  - {id: A, point: request}\n")
    summary = ingest(tmp_path / "case.db", [str(tmp_path)])
    assert len(summary.problems) == 1
    assert "a.yaml" in str(summary.problems[0])
    assert "b.yaml:2" in str(summary.problems[0])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0)
    summary = ingest(tmp_path / "case.db", [str(folder)])
    folder.chmod(0o700)
    assert "cannot be read" in str(summary.problems[0])


def test_a_folder_that_the_system_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refused(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", refused)
    summary = ingest(tmp_path / "case.db", [str(tmp_path / "closed")])
    assert "closed: this folder cannot be read (Permission denied)" in str(summary.problems[0])


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["ingest", str(tmp_path / "case.db"), str(tmp_path / "nothing-*.json")])
    assert result.exit_code == 1
    assert "no such file or folder" in result.stderr
    assert not (tmp_path / "case.db").exists(), "an empty case would pass for one in which nothing is wrong"


def test_strict_says_that_something_was_rejected_or_not_recognised(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    result = CliRunner().invoke(
        cli, ["ingest", str(tmp_path / "case.db"), str(tmp_path / "x.txt"), "--strict"]
    )
    assert result.exit_code == 3


def test_a_case_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.db"
    connection = open_case(path, create=True)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(CaseError, match="written by a newer tracer"):
        open_case(path)


def test_a_file_that_is_no_case_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.db"
    path.write_bytes(b"hello, this is no database at all" * 100)
    with pytest.raises(CaseError, match="no case file"):
        open_case(path)


def test_a_case_from_before_the_first_release_is_a_stated_problem(case_path: Path) -> None:
    open_case(case_path, create=True).close()
    connection = sqlite3.connect(case_path)
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    with pytest.raises(CaseError, match="before the first release"):
        open_case(case_path)
