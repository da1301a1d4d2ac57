"""A case file that an earlier version judged opens, and is judged anew where its derived tables had another shape."""

import sqlite3
from pathlib import Path

import pytest
import sqlite_utils
from benchmarks.killed import dump, older
from click.testing import CliRunner

from tracer.case.opening import is_stale, open_case
from tracer.case.schema import SCHEMA_VERSION, TABLES
from tracer.cli.main import cli
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge


def test_a_case_whose_checks_had_another_shape_is_judged_anew(case_path: Path) -> None:
    ingest(case_path, ["samples/evidence/provisioning"])
    connection = open_case(case_path)
    judge(connection)
    connection.executescript(
        """DROP TABLE checks; DROP TABLE check_records;
           CREATE TABLE checks (id TEXT PRIMARY KEY, grant_id TEXT, mode TEXT, verdict TEXT, because TEXT);
           CREATE TABLE check_records (check_id TEXT, record_id TEXT, PRIMARY KEY (check_id, record_id));
           DELETE FROM _sqlite_migrations WHERE name = '0003_narrower_checks';
           PRAGMA user_version = 3;"""
    )
    connection.close()
    connection = open_case(case_path)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert is_stale(connection)
    connection.close()
    assert CliRunner().invoke(cli, ["findings", str(case_path), "--all"]).exit_code == 0
    assert sqlite_utils.Database(case_path)["checks"].count > 0


@pytest.mark.parametrize("stored", sorted(Path("tests/case/older").iterdir()), ids=lambda path: path.name)
def test_a_case_that_an_earlier_version_made_is_judged_as_one_made_today(
    case_path: Path, stored: Path
) -> None:
    older(stored, case_path)
    before = sqlite3.connect(case_path).execute("SELECT id, raw FROM records ORDER BY id").fetchall()
    connection = open_case(case_path)
    judge(connection)
    connection.close()
    assert sqlite3.connect(case_path).execute("SELECT id, raw FROM records ORDER BY id").fetchall() == before
    ingest(today := case_path.with_name("today.db"), ["tests/cases/wrong-attribute/evidence"])
    connection = open_case(today)
    judge(connection)
    connection.close()
    one, other = dump(case_path), dump(today)
    assert [name for name in TABLES if one[name] != other[name]] == []


def test_a_migration_that_fails_leaves_the_case_as_it_was(
    case_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(Path("tests/case/older/schema-2.sql.gz"), case_path)
    before = case_path.read_bytes()
    monkeypatch.setattr("tracer.case.schema.grounds_of_approvals", lambda db: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_case(case_path)
    assert case_path.read_bytes() == before
