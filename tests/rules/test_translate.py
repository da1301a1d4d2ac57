"""Each operator of each rule language, by a truth table written by hand; what does not translate is refused by name."""

import pytest

from tracer.rules.cel import evaluate
from tracer.rules.names import attribute
from tracer.rules.translate import translate

NONE = None
"""Stands for an attribute without a value."""

TABLES: list[tuple[str, str, str, dict[str | None, bool]]] = [
    # language, rule, attribute that it reads, value -> whether the rule is true
    ("entra", 'user.department -eq "Sales"', "department", {"Sales": True, "SALES": True, "Sales ": False, "sal": False, NONE: False}),
    ("entra", 'user.department -ne "Sales"', "department", {"Sales": False, "sales": False, "IT": True, NONE: True}),
    ("entra", 'user.department eq "Sales"', "department", {"Sales": True, "IT": False}),
    ("entra", 'user.department –EQ "Sales"', "department", {"Sales": True, "IT": False}),
    ("entra", "user.department -eq null", "department", {NONE: True, "Sales": False, "null": False}),
    ("entra", "user.department -ne $null", "department", {NONE: False, "Sales": True}),
    ("entra", 'user.department -eq "null"', "department", {NONE: False, "null": True}),
    ("entra", 'user.department -in ["Sales", "R+D"]', "department", {"sales": True, "r+d": True, "RRD": False, "Sales,R+D": False, NONE: False}),
    ("entra", "user.department -notIn ['50001','50002']", "department", {"50001": False, "50003": True, NONE: True}),
    ("entra", 'user.department -contains "ale"', "department", {"Sales": True, "ALE": True, "Sal": False, NONE: False}),
    ("entra", 'user.department -notContains "ale"', "department", {"Sales": False, "Sal": True, NONE: True}),
    ("entra", 'user.jobTitle -startsWith "SDE"', "job_title", {"sde 2": True, "a SDE": False, NONE: False}),
    ("entra", 'user.jobTitle -notStartsWith "SDE"', "job_title", {"SDE": False, "PM": True, NONE: True}),
    ("entra", 'user.mail -endsWith "@corp.example"', "mail", {"a@CORP.example": True, "a@corp.example.org": False, "a@corpxexample": False}),
    ("entra", 'user.mail -notEndsWith "@corp.example"', "mail", {"a@corp.example": False, "a@b.c": True}),
    ("entra", 'user.displayName -match "^Da.*"', "display_name", {"Dav": True, "david": True, "aDa": False, NONE: False}),
    ("entra", 'user.displayName -notMatch ".*vid"', "display_name", {"David": False, "Da": True}),
    ("entra", "user.accountEnabled -eq true", "account_enabled", {"true": True, "True": True, "false": False, NONE: False}),
    ("entra", 'user.department -eq "a`"b"', "department", {'a"b': True, "ab": False}),
    ("entra", "user.department -eq 'it''s'", "department", {"it's": True, "its": False}),
    ("entra", "user.employeeHireDate -ge 2020-06-10T18:13:20Z", "employee_hire_date", {"2020-06-10T18:13:20Z": True, "2020-06-10T18:13:19Z": False, "2020-06-10T20:13:20+02:00": True, NONE: False}),
    ("entra", 'user.proxyAddresses -any (_ -startsWith "smtp:c.d")', "proxy_addresses", {"smtp:a;SMTP:c.de": True, "x smtp:c.d": False, "smtp:cxd": False, NONE: False}),
    ("entra", 'user.proxyAddresses -any (_ -eq "a" -or _ -eq "b")', "proxy_addresses", {"c; B ;d": True, "ab": False}),
    ("entra", 'user.proxyAddresses -all (_ -endsWith ".de")', "proxy_addresses", {"x.de;y.DE": True, "x.de;y.com": False, NONE: True}),
    ("entra", 'user.proxyAddresses -all (_ -ne "a")', "proxy_addresses", {"b;c": True, "b;A": False, NONE: True}),
    ("entra", 'user.otherMails -contains "corp"', "other_mails", {"a@x.org; b@CORP.org": True, "a@x.org": False}),
    ("entra", 'user.memberOf -any (group.objectId -in ["g1", "g2"])', "group_ids", {"g0;g2": True, "g12": False, NONE: False}),
    ("entra", "user.objectId -ne null", "object_id", {NONE: True, "x": True}),
    ("entra", 'user.extension_c272a57b722d4eb29bfe327874ae79cb_OfficeNumber -eq "123"', "office_number", {"123": True, "1234": False}),
    ("okta", 'user.department == "Sales"', "department", {"Sales": True, "sales": False, NONE: False}),
    ("okta", "user.department != 'Sales'", "department", {"Sales": False, "sales": True, NONE: True}),
    ("okta", "user.department eq 'Sales'", "department", {"Sales": True, "sales": False}),
    ("okta", "user.department == null", "department", {NONE: True, "x": False}),
    ("okta", 'String.stringContains(user.firstName, "dummy")', "first_name", {"a dummy b": True, "Dummy": False, NONE: False}),
    ("okta", 'String.startsWith(user.department, "Fin")', "department", {"Finance": True, "finance": False}),
    ("okta", 'String.endsWith(user.login, "@corp.example")', "login", {"a@corp.example": True, "a@corp.example.org": False}),
    ("okta", 'String.toLowerCase(user.department) == "sales"', "department", {"SaLeS": True, "IT": False}),
    ("okta", 'String.toUpperCase(user.department) == "sales"', "department", {"sales": False, "SALES": False}),
    ("okta", 'String.substringAfter(user.login, "@") == "corp.example"', "login", {"a@corp.example": True, "a@b@corp.example": False, "corp.example": False}),
    ("okta", 'String.substringBefore(user.login, "@") == "ann"', "login", {"ann@x": True, "annie@x": False}),
    ("okta", "String.len(user.costCenter) >= 4", "cost_center", {"1234": True, "123": False}),
    ("okta", "user.isContractor", "is_contractor", {"true": True, "TRUE": True, "false": False, NONE: False}),
    ("okta", "!user.isContractor", "is_contractor", {"true": False, "false": True, NONE: True}),
    ("okta", "user.isContractor == false", "is_contractor", {"False": True, "true": False}),
    ("okta", "user.salary > 1000000", "salary", {"1000001": True, "1000000": False, "999": False, NONE: False}),
    ("okta", "user.salary <= -1.5", "salary", {"-2": True, "0": False}),
    ("okta", 'user.email matches "[a-z]+@corp[.]example"', "email", {"ann@corp.example": True, "ann@corp.example.org": False}),
    ("okta", 'isMemberOfAnyGroup("00g1", "00g2")', "group_ids", {"00g0;00g2": True, "00g22": False, NONE: False}),
    ("okta", 'isMemberOfGroup("00g1")', "group_ids", {"00g1": True, "00G1": False}),
    ("okta", 'isMemberOfGroupName("West Coast")', "groups", {"East;West Coast": True, "West": False}),
    ("okta", 'isMemberOfGroupNameStartsWith("West")', "groups", {"East;West Coast": True, "North West": False}),
    ("okta", 'user.isMemberOfGroupNameContains("Coast")', "groups", {"East;West Coast": True, "East;West": False}),
    ("okta", 'Arrays.contains(user.costCenters, "7")', "cost_centers", {"5;7": True, "77": False}),
    ("okta", "Arrays.isEmpty(user.costCenters)", "cost_centers", {NONE: True, "7": False}),
    ("scim", 'department eq "Sales"', "department", {"sales": True, "IT": False, NONE: False}),
    ("scim", 'department NE "Sales"', "department", {"sales": False, "IT": True, NONE: True}),
    ("scim", 'title co "lead"', "title", {"Team Lead": True, "Boss": False}),
    ("scim", 'title sw "lead"', "title", {"Lead a": True, "a lead": False}),
    ("scim", 'title ew "lead"', "title", {"a LEAD": True, "lead a": False}),
    ("scim", "title pr", "title", {"x": True, NONE: False}),
    ("scim", "title eq null", "title", {"x": False, NONE: True}),
    ("scim", "active eq true", "active", {"true": True, "True": True, "false": False}),
    ("scim", "level gt 5", "level", {"6": True, "5": False, "10": True, NONE: False}),
    ("scim", "level ge 5", "level", {"5": True, "4.9": False}),
    ("scim", "level lt 5", "level", {"4": True, "5": False}),
    ("scim", 'meta.lastModified le "2011-05-13T04:42:34Z"', "meta.last_modified", {"2011-05-13T04:42:34Z": True, "2011-05-13T04:42:35Z": False}),
    ("scim", 'externalId eq "Ab"', "external_id", {"Ab": True, "ab": False}),
    ("scim", 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter eq "7"', "cost_center", {"7": True, "77": False}),
    ("scim", 'emails[type eq "work" and value ew "@corp.example"]', "emails.work", {"a@corp.example": True, "a@b.c": False, NONE: False}),
    ("scim", 'emails[type eq "work"].value eq "a@b.c"', "emails.work", {"A@b.c": True, "a@b.d": False}),
    ("scim", 'emails co "@corp."', "emails", {"x@y.z;a@corp.de": True, "x@y.z": False}),
    ("scim", 'groups[value eq "admins" or display eq "root"]', "groups", {}),
    ("scim", 'groups[value eq "admins"]', "groups", {"users; Admins": True, "administrators": False, NONE: False}),
    ("scim", 'groups.value ne "admins"', "groups", {"users;admins": False, "users": True, NONE: True}),
    ("scim", 'userName pr', "user_name", {NONE: True}),
    ("scim", 'groups.display eq "admins"', "groups", {"users;Admins": True, "users": False}),
    ("scim", 'addresses[type eq "work"].locality eq "Oslo"', "addresses.work.locality", {"oslo": True, "Rome": False}),
    ("scim", 'startDate ge "2026-01-01"', "start_date", {"2026-01-01": True, "2025-12-31": False, "2026-01-01T00:00:00Z": True, NONE: False}),
    ("scim", 'startDate lt "2026-01-01T01:00:00+02:00"', "start_date", {"2025-12-31": True, "2026-01-01": False}),
    ("okta", 'String.stringContains(String.toLowerCase(user.title), "lead")', "title", {"Team LEAD": True, "Boss": False}),
    ("okta", 'String.startsWith(String.toUpperCase(user.title), "lead")', "title", {"LEAD": False, "lead": False}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "rule", "name", "table"), TABLES, ids=lambda one: str(one)[:60])
def test_a_rule_is_true_where_the_vendor_says_so(
    language: str, rule: str, name: str, table: dict[str | None, bool]
) -> None:
    done = translate(language, rule)
    if not table:
        assert done.cel is None
        return
    assert done.refused is None
    found = {value: evaluate(done.cel or "", {name: value or ""}).result for value in table}
    assert found == table


LOGIC = [
    # language, rule over the departments A, B, C and whether they are a lead; the bindings of the vendor's table
    ("entra", 'user.department -eq "A" -or user.department -eq "B" -and user.lead -eq true', {"A-": True, "B-": False, "B+": True, "C+": False}),
    ("entra", '(user.department -eq "A" -or user.department -eq "B") -and user.lead -eq true', {"A-": False, "A+": True, "B+": True}),
    ("entra", '-not user.department -eq "A" -and user.lead -eq true', {"A+": False, "B+": True, "B-": False}),
    ("entra", '-not (user.department -eq "A" -or user.lead -eq true)', {"A-": False, "B+": False, "B-": True}),
    ("okta", 'user.department == "A" OR user.department == "B" AND user.lead', {"A-": True, "B-": False, "B+": True}),
    ("okta", 'user.department == "A" || user.department == "B" && !user.lead', {"A+": True, "B-": True, "B+": False}),
    ("okta", '!(user.department == "A" or user.lead)', {"A-": False, "B-": True, "B+": False}),
    ("scim", 'department eq "A" or department eq "B" and lead eq true', {"A-": True, "B-": False, "B+": True}),
    ("scim", 'not (department eq "A") and lead eq true', {"A+": False, "B+": True, "B-": False}),
    ("scim", 'NOT (department eq "A" OR lead eq true)', {"A-": False, "B+": False, "B-": True}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "rule", "table"), LOGIC, ids=lambda one: str(one)[:60])
def test_operators_bind_as_the_vendor_says(language: str, rule: str, table: dict[str, bool]) -> None:
    done = translate(language, rule)
    found = {
        who: evaluate(
            done.cel or "", {"department": who[0], "lead": "true" if who[1] == "+" else "false"}
        ).result
        for who in table
    }
    assert found == table


REFUSED = [
    ("entra", 'Direct Reports for "aaaaaaaa"', "direct reports"),
    ("entra", 'device.deviceModel -eq "iPad"', "device.deviceModel"),
    ("entra", "user.employeeHireDate -ge system.now -plus p1d", "system.now"),
    ("entra", 'user.assignedPlans -any (assignedPlan.service -eq "SCO")', "assignedPlan.service"),
    ("entra", 'user.proxyAddresses -any (_ -eq "a" -and _ -eq "b")', "any one value"),
    ("entra", 'user.displayName -match "(?=a)b"', "looks around"),
    ("entra", 'user.department -like "Sales"', "'-like'"),
    ("entra", 'user.department -eq "Sales', "'\"'"),
    ("entra", "user.department -eq Sales", "'Sales'"),
    ("entra", "user.department -in []", "list without values"),
    ("entra", "", "the end"),
    ("entra", "(" * 70 + "user.a -eq null" + ")" * 70, "64 deep"),
    ("entra", 'user.department -eq "A" ' * 500, "8192 bytes"),
    ("okta", "findDirectoryUser().managerUpn == 'x'", "'.' at character 20"),
    ("okta", "hasWorkdayUser()", "hasWorkdayUser"),
    ("okta", 'String.replace(user.a, "x", "y") == "z"', "String.replace"),
    ("okta", 'appuser.department == "x"', "appuser.department"),
    ("okta", 'user.department = "x"', "'='"),
    ("scim", 'addresses[country eq "DE" and locality eq "B"]', "country, locality"),
    ("scim", 'department like "x"', "'like'"),
    ("scim", "active gt true", "true"),
    ("scim", r'department eq "\q"', "no JSON"),
    ("rego", "allow = true", "'rego'"),
]


@pytest.mark.parametrize(("language", "rule", "named"), REFUSED, ids=lambda one: str(one)[:40])
def test_what_does_not_translate_is_refused_by_name(language: str, rule: str, named: str) -> None:
    done = translate(language, rule)
    assert done.cel is None
    assert named in (done.refused or "")


def test_an_attribute_without_a_value_that_decided_is_named_through_patterns_too() -> None:
    done = translate("entra", '(user.displayName -match "^Da.*") -and (user.department -eq "x")')
    assert evaluate(done.cel or "", {"department": "y"}).blank == ()
    assert evaluate(done.cel or "", {"department": "x"}).blank == ("display_name",)
    assert evaluate(done.cel or "", {"display_name": "Dan"}).blank == ("department",)
    numbers = translate("scim", "level gt 5 and department sw 'x'".replace("'", '"'))
    assert evaluate(numbers.cel or "", {}).blank == ("department", "level")


def test_source_data_decide_what_an_attribute_is_called() -> None:
    assert attribute("jobTitle", ["jobTitle", "job_title"]) == "jobTitle"
    assert attribute("jobTitle", ["Job Title"]) == "Job Title"
    assert attribute("employeeType", ["department", "employment_type"]) == "employment_type"
    assert attribute("employeeType", ["department"]) == "employee_type"
    assert attribute("costCenter", []) == "cost_center"


def test_a_language_may_go_by_other_names() -> None:
    rule = 'user.department -eq "Sales"'
    assert translate("Azure AD", rule) == translate("entra", rule)
    assert translate("CEL", "true").cel == "true"


def test_the_value_of_a_group_is_its_id_where_source_data_have_ids_of_groups() -> None:
    for rule in ('groups.value eq "g-1"', 'groups[value eq "g-1"]'):
        done = translate("scim", rule, ["groups", "member_of"])
        assert done.cel is not None
        assert evaluate(done.cel, {"groups": "Admins", "member_of": "g-1;g-2"}).result is True
