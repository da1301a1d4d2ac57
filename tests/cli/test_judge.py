"""`tracer judge`: what it prints, as text and as JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.story import Story

from tracer.cli.main import cli
from tracer.judgement.judge import STAGES


@pytest.fixture
def case(tmp_path: Path) -> str:
    Story().person("nora.weber").grant("2026-02-02T10:00:00Z", "nora.weber").judge(
        tmp_path
    ).connection.close()
    return str(tmp_path / "case.db")


def test_timings_name_every_stage_and_their_sum(case: str) -> None:
    done = CliRunner().invoke(cli, ["judge", case, "--timings"])
    assert done.exit_code == 0
    named = [line.split()[0] for line in done.stdout.splitlines()[1:] if line.strip()]
    assert named == [*(stage.name for stage in STAGES), "all"]
    assert "Judged: 1 " in done.stderr


def test_json_has_verdicts_and_the_timings_that_were_asked_for(case: str) -> None:
    done = CliRunner().invoke(cli, ["judge", case, "--json"])
    assert sum(json.loads(done.stdout)["verdicts"].values()) == 1
    assert json.loads(done.stdout)["stages"] == []
    timed = json.loads(CliRunner().invoke(cli, ["judge", case, "--json", "--timings"]).stdout)["stages"]
    assert [one["stage"] for one in timed] == [stage.name for stage in STAGES]
    assert all(one["seconds"] >= 0 and one["cpu_seconds"] >= 0 and one["peak_memory"] > 1e6 for one in timed)
