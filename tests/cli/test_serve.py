"""`tracer serve`."""

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.show.fakes import case_file, fake_questions

from tracer.cli.serve import command
from tracer.errors import TracerError


def test_it_listens_on_this_machine_only_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_questions(monkeypatch)
    called: list[tuple[Any, ...]] = []
    monkeypatch.setattr("tracer.web.server.serve", lambda *arguments, **_: called.append(arguments))
    case = str(case_file(tmp_path / "case.db"))
    result = CliRunner().invoke(command, [case, "--port", "8123"])
    assert called == [(case, "127.0.0.1", 8123)]
    assert "http://127.0.0.1:8123/" in result.stderr


def test_a_port_that_is_taken_is_a_stated_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_questions(monkeypatch)
    case = str(case_file(tmp_path / "case.db"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, [case, "--port", str(port)])
    assert isinstance(result.exception, TracerError)
    assert "choose another --port or --host" in result.exception.diagnostics()
