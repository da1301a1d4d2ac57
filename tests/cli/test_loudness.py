"""`-q` and `-v`, which every command has."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.story import Story

from tracer.case.opening import open_case
from tracer.cli.main import COMMANDS, cli


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_may_be_quiet_or_verbose(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    options = [option for parameter in command.params for option in parameter.opts]
    for option in ("-q", "--quiet", "-v", "--verbose"):
        assert options.count(option) == 1, option


def test_judging_before_an_answer_is_told_only_to_who_wants_to_know(tmp_path: Path) -> None:
    Story().person("nora.weber").grant("2026-02-02T10:00:00Z", "nora.weber").judge(tmp_path)
    path = str(tmp_path / "case.db")

    def said(*options: str) -> str:
        connection = open_case(path)
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'stale'")
        connection.commit()
        connection.close()
        done = CliRunner().invoke(cli, ["controls", path, *options])
        assert done.exit_code == 0
        return done.stderr

    assert "Judging" in said("-v")
    assert said() == said("-q") == ""
