"""`tracer why`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.show.fakes import case_file, fake_questions

from tracer.cli.why import command
from tracer.errors import CaseError, UsageError


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    fake_questions(monkeypatch)
    return str(case_file(tmp_path / "case.db"))


def test_root_and_owner_are_the_first_lines_of_one_grant(case: str) -> None:
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example", "gl-poster"])
    assert result.exit_code == 0
    assert result.stdout.startswith("Root     wrong-attribute")
    head = [line for line in result.stdout.splitlines() if line[:1].strip()][:2]
    assert head[1].startswith("Owner    hr-ops@corp.example")
    assert result.stderr == ""


def test_json_is_one_object_with_an_entitlement_and_a_list_without(case: str) -> None:
    one = CliRunner().invoke(command, [case, "nora.weber@corp.example", "gl-poster", "--json"])
    assert json.loads(one.stdout)["verdict"] == "wrong-access"
    every = CliRunner().invoke(command, [case, "nora.weber@corp.example", "--json"])
    assert json.loads(every.stdout)[0]["verdict"] == "wrong-access"
    assert every.stdout.isascii()


def test_an_ambiguous_name_is_bad_usage(case: str) -> None:
    result = CliRunner().invoke(command, [case, "nora"])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert result.stdout == ""


def test_a_missing_case_is_a_stated_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_questions(monkeypatch)
    result = CliRunner().invoke(command, [str(tmp_path / "none.db"), "x"])
    assert isinstance(result.exception, CaseError)


def test_a_time_that_is_none_is_bad_usage(case: str) -> None:
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example", "--at", "yesterday"])
    assert isinstance(result.exception, UsageError)
    assert "--at 'yesterday' is no time" in result.exception.diagnostics()


def test_help_has_an_example() -> None:
    assert "tracer why case.db" in CliRunner().invoke(command, ["--help"]).stdout


def test_verbose_shows_every_link(case: str) -> None:
    brief = CliRunner().invoke(command, [case, "nora.weber@corp.example", "gl-poster"]).stdout
    whole = CliRunner().invoke(command, [case, "nora.weber@corp.example", "gl-poster", "-v"]).stdout
    assert "-v shows every" in brief
    assert "-v shows every" not in whole
