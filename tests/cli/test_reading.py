"""The reading commands on a real case: text and JSON, exit codes, help with an example."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.story import Story

from tracer.cli.blast import command as blast
from tracer.cli.mark import command as mark
from tracer.cli.who import command as who
from tracer.errors import CaseError, UsageError


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("reading")
    story = Story().role(approval="required").authority("rosa.lund").person("nora.weber").person("ola.berg")
    for number, name in enumerate(("nora.weber", "ola.berg")):
        day = f"2026-02-0{number + 2}"
        story.ticket(
            f"ACC-{number}", name, f"{day}T08:00:00Z", [("rosa.lund", f"{day}T09:00:00Z")], scope="A"
        )
        story.grant(f"{day}T10:00:00Z", name, ticket=f"ACC-{number}")
    judged = story.until("2026-04-30T08:00:00Z").judge(folder)
    judged.connection.close()
    return str(folder / "case.db")


def run(command: Any, *arguments: str) -> Any:
    result = CliRunner().invoke(command, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def root_of(case: str) -> str:
    from tracer.case.opening import open_case

    connection = open_case(case)
    row = connection.execute("SELECT root_finding_id FROM grants WHERE verdict = 'wrong-access' ORDER BY 1")
    return str(row.fetchone()[0])


@pytest.mark.parametrize("command", [who, blast, mark])
def test_help_has_an_example(command: Any) -> None:
    assert f"tracer {command.name} case.db" in run(command, "--help").stdout


def test_who_as_text_and_as_json(case: str) -> None:
    text = run(who, case, "gl-poster", "--at", "2026-03-01").stdout
    assert text.startswith("gl-poster in erp held by 2 identities at 2026-03-01 00:00Z in 2 paths")
    assert "ticket ACC-0" in text
    assert len(json.loads(run(who, case, "gl-poster", "--json").stdout)) == 2
    assert run(who, case, "gl-poster", "--at", "2020-01-01").stdout.startswith(
        "Nobody held gl-poster at 2020-01-01"
    )


def test_blast_as_text_and_as_json(case: str) -> None:
    finding = root_of(case)
    text = run(blast, case, finding[:8]).stdout
    assert text.startswith("Cause    scope-exceeds-approval at PRV-01:")
    said = " ".join(text.split())
    assert "1 more grant of 1 identity failed in the same way since 2026-02-02 10:00Z." in said
    assert json.loads(run(blast, case, finding, "--json").stdout)["finding"]["id"] == finding


def test_an_unknown_finding_is_a_stated_problem(case: str) -> None:
    for command in (blast, mark):
        options = ["--as", "confirmed", "--because", "x"] if command is mark else []
        with pytest.raises(CaseError, match="no finding has the id 'nothing'"):
            run(command, case, "nothing", *options)


def test_mark_needs_a_word_it_knows_and_a_reason(case: str) -> None:
    assert run(mark, case, "x", "--as", "maybe", "--because", "x").exit_code == 2
    assert run(mark, case, "x", "--as", "accepted").exit_code == 2
    with pytest.raises(UsageError, match="needs its reason"):
        run(mark, case, root_of(case), "--as", "accepted", "--because", " ")


def test_the_program_itself_exits_as_the_contract_says(case: str) -> None:
    def code(*arguments: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", "from tracer.cli.main import main; main()", *arguments],
            capture_output=True,
            check=False,
            cwd=Path(case).parent,
        )
        assert b"Traceback" not in done.stderr
        return done.returncode

    assert code("who", case, "gl-poster") == 0
    assert code("who", case, "nothing") == 1
    assert code("who", case, "r") == 2
    assert code("blast", case, "nothing") == 1
