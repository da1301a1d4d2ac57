"""What may lie where a case file should: each is opened, made, or told in one sentence what is the matter."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from tracer.case.opening import APPLICATION_ID, open_case
from tracer.case.schema import SCHEMA_VERSION, TABLES
from tracer.errors import CaseError


def made(path: Path) -> Path:
    """An empty case."""
    open_case(path, create=True).close()
    return path


def changed(path: Path, sql: str) -> Path:
    """A case in whose file somebody else ran SQL."""
    connection = sqlite3.connect(made(path))
    connection.executescript(sql)
    connection.close()
    return path


def said(path: Path, *, create: bool = False) -> str:
    """The one sentence with which it is refused."""
    with pytest.raises(CaseError) as caught:
        open_case(path, create=create)
    text = caught.value.diagnostics()
    assert "\n" not in text
    assert str(path) in text
    return text


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_a_case_is_its_owners_alone_whatever_the_mask(case_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        connection = open_case(case_path, create=True)
        connection.execute("INSERT INTO meta VALUES ('a', 'b')")
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in case_path.parent.iterdir()}
        connection.close()
    finally:
        os.umask(before)
    assert files == {"case.db": 0o600, "case.db-journal": 0o600}


def test_nothing_stays_beside_a_case(case_path: Path) -> None:
    made(case_path)
    assert [path.name for path in case_path.parent.iterdir()] == ["case.db"]


def test_a_case_that_was_begun_is_told_from_a_broken_one_and_is_made_anew(case_path: Path) -> None:
    case_path.touch(0o644)
    assert "begun" in said(case_path)
    open_case(case_path, create=True).close()
    assert stat.S_IMODE(case_path.stat().st_mode) == 0o600
    open_case(case_path).close()


def test_a_case_whose_tables_were_cut_off_by_an_earlier_tracer_is_made_anew(case_path: Path) -> None:
    changed(case_path, "DELETE FROM _sqlite_migrations WHERE name > '0002'; PRAGMA user_version = 0;")
    assert "begun" in said(case_path)
    open_case(case_path, create=True).close()
    connection = open_case(case_path)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    connection.close()


def test_a_case_appears_whole(case_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracer.case.schema.first_version", lambda db: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_case(case_path, create=True)
    assert case_path.stat().st_size == 0


def test_no_case(tmp_path: Path) -> None:
    case = tmp_path / "case.db"
    assert "no such case file" in said(case)
    assert "a folder" in said(tmp_path)
    os.mkfifo(case)
    assert "a pipe" in said(case, create=True)
    assert "a device" in said(Path("/dev/null"), create=True)
    assert "cannot be opened" in said(tmp_path / "no" / "case.db", create=True)
    assert "cannot be opened" in said(tmp_path / ("long" * 100), create=True)
    text = tmp_path / "notes.txt"
    text.write_text("no database" * 100)
    assert "no case file" in said(text, create=True)
    other = tmp_path / "other.db"
    sqlite3.connect(other).executescript("CREATE TABLE mine (a)")
    assert "this database is no case file" in said(other, create=True)
    assert sqlite3.connect(other).execute("PRAGMA application_id").fetchone() == (0,)


def test_evidence_is_not_written_through_a_link(tmp_path: Path) -> None:
    case, link, lost = made(tmp_path / "case.db"), tmp_path / "link.db", tmp_path / "lost.db"
    link.symlink_to(case)
    lost.symlink_to(tmp_path / "elsewhere")
    assert "this is a link" in said(link, create=True)
    assert "this is a link" in said(lost, create=True)
    assert not (tmp_path / "elsewhere").exists()
    open_case(link).close()


@pytest.mark.parametrize("name", ["a?b#c%41.db", ":memory:", "file:x.db", "ü\N{RIGHT-TO-LEFT OVERRIDE}.db"])
def test_a_name_means_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    made(Path(name))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert Path(name).stat().st_size > 0


@pytest.mark.parametrize("left", [10, 100, 1000, 5000, 40960])
def test_a_file_that_was_cut_is_broken(case_path: Path, left: int) -> None:
    made(case_path)
    os.truncate(case_path, left)
    assert "case file" in said(case_path)


def test_a_garbled_file_is_broken(case_path: Path) -> None:
    made(case_path)
    content = bytearray(case_path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    case_path.write_bytes(content)
    assert "broken" in said(case_path, create=True)


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE checks; CREATE VIEW checks AS SELECT 1 AS id",
        "DROP TABLE checks; CREATE VIRTUAL TABLE checks USING fts5(id)",
        "CREATE TRIGGER t AFTER INSERT ON evidence BEGIN DELETE FROM records; END",
        "DROP TABLE checks",
        "DELETE FROM _sqlite_migrations; PRAGMA user_version = 3",
        "ALTER TABLE events ADD COLUMN more",
        "DROP TABLE spans; CREATE TABLE spans (evidence_id, system, first_at, last_at, records, uses AS (1))",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE ' WHERE name = 'meta'",
    ],
)
def test_a_file_that_is_built_otherwise_is_refused(case_path: Path, sql: str) -> None:
    changed(case_path, sql)
    said(case_path)
    said(case_path, create=True)


def test_what_somebody_added_beside_our_tables_does_no_harm(case_path: Path) -> None:
    changed(
        case_path,
        "CREATE TABLE notes (a); CREATE VIEW mine AS SELECT * FROM grants; CREATE INDEX i ON acts (at)",
    )
    open_case(case_path, create=True).close()


def test_a_newer_and_a_first_layout_are_told(case_path: Path) -> None:
    assert "newer tracer" in said(changed(case_path, "PRAGMA user_version = 1000"))
    connection = sqlite3.connect(case_path)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert "before the first release" in said(case_path)


def test_every_table_is_looked_at(case_path: Path) -> None:
    connection = open_case(made(case_path))
    assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    connection.close()
    for name in TABLES:
        path = case_path.with_name(f"{name}.db")
        path.write_bytes(case_path.read_bytes())
        other = sqlite3.connect(path)
        other.execute(f"ALTER TABLE {name} ADD COLUMN more")
        other.close()
        assert name in said(path)
