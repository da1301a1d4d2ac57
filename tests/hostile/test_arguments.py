"""Arguments with characters that no name has are refused in one sentence."""

import pytest
from click.testing import CliRunner

from tracer.cli.main import cli


@pytest.mark.parametrize(
    "arguments",
    [
        ["why", "case.db", "a\0b"],
        ["why", "case.db", "a", "--at", "2026-03-02\0"],
        ["replay", "case.db", "--rule", "rule\0.yaml"],
        ["replay", "case.db", "a", "--set", "department=\0"],
        ["ingest", "case\0.db", "exports"],
        ["report", "case.db", "-o", "\0.html"],
    ],
    ids=" ".join,
)
def test_a_nul_in_an_argument(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2 and "NUL" in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999-12:00", "NaN", "1e400", "99999-01-01"]
)
def test_a_time_outside_of_all_years(at: str) -> None:
    result = CliRunner().invoke(cli, ["why", "case.db", "nora", "--at", at])
    assert "is no time" in f"{result.output} {result.exception}"
