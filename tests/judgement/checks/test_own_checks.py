"""An organisation's own checks: read from a folder, judged like the others, kept in the case, harmless."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.story import Story, owner_of

from tracer.case.opening import open_case
from tracer.cli.main import cli
from tracer.judgement.checks.catalogue import CheckError, read_own_checks
from tracer.judgement.judge import judge
from tracer.questions.findings import findings
from tracer.questions.why import why

HEADER = """-- id: weekend-grant
-- class: execution
-- control_point: provisioning
-- part: created
-- rank: 1.11
-- owner: system owner
-- question: Was it delivered on a weekend?
-- evidence: the time of the delivery
-- frameworks: 800-53:CM-3; house:7
"""
WEEKEND = (
    HEADER
    + """SELECT grant_id, CASE WHEN strftime('%w', granted_at) IN ('0', '6') THEN 'fail' ELSE 'pass' END AS verdict,
  'delivered at ' || granted_at AS because, granted_at AS failed_at, json_array(record_id) AS records FROM circumstances
"""
)


def folder_of(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "own.sql").write_text(text, encoding="utf-8")
    return folder


def case_of(tmp_path: Path) -> Path:
    story = Story().person("nora.weber").rule('identity.department == "Finance"')
    story.grant(
        "2026-02-07T09:00:00Z", "nora.weber", rule="R-ERP", rule_version=1, inputs={"department": "Finance"}
    )
    story.until("2026-03-01T08:00:00Z").judge(tmp_path)
    return tmp_path / "case.db"


def test_an_own_check_can_be_the_root_and_falls_to_the_owner_of_its_control(tmp_path: Path) -> None:
    connection = open_case(case_of(tmp_path))
    judge(connection, read_own_checks(folder_of(tmp_path, WEEKEND)))
    answer = why(connection, "nora.weber@corp.example", "gl-poster")[0]
    assert (answer["verdict"], answer["root"]["mode"]) == ("wrong-access", "weekend-grant")
    assert answer["root"]["owner"] == owner_of("provisioning")
    assert answer["root"]["because"] == "delivered at 2026-02-07T09:00:00.000Z"
    assert answer["root"]["evidence"]
    assert [one["mode"] for one in findings(connection)] == ["weekend-grant"]


def test_own_checks_stay_with_the_case_until_an_empty_folder_takes_them_away(tmp_path: Path) -> None:
    path = case_of(tmp_path)
    folder = folder_of(tmp_path, WEEKEND)
    run = CliRunner()
    assert run.invoke(cli, ["judge", str(path), "--checks", str(folder)]).exit_code == 0
    (folder / "own.sql").unlink()
    assert run.invoke(cli, ["judge", str(path)]).exit_code == 0
    said = run.invoke(cli, ["findings", str(path), "--json"])
    assert [one["mode"] for one in json.loads(said.stdout)] == ["weekend-grant"]
    assert run.invoke(cli, ["judge", str(path), "--checks", str(folder)]).exit_code == 0
    assert json.loads(run.invoke(cli, ["findings", str(path), "--json"]).stdout) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WEEKEND.replace("-- class: execution\n", ""), "own.sql: the header lacks class"),
        (WEEKEND.replace("class: execution", "class: delivery"), "'delivery' is none of"),
        (WEEKEND.replace("point: provisioning", "point: hallway"), "'hallway' is none of"),
        (WEEKEND.replace("-- rank", "-- rang"), "unknown key rang"),
        (WEEKEND.replace("id: weekend-grant", "id: no-decision"), "the id no-decision is taken"),
        ("SELECT 1", "the header lacks id"),
    ],
)
def test_a_header_that_does_not_say_what_it_must_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CheckError, match=said):
        read_own_checks(folder_of(tmp_path, text))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT colour FROM circumstances", "does not run: no such column"),
        ("DELETE FROM grants", "does not run"),
        ("SELECT 1); DELETE FROM grants; --", "does not run"),
        ("SELECT load_extension('x') AS grant_id", "does not run"),
        ("SELECT grant_id, 'fail' AS verdict FROM circumstances", "does not select because"),
        ("SELECT grant_id, 'bad' AS verdict, 'x' AS because FROM circumstances", "says 'bad' of grant"),
        ("SELECT 'g' AS grant_id, 'fail' AS verdict, 'x' AS because", "of grant 'g'"),
        (
            "SELECT grant_id, value AS verdict, 'x' AS because FROM circumstances, json_each('[\"pass\",\"fail\"]')",
            "several verdicts",
        ),
        (
            "SELECT grant_id, 'fail' AS verdict, 'x' AS because, '[' AS records FROM circumstances",
            "says 'fail' of grant",
        ),
    ],
)
def test_a_check_that_does_not_answer_as_one_leaves_the_case_as_it_was(
    sql: str, said: str, tmp_path: Path
) -> None:
    connection = open_case(case_of(tmp_path))
    before = list(connection.iterdump())
    with pytest.raises(CheckError, match=said):
        judge(connection, {"own.sql": HEADER + sql})
    assert list(connection.iterdump()) == before


def test_of_two_answers_of_an_own_check_for_one_grant_the_first_stands(tmp_path: Path) -> None:
    connection = open_case(case_of(tmp_path))
    answer = "SELECT grant_id, '{}' AS verdict, '{}' AS because, record_id, json_array(rule_record_id) AS records FROM circumstances"
    twice = f"{answer.format('fail', 'first')} UNION ALL {answer.format('fail', 'second')}"
    judge(connection, {"own.sql": HEADER + twice})
    rows = connection.execute(
        """SELECT k.because, count(r.record_id) FROM checks k JOIN check_records r ON r.check_id = k.id
           WHERE k.mode = 'weekend-grant' GROUP BY k.id"""
    )
    assert [tuple(row) for row in rows] == [("first", 2)]


def test_checks_lists_and_explains_own_ones_beside_the_built_in_ones(tmp_path: Path) -> None:
    folder = str(folder_of(tmp_path, WEEKEND))
    run = CliRunner()
    listed = run.invoke(cli, ["checks", "--checks", folder]).stdout.splitlines()
    names = [line.split()[0] for line in listed]
    assert (
        names.index("unauthorised-executor") < names.index("weekend-grant") < names.index("wrong-correlation")
    )
    said = run.invoke(cli, ["checks", "weekend-grant", "--checks", folder]).stdout
    assert "Was it delivered on a weekend?" in said
    assert "800-53:CM-3  Configuration Change Control (NIST SP 800-53 r5)" in said
    assert "house:7" in said
    assert run.invoke(cli, ["checks", "--checks", str(tmp_path / "none")]).exit_code == 1


def test_the_check_that_the_documentation_shows_runs(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "own-checks.md"
    shown = re.search(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    connection = open_case(case_of(tmp_path))
    judge(connection, read_own_checks(folder_of(tmp_path, shown[1].replace("'ledger'", "'erp'"))))
    [finding] = findings(connection)
    assert (finding["mode"], finding["verdict"]) == ("weekend-grant", "control-weakness")
    assert finding["because"] == "granted at 2026-02-07T09:00:00.000Z"


def test_an_id_that_no_check_has_names_the_nearest(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["checks", "self-aproval"])
    assert "did you mean 'self-approval'" in str(said.exception)
    assert CliRunner().invoke(cli, ["checks", "SELF-APPROVAL"]).exit_code == 0


def test_every_framework_of_the_table_has_a_title() -> None:
    from tracer.judgement.checks.modes import frameworks, modes

    assert {one for mode in modes().values() for one in mode.frameworks} <= set(frameworks())
