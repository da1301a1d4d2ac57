"""`tracer defects`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.show.fakes import case_file, fake_questions

from tracer.cli.defects import command


def test_a_table_or_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_questions(monkeypatch)
    case = str(case_file(tmp_path / "case.db"))
    assert "HR-01" in CliRunner().invoke(command, [case]).stdout
    [row] = json.loads(CliRunner().invoke(command, [case, "--json"]).stdout)
    assert row["count"] == 4
