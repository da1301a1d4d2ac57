"""`tracer demo`."""

from pathlib import Path

from click.testing import CliRunner

from tracer.cli.demo import command
from tracer.errors import CaseError


def test_a_folder_that_cannot_be_made_is_a_stated_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = CliRunner().invoke(command, [str(tmp_path / "file" / "demo")])
    assert isinstance(said.exception, CaseError)
    assert "this folder cannot be made" in str(said.exception)
