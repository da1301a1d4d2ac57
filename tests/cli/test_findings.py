"""`tracer findings`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.show.fakes import case_file, fake_questions
from tests.story import Story

from tracer.case.opening import open_case
from tracer.cli.findings import command
from tracer.errors import UsageError
from tracer.questions.findings import findings


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


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["wrong-access"], 5),
        (["source-data"], 5),
        (["created"], 5),
        (["wrong-attribute"], 5),
        (["any"], 5),
        (["undetermined"], 5),
        (["sod-conflict"], 0),
        (["sod-conflict", "undetermined"], 5),
        ([], 0),
    ],
)
def test_fail_on_exits_with_5_where_such_a_row_is_found(case: str, words: list[str], code: int) -> None:
    options = [option for word in words for option in ("--fail-on", word)]
    result = CliRunner().invoke(command, [case, *options])
    assert result.exit_code == code
    assert "wrong-attribute" in result.stdout
    assert "undetermined" not in result.stdout


def test_a_word_that_can_never_match_is_bad_usage(case: str) -> None:
    result = CliRunner().invoke(command, [case, "--fail-on", "wrong-acess"])
    assert isinstance(result.exception, UsageError)
    assert "did you mean 'wrong-access'" in result.exception.diagnostics()


def test_every_line_has_every_key_whether_a_check_failed_or_not(tmp_path: Path) -> None:
    story = Story().person("nora.weber").grant("2026-02-02T10:00:00Z", "nora.weber", "gl-reader")
    story.ticket_export("2026-01-01T08:00:00Z", "2026-04-30T08:00:00Z")
    story.rule("true").grant(
        "2026-02-03T10:00:00Z", "nora.weber", rule="R-ERP", rule_version=1, inputs={"department": "Finance"}
    )
    connection = story.until("2026-04-30T08:00:00Z").judge(tmp_path).connection
    rows = findings(connection, everything=True)
    assert {bool(row["mode"]) for row in rows} == {True, False}
    assert len({tuple(sorted(row)) for row in rows}) == 1


def test_a_control_or_owner_that_is_not_in_the_case_is_no_empty_list(tmp_path: Path) -> None:
    story = Story().person("nora.weber").grant("2026-02-02T10:00:00Z", "nora.weber")
    story.until("2026-04-30T08:00:00Z").judge(tmp_path).connection.close()
    path = str(tmp_path / "case.db")
    for option in ("--control", "--owner"):
        said = CliRunner().invoke(command, [path, option, "nobody"])
        assert isinstance(said.exception, UsageError), option
    assert CliRunner().invoke(command, [path, "--owner", "NORA.weber@corp.example"]).exit_code == 0


def test_a_case_without_grants_says_so(tmp_path: Path) -> None:
    open_case(tmp_path / "case.db", create=True).close()
    said = CliRunner().invoke(command, [str(tmp_path / "case.db")])
    assert said.stdout == "No findings.\n"
    assert "hand in the logs" in said.stderr
