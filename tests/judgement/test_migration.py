"""A case file that an earlier version judged opens, and is judged anew where its derived tables had another shape."""

from pathlib import Path

import sqlite_utils
from click.testing import CliRunner

from tracer.case.opening import is_stale, open_case
from tracer.case.schema import SCHEMA_VERSION
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
