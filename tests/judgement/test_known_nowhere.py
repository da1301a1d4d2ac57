"""Names in the register that stand nowhere else prove nothing: nobody knows whom or what they mean."""

from pathlib import Path

import pytest
from tests.stories.execution import GRANTED, LAST, RULE, asked, delivered
from tests.story import Story, mail, owner_of

NORA, NOWHERE = "nora.weber", "zzz-nowhere"
SOON, LATE = "2026-02-03T12:00:00Z", "2026-02-10T12:00:00Z"


@pytest.mark.parametrize("field", ["entitlement", "system", "beneficiary"])
def test_tickets_cover_no_time_where_the_register_names_a_field_that_none_has(
    tmp_path: Path, field: str
) -> None:
    story = delivered(ticket=None)
    story.register["tickets"]["jira"][field] = NOWHERE
    assert story.judge(tmp_path).root(NORA) == "undetermined"


@pytest.mark.parametrize(
    ("delegator", "said"), [("otto.kern", "fail"), (NOWHERE, "not-applicable"), ("heidi.lom", "pass")]
)
def test_whether_somebody_who_stands_nowhere_else_could_delegate_is_not_known(
    tmp_path: Path, delegator: str, said: str
) -> None:
    story = delivered().person("otto.kern").authority("heidi.lom")
    story.register["authorities"] = [
        one for one in story.register["authorities"] if "heidi" in one["approver"]
    ]
    story.authority("grace.lindt", delegated_by=mail(delegator))
    judged = story.judge(tmp_path)
    assert judged.check("delegation-invalid", NORA) == said
    assert (judged.check("approver-lacks-authority", NORA) == "no-evidence") is (delegator == NOWHERE)


@pytest.mark.parametrize(
    ("provisioner", "kind", "said"),
    [
        (NOWHERE, "workload", "no-evidence"),
        (NOWHERE, "human", "fail"),
        ("erp-engine", "workload", "fail"),
    ],
)
def test_an_engine_may_be_meant_where_the_catalogue_lists_nobody_who_is_known(
    tmp_path: Path, provisioner: str, kind: str, said: str
) -> None:
    story = delivered(executor="sync-bot")
    story.identity("sync-bot", kind, accounts=[{"system": "erp", "name": "sync-bot"}])
    story.register["roles"][0]["provisioners"] = [provisioner]
    assert story.judge(tmp_path).check("unauthorised-executor", NORA) == said


@pytest.mark.parametrize(("named", "said"), [(NOWHERE, "no-evidence"), ("reporting-viewer", "fail")])
def test_what_a_rule_grants_is_not_known_where_nothing_else_speaks_of_that(
    tmp_path: Path, named: str, said: str
) -> None:
    story = asked().rule(RULE, grants=[{"system": "erp", "entitlement": named}])
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"department": "Finance"}).until(LAST)
    assert story.judge(tmp_path).check("wrong-entitlement", NORA) == said


@pytest.mark.parametrize("catalogue", [True, False])
def test_whether_what_people_give_themselves_had_to_be_approved_is_not_known_without_a_catalogue(
    tmp_path: Path, catalogue: bool
) -> None:
    story = asked().grant(GRANTED, "olga.kern", executor=mail("olga.kern")).person("olga.kern").until(LAST)
    story.identity(mail("olga.kern"), "human")
    if not catalogue:
        del story.register["roles"]
    assert story.judge(tmp_path).root("olga.kern") == ("self-service-bypass" if catalogue else "undetermined")


@pytest.mark.parametrize(
    ("named", "said"), [("otto.kern", "fail"), (NOWHERE, "no-evidence"), ("grace.lindt", "pass")]
)
def test_whom_the_register_names_as_approver_by_a_name_of_nobody_is_not_known(
    tmp_path: Path, named: str, said: str
) -> None:
    story = delivered().person("otto.kern").authority("otto.kern", "reporting-viewer")
    story.register["authorities"] = [
        one for one in story.register["authorities"] if "otto" in one["approver"]
    ]
    assert story.authority(named).judge(tmp_path).check("approver-lacks-authority", NORA) == said


def test_where_few_approvers_are_known_one_more_unknown_is_no_mistake(tmp_path: Path) -> None:
    story = delivered()
    story.register["authorities"] = []
    for name in (NOWHERE, "yyy-nowhere"):
        story.authority(name)
    assert story.judge(tmp_path).check("approver-lacks-authority", NORA) == "fail"


@pytest.mark.parametrize(
    ("beneficiary", "said"), [(NOWHERE, "no-evidence"), ("otto", "fail"), (mail("otto.kern"), "fail")]
)
def test_for_whom_a_request_is_that_names_nobody_is_not_known(
    tmp_path: Path, beneficiary: str, said: str
) -> None:
    story = delivered().person("otto.kern")
    story.identity(mail("otto.kern"), "human", accounts=[{"system": "erp", "name": "otto"}])
    fields = next(one for one in story.issues if one["key"] == "ACC-1")["fields"]
    fields[story.register["tickets"]["jira"]["beneficiary"]] = beneficiary
    assert story.judge(tmp_path).check("wrong-subject", NORA) == said


@pytest.mark.parametrize(
    ("listed", "sync", "owner"),
    [
        pytest.param(True, "sync", owner_of("source-data"), id="the register says which source counts"),
        pytest.param(False, "sync", None, id="it may be either"),
        pytest.param(False, "hr-ops", owner_of("source-data"), id="both have the same owner"),
    ],
)
def test_who_owns_the_source_that_was_wrong_is_not_known_where_none_is_named_and_several_hold_it(
    tmp_path: Path, listed: bool, sync: str, owner: str | None
) -> None:
    story = Story().rule('identity.employment_type == "FTE"').role().person(NORA)
    story.control("SYN-01", "source-data", mail(sync), covers={"system": "okta"})
    for system in ("workday", "okta"):
        story.fact(NORA, "employment_type", "FTE", "2026-01-05T00:00:00Z", system=system)
        story.fact(
            NORA,
            "employment_type",
            "Contractor",
            "2026-01-05T00:00:00Z",
            "2026-04-10T00:00:00Z",
            system=system,
        )
    if listed:
        story.add("sources_of_truth", attribute="employment_type", authoritative=["workday"], copies=["okta"])
    story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"employment_type": "FTE"}).until(LAST)
    root = story.judge(tmp_path).why(NORA)["root"]
    assert (root["mode"], root["owner"]) == ("wrong-attribute", owner)


@pytest.mark.parametrize(
    ("system", "said"), [("zzz-nowhere", "no-evidence"), ("crm", "fail"), ("erp", "pass")]
)
def test_authority_in_a_system_that_stands_nowhere_else_may_be_meant_for_this_one(
    tmp_path: Path, system: str, said: str
) -> None:
    story = delivered().person("otto.kern").authority("otto.kern")
    story.grant(GRANTED, "otto.kern", system="crm").until(LAST, system="crm")
    story.register["authorities"] = [
        one for one in story.register["authorities"] if "otto" in one["approver"]
    ]
    judged = story.authority("grace.lindt", system=system).judge(tmp_path)
    assert judged.check("approver-lacks-authority", NORA) == said


@pytest.mark.parametrize(
    ("verified", "said"),
    [
        pytest.param({"account": mail(NORA)}, "pass", id="this access"),
        pytest.param({"account": NOWHERE}, "no-evidence", id="an account that stands nowhere else"),
        pytest.param({"account": mail(NORA), "system": NOWHERE}, "no-evidence", id="such a system"),
        pytest.param(
            {"account": mail(NORA), "entitlement": NOWHERE}, "no-evidence", id="such an entitlement"
        ),
        pytest.param({"account": mail("heidi.lom")}, "fail", id="another account that is known"),
        pytest.param({"account": mail("olga.kern")}, "fail", id="what another was granted"),
        pytest.param({"account": NOWHERE, "at": LATE}, "fail", id="too late"),
        pytest.param({"account": NOWHERE, "entitlement": NOWHERE}, "fail", id="something else altogether"),
    ],
)
def test_a_verification_of_what_was_never_granted_may_be_that_of_what_it_nearly_names(
    tmp_path: Path, verified: dict[str, str], said: str
) -> None:
    story = delivered().policy(verification_window="PT24H").grant(SOON, "heidi.lom", "reporting-viewer")
    story.grant(GRANTED, "olga.kern").grant("2026-02-03T09:00:00Z", NORA, "reporting-viewer")
    for name, entitlement in (
        ("heidi.lom", "reporting-viewer"),
        ("olga.kern", "gl-poster"),
        (NORA, "reporting-viewer"),
    ):
        story.act("2026-02-03T13:00:00Z", "verify", mail(name), entitlement)
    more = {"entitlement": "gl-poster", "system": "erp"} | verified
    story.act(more.pop("at", SOON), "verify", more.pop("account"), more.pop("entitlement"), **more)
    story.act("2026-02-20T12:00:00Z", "verify", mail("olga.kern"))
    assert story.judge(tmp_path).check("not-verified", NORA) == said


@pytest.mark.parametrize(
    ("granted", "verified", "said"),
    [
        pytest.param(NOWHERE, "gl-poster", "no-evidence", id="verified as decided"),
        pytest.param(NOWHERE, None, "fail", id="not verified"),
        pytest.param(NOWHERE, NOWHERE, "fail", id="verified as granted"),
    ],
)
@pytest.mark.parametrize("by_rule", [False, True])
def test_what_was_verified_as_decided_may_be_named_wrongly_where_it_was_granted(
    tmp_path: Path, granted: str, verified: str | None, said: str, by_rule: bool
) -> None:
    story = asked().rule(RULE).policy(verification_window="PT24H")
    why = (
        {"rule": "R-ERP", "rule_version": 1, "inputs": {"department": "Finance"}}
        if by_rule
        else {"ticket": "ACC-1"}
    )
    story.act(GRANTED, "grant", mail(NORA), granted, executor="erp-engine" if by_rule else "desk-bot", **why)
    if verified:
        story.act(SOON, "verify", mail(NORA), verified)
    assert story.until(LAST).judge(tmp_path).check("wrong-entitlement", NORA, granted) == said
