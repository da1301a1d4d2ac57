"""Names in the register that stand nowhere else prove nothing: nobody knows whom or what they mean."""

from pathlib import Path

import pytest
from tests.stories.execution import GRANTED, LAST, RULE, asked, delivered
from tests.story import mail

NORA, NOWHERE = "nora.weber", "zzz-nowhere"


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
