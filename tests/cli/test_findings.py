"""`tracer findings`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.show.fakes import case_file, fake_questions

from tracer.cli.findings import command


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    fake_questions(monkeypatch)
    return str(case_file(tmp_path / "case.db"))


def test_a_table_on_stdout(case: str) -> None:
    result = CliRunner().invoke(command, [case])
    assert result.exit_code == 0
    assert "wrong-attribute" in result.stdout
    assert "undetermined" not in result.stdout


def test_all_adds_grants_without_a_finding(case: str) -> None:
    result = CliRunner().invoke(command, [case, "--all"])
    assert "undetermined" in result.stdout
    assert "conforming" in result.stdout


def test_json_is_a_list(case: str) -> None:
    rows = json.loads(CliRunner().invoke(command, [case, "--json"]).stdout)
    assert {"id", "grant", "is_root", "verdict", "mode", "owner"} <= set(rows[0])


def test_an_unknown_class_is_bad_usage(case: str) -> None:
    assert CliRunner().invoke(command, [case, "--class", "luck"]).exit_code == 2
