"""Replays: corrected facts, another rule, another approval; what cannot be reproduced proves nothing."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.story import HIRED, Story

RULE = 'identity.department == "Finance" && identity.employment_type == "FTE"'
INPUTS = {"department": "Finance", "employment_type": "FTE"}
TIGHTER = (
    'identity.department == "Finance" && identity.employment_type == "FTE" && identity.status == "active"'
)
WIDER = 'identity.department in ["Finance", "Sales"]'
AT = "2026-02-02T08:00:00Z"


def story() -> Story:
    """One grant of a rule, one denial of it, and three people whom no log names."""
    told = Story().rule(RULE).person("nora.weber").person("emil.brandt", department="Sales")
    told.person("ida.holm", department="Sales").person("jon.dahl").person("kai.lunde")
    told.fact("kai.lunde", "status", "terminated", "2026-03-01T00:00:00Z")
    told.grant(AT, "nora.weber", rule="R-ERP", rule_version=1, inputs=INPUTS)
    told.act(
        AT, "deny", "emil.brandt@corp.example", executor="erp-engine", rule="R-ERP", rule_version=1,
        inputs=INPUTS | {"department": "Sales"},
    )  # fmt: skip
    return told.until("2026-04-30T08:00:00Z")


def case(told: Story, folder: Path) -> str:
    told.judge(folder).connection.close()
    return str(folder / "case.db")


def run(*arguments: str) -> Result:
    from tracer.cli.replay import command

    return CliRunner().invoke(command, list(arguments))


def replay(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    found: dict[str, Any] = json.loads(done.output)
    return found


def changes(answer: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    names = ("lose", "gain", "keep", "neither", "not_reproducible", "indeterminate")
    return {
        name: {(row["identity"].partition("@")[0], row["kind"]) for row in answer[name]}
        for name in names
        if answer[name]
    }


def rule_file(folder: Path, text: str, name: str = "R-ERP.cel") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_a_corrected_fact_takes_the_grant_away(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    answer = replay(path, "nora.weber@corp.example", "--set", "employment_type=Contractor")
    assert changes(answer) == {"lose": {("nora.weber", "grant")}}
    row = answer["lose"][0]
    assert (row["reproduced"], row["before"], row["after"]) == (True, True, False)
    assert row["because"] == "false on department = Finance, employment_type = Contractor"
    assert row["evidence"]


def test_nothing_changed_says_whether_it_comes_out_as_recorded(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    assert changes(replay(path, "nora.weber")) == {"keep": {("nora.weber", "grant")}}
    told = story()
    told.log[0].pop("inputs")
    answer = replay(case(told, tmp_path / "without"), "nora.weber")
    assert changes(answer) == {"not_reproducible": {("nora.weber", "grant")}}
    assert answer["not_reproducible"][0]["need"] == "the inputs that rule R-ERP version 1 read"


def test_a_fact_that_the_rule_does_not_read_changes_nothing_and_is_named(tmp_path: Path) -> None:
    answer = replay(case(story(), tmp_path), "nora.weber", "--set", "shoe_size=44")
    assert answer["keep"][0]["unread"] == ["shoe_size"]


def test_a_fact_may_be_written_as_the_vendor_does(tmp_path: Path) -> None:
    answer = replay(case(story(), tmp_path), "nora.weber", "--set", "employmentType=Contractor")
    assert answer["counts"]["lose"] == 1


def test_a_wider_rule_is_tried_on_everybody(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    answer = replay(path, "--rule", rule_file(tmp_path, WIDER))
    assert changes(answer) == {
        "gain": {("emil.brandt", "denied"), ("ida.holm", "joiner")},
        "keep": {("nora.weber", "grant"), ("jon.dahl", "joiner"), ("kai.lunde", "joiner")},
    }
    assert answer["gain"][0]["entitlements"] == ["erp/gl-poster"]


def test_a_tighter_rule_takes_from_leavers(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    answer = replay(path, "--rule", rule_file(tmp_path, TIGHTER))
    assert changes(answer)["lose"] == {("kai.lunde", "leaver")}
    row = answer["lose"][0]
    assert (row["at"], row["until"]) == ("2026-03-01T00:00:00.000Z", None)
    assert ("nora.weber", "grant") in changes(answer)["keep"]


def test_a_recorded_decision_reads_what_was_not_logged_from_source_data_as_known_then(tmp_path: Path) -> None:
    told = story()
    told.fact("nora.weber", "status", "terminated", HIRED, "2026-03-01T00:00:00Z")
    told.facts = [one for one in told.facts if one["email"] != "emil.brandt@corp.example"]
    answer = replay(case(told, tmp_path), "nora.weber", "--rule", rule_file(tmp_path, TIGHTER))
    assert changes(answer) == {"keep": {("nora.weber", "grant")}}
    asked = rule_file(tmp_path, RULE + ' && identity.cost_center == "7"')
    answer = replay(str(tmp_path / "case.db"), "nora.weber", "--rule", asked)
    assert changes(answer) == {"indeterminate": {("nora.weber", "grant")}}
    assert "cost_center" in answer["indeterminate"][0]["need"]


def test_a_register_is_a_rule_file_too_in_any_language(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    register = """
rules:
  - {id: R-ERP, version: 2, from: 2026-05-01, language: entra, expression: 'user.department -in ["finance", "sales"]',
     grants: [{system: erp, entitlement: gl-poster}]}
"""
    answer = replay(path, "--rule", rule_file(tmp_path, register, "new.yaml"))
    assert answer["asked"]["version"] == "2"
    assert changes(answer)["gain"] == {("emil.brandt", "denied"), ("ida.holm", "joiner")}
    plain = rule_file(tmp_path, 'user.department -in ["finance", "sales"]', "R-ERP.txt")
    assert replay(path, "--rule", plain, "--language", "entra")["counts"] == answer["counts"]


def test_equal_inputs_with_opposite_outcomes_are_not_reproducible(tmp_path: Path) -> None:
    told = story()
    told.log[1]["inputs"] = INPUTS
    answer = replay(case(told, tmp_path), "--rule", rule_file(tmp_path, WIDER))
    assert changes(answer)["not_reproducible"] == {("nora.weber", "grant"), ("emil.brandt", "denied")}
    assert "never logged" in answer["not_reproducible"][0]["because"]


def test_a_rule_that_cannot_be_evaluated_is_indeterminate_and_says_why(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    answer = replay(path, "--rule", rule_file(tmp_path, "allow = true"), "--language", "rego")
    assert answer["counts"]["indeterminate"] == 2
    assert "rego" in answer["indeterminate"][0]["because"]
    answer = replay(path, "--rule", rule_file(tmp_path, "identity.department.matches('(')"))
    assert answer["counts"]["lose"] == answer["counts"]["gain"] == 0


def by_ticket(**authority: str) -> Story:
    told = (
        Story().role(eligible='identity.employment_type == "FTE"').person("nora.weber").person("grace.lindt")
    )
    told.person("otto.kern").authority("grace.lindt", **authority)
    told.ticket("ACC-1", "nora.weber", "2026-02-01T08:00:00Z", [("grace.lindt", "2026-02-01T09:00:00Z")])
    return told.grant(AT, "nora.weber", ticket="ACC-1").until("2026-04-30T08:00:00Z")


@pytest.mark.parametrize(
    ("approval", "change", "words"),
    [
        ("denied", "lose", "denied"),
        ("none", "lose", "left open"),
        ("nora.weber@corp.example", "lose", "their own access"),
        ("otto.kern@corp.example", "lose", "no authority"),
        ("grace.lindt@corp.example", "keep", "true on employment_type = FTE"),
    ],
)
def test_another_approval(approval: str, change: str, words: str, tmp_path: Path) -> None:
    answer = replay(case(by_ticket(), tmp_path), "ACC-1", "--approval", approval)
    assert answer["counts"][change] == 1
    assert words in answer[change][0]["because"]


def test_who_would_have_approved_is_found_for_each_of_several_grants(tmp_path: Path) -> None:
    told = by_ticket().role(entitlement="gl-reader")
    told.ticket(
        "ACC-2", "nora.weber", "2026-02-01T08:00:00Z", [("grace.lindt", "2026-02-01T09:00:00Z")],
        entitlement="gl-reader",
    )  # fmt: skip
    told.grant(AT, "nora.weber", ticket="ACC-2", entitlement="gl-reader")
    answer = replay(case(told, tmp_path), "nora.weber", "--approval", "nora.weber@corp.example")
    assert answer["counts"]["lose"] == 2


def test_a_corrected_fact_of_a_ticket_goes_through_eligibility(tmp_path: Path) -> None:
    path = case(by_ticket(), tmp_path)
    assert replay(path, "nora.weber", "--set", "employment_type=Contractor")["counts"]["lose"] == 1
    told = Story().person("nora.weber").grant(AT, "nora.weber").until("2026-04-30T08:00:00Z")
    answer = replay(case(told, tmp_path / "none"), "nora.weber", "--set", "employment_type=Contractor")
    assert answer["counts"]["indeterminate"] == 1


def test_exit_codes_and_usage(tmp_path: Path) -> None:
    path, wider = case(story(), tmp_path), rule_file(tmp_path, WIDER)
    assert run(path, "--rule", wider).exit_code == 0
    assert run(path, "--rule", wider, "--fail-on", "lose").exit_code == 0
    assert run(path, "--rule", wider, "--fail-on", "gain").exit_code == 5
    assert run(path, "--rule", wider, "--fail-on", "any").exit_code == 5
    assert run(path, "--rule", rule_file(tmp_path, RULE), "--fail-on", "any").exit_code == 0
    for wrong in (["--set", "a=b"], ["nora.weber", "--set", "a"], []):
        assert type(run(path, *wrong).exception).__name__ == "UsageError"
    shown = run(path, "--rule", rule_file(tmp_path, WIDER)).output
    assert "2 would gain it" in shown
    assert "ida.holm@corp.example" in shown


def test_a_replay_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    began = time.monotonic()
    done = run(path, "--rule", rule_file(tmp_path, WIDER), "--time-limit", "0.1")
    assert "longer than 0.1 s" in str(done.exception)
    assert time.monotonic() - began < 5


def test_nothing_is_replaced_before_the_rule_was_in_force(tmp_path: Path) -> None:
    began: dict[str, Any] = {"from": "2026-01-01T00:00:00Z"}
    told = Story().rule(RULE, **began).person("nora.weber")
    told.grant(AT, "nora.weber", rule="R-ERP", rule_version=1, inputs=INPUTS).until("2026-04-30T08:00:00Z")
    answer = replay(case(told, tmp_path), "--rule", rule_file(tmp_path, WIDER))
    assert changes(answer) == {"keep": {("nora.weber", "grant")}}


def test_a_rule_that_cannot_be_read_passes_no_pipeline(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    broken = rule_file(tmp_path, "identity.department == ")
    assert run(path, "--rule", broken).exit_code == 0
    done = run(path, "--rule", broken, "--fail-on", "lose")
    assert type(done.exception).__name__ == "RuleError"
    assert "cannot be read" in str(done.exception)


def test_a_rule_to_replace_that_the_case_does_not_know_is_said(tmp_path: Path) -> None:
    done = run(case(story(), tmp_path), "--rule", rule_file(tmp_path, WIDER), "--of", "R-EPR")
    assert type(done.exception).__name__ == "UsageError"
    assert "R-ERP" in str(done.exception)


def test_a_corrected_fact_that_no_decision_reads_is_said(tmp_path: Path) -> None:
    path = case(story(), tmp_path)
    shown = run(path, "nora.weber", "--set", "deparment=Sales", "--set", "employmentType=FTE").output
    assert "No decision here reads deparment." in shown
