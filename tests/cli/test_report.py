"""`tracer report`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.show.fakes import HOSTILE_GRANT, case_file, fake_questions

from tracer.cli.report import command
from tracer.errors import UsageError


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
