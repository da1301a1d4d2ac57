"""`tracer report`."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.show.fakes import HOSTILE_GRANT, case_file, fake_questions
from tests.story import Story

from tracer.cli.report import command
from tracer.errors import UsageError
from tracer.questions.findings import findings


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    fake_questions(monkeypatch)
    return str(case_file(tmp_path / "case.db"))


@pytest.mark.parametrize(
    ("name", "start"), [("r.html", "<!DOCTYPE html>"), ("r.md", "# Governance"), ("r.json", "{")]
)
def test_the_ending_decides(case: str, tmp_path: Path, name: str, start: str) -> None:
    result = CliRunner().invoke(command, [case, "-o", str(tmp_path / name)])
    assert result.exit_code == 0, result.exception
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert result.stderr == f"Wrote {tmp_path / name}\n"


def test_a_spreadsheet_has_one_row_per_finding_and_no_formula(tmp_path: Path) -> None:
    story = Story().person("nora.weber").ticket_export("2026-01-01T08:00:00Z", "2026-04-30T08:00:00Z")
    story.grant("2026-02-02T10:00:00Z", "nora.weber").grant("2026-02-03T10:00:00Z", "nora.weber", "=cmd|x")
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    found = findings(judged.connection)
    judged.connection.close()
    written = tmp_path / "r.csv"
    result = CliRunner().invoke(command, [str(tmp_path / "case.db"), "-o", str(written)])
    assert result.exit_code == 0, result.exception
    rows = list(csv.DictReader(written.read_text(encoding="utf-8").splitlines()))
    assert [row["id"] for row in rows] == [one["id"] for one in found]
    assert {row["entitlement"] for row in rows} == {"gl-poster", "'=cmd|x"}
    assert rows[0]["wrong_since"] == found[0]["wrong_since"]
    one = CliRunner().invoke(
        command, [str(tmp_path / "case.db"), "--grant", found[0]["grant"], "--format", "csv"]
    )
    assert {row["grant"] for row in csv.DictReader(one.stdout.splitlines())} == {found[0]["grant"]}


def test_the_format_decides_over_the_ending(case: str) -> None:
    assert (
        CliRunner()
        .invoke(command, [case, "--format", "md"])
        .stdout.startswith("# Governance defects in case.db")
    )


def test_one_grant(case: str) -> None:
    result = CliRunner().invoke(command, [case, "--grant", HOSTILE_GRANT, "--format", "json"])
    assert [answer["grant"]["id"] for answer in json.loads(result.stdout)["grants"]] == [HOSTILE_GRANT]


@pytest.mark.parametrize(
    "arguments", [["-o", "a.docx"], ["--grant", "nothing"], ["--grant", "x", "--since", "2026-01-01"]]
)
def test_bad_usage_is_one_sentence(case: str, arguments: list[str]) -> None:
    assert isinstance(CliRunner().invoke(command, [case, *arguments]).exception, UsageError)
