"""Rules in the vendor's language are judged like any other; one that does not translate leaves the access undetermined."""

from pathlib import Path

import pytest
from tests.story import Judged, Story

AT = "2026-02-02T08:00:00Z"
RULES = {
    "entra": '(user.department -eq "finance") -and -not (user.employeeType -startsWith "contr")',
    "okta": 'user.department == "Finance" AND !String.startsWith(user.employmentType, "Contr")',
    "scim": 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "finance" and not (userType sw "contr")',
}


def story(language: str, expression: str, **attributes: str) -> Story:
    told = Story().person("nora.weber", **attributes).rule(expression, language=language)
    inputs = {"department": "Finance", "employmentType": "FTE"}
    told.grant(AT, "nora.weber", rule="R-ERP", rule_version=1, inputs=inputs)
    return told.until("2026-04-30T08:00:00Z")


@pytest.mark.parametrize("language", RULES)
def test_a_grant_that_the_rule_allows_conforms(language: str, tmp_path: Path) -> None:
    judged = story(language, RULES[language]).judge(tmp_path)
    assert judged.root("nora.weber") == "conforming"
    row = judged.connection.execute("SELECT language, expression, cel, refused FROM rules").fetchone()
    assert (row["language"], row["expression"], row["refused"]) == (language, RULES[language], None)
    assert "identity.employment_type" in row["cel"]


@pytest.mark.parametrize("language", RULES)
def test_a_grant_that_the_rule_does_not_allow_is_found(language: str, tmp_path: Path) -> None:
    told = story(language, RULES[language])
    told.log[0]["inputs"]["department"] = "IT"
    assert told.judge(tmp_path).root("nora.weber") == "rule-not-satisfied"


@pytest.mark.parametrize("language", RULES)
def test_a_corrected_value_is_replayed_through_the_translation(language: str, tmp_path: Path) -> None:
    told = story(language, RULES[language])
    told.fact("nora.weber", "employment_type", "Contractor", "2025-01-06T00:00:00Z", "2026-04-10T09:00:00Z")
    assert told.judge(tmp_path).root("nora.weber") == "wrong-attribute"


def refused(judged: Judged) -> str:
    answer = judged.why("nora.weber")
    assert answer["verdict"] == "undetermined"
    assert answer["missing"]
    row = judged.connection.execute("SELECT because FROM checks WHERE mode = 'rule-not-satisfied'").fetchone()
    return str(row[0])


def test_what_does_not_translate_is_undetermined_and_says_why(tmp_path: Path) -> None:
    told = story("entra", 'Direct Reports for "62e19b97"')
    assert "direct reports" in refused(told.judge(tmp_path))


def test_a_rule_of_unknown_language_is_kept_and_undetermined(tmp_path: Path) -> None:
    judged = story("rego", "allow { input.department == data.x }").judge(tmp_path)
    assert "rego" in refused(judged)
    assert judged.connection.execute("SELECT expression FROM rules").fetchone()[0].startswith("allow")


@pytest.mark.parametrize(
    ("language", "expression"),
    [
        ("entra", 'user.mail -endsWith "@corp.example"'),
        ("okta", 'String.endsWith(user.email, "@corp.example")'),
        ("scim", 'emails.value ew "@corp.example" and employeeNumber sw "W-"'),
    ],
)
def test_a_rule_may_read_the_e_mail_and_worker_id_that_source_data_go_by(
    language: str, expression: str, tmp_path: Path
) -> None:
    told = Story().person("nora.weber").rule(expression, language=language)
    inputs = {"mail": "nora.weber@corp.example", "employeeNumber": "W-1001"}
    told.grant(AT, "nora.weber", rule="R-ERP", rule_version=1, inputs=inputs)
    assert told.until("2026-04-30T08:00:00Z").judge(tmp_path).root("nora.weber") == "conforming"
