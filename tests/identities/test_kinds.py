"""Every kind of identity: what names say for certain, and who answers for automation."""

from pathlib import Path

import pytest
from tests.story import Story, mail

from tracer.identities.kinds import kind_of

NAMES = [
    ("spiffe://corp.example/ns/payments/sa/settler", "workload"),
    ("system:serviceaccount:payments:settler", "workload"),
    ("system:node:ip-10-0-0-1", "workload"),
    ("settler@corp-prod.iam.gserviceaccount.com", "service-account"),
    ("serviceAccount:settler@corp-prod.iam.gserviceaccount.com", "service-account"),
    ("123456-compute@developer.gserviceaccount.com", "service-account"),
    ("lambda.amazonaws.com", "workload"),
    ("arn:aws:iam::111122223333:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", "workload"),
    ("arn:aws-us-gov:iam::111122223333:group/ops/admins", "group"),
    ("repo:corp/payments:ref:refs/heads/main", "workload"),
    ("dependabot[bot]", "service-account"),
    ("AKIAIOSFODNN7EXAMPLE", "api-key"),
    ("CORP\\WEB01$", "workload"),
    # names that a person may have as well
    ("nora.weber@corp.example", None),
    ("arn:aws:iam::111122223333:user/nora", None),
    ("arn:aws:iam::111122223333:role/Deployer", None),
    ("svc-billing", None),
    ("bot", None),
    ("nora@gserviceaccount.com.evil.example", None),
    ("corp/payments", None),
    ("", None),
]


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_a_name_says_its_kind_only_where_it_is_certain(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def kinds(story: Story, folder: Path) -> dict[str, tuple[str | None, str | None]]:
    rows = story.judge(folder).connection.execute("SELECT id, kind, accountable FROM identities")
    return {row["id"]: (row["kind"], row["accountable"]) for row in rows}


def test_kinds_of_accounts_become_kinds_of_identities_and_the_register_goes_first(tmp_path: Path) -> None:
    told = Story()
    told.identity(
        "payments-app",
        "ai-agent",
        owner="pia",
        accounts=[{"system": "erp", "name": "spiffe://corp.example/a"}],
    )
    for account in (
        "spiffe://corp.example/a",
        "spiffe://corp.example/b",
        "x@p.iam.gserviceaccount.com",
        "ann@corp.example",
    ):
        told.act("2026-02-02T08:00:00Z", "grant", account)
    found = kinds(told, tmp_path)
    assert found["payments-app"][0] == "ai-agent"
    assert found["erp:spiffe://corp.example/b"] == ("workload", None)
    assert found["x@p.iam.gserviceaccount.com"][0] == "service-account"
    assert found["ann@corp.example"] == ("human", "ann@corp.example")


def test_automation_leads_to_whom_it_acts_for_then_to_its_owner(tmp_path: Path) -> None:
    told = Story().person("pia.lund").person("ole.berg")
    told.identity("agent", "ai-agent", owner="ole.berg", on_behalf_of=mail("pia.lund"))
    told.identity("robot", "service-account", owner="ole.berg")
    told.identity("helper", "workload", owner=None, on_behalf_of="robot")
    told.identity("key", "api-key", owner="nobody.known")
    told.identity("lost", "api-key")
    told.identity("ring-a", "workload", on_behalf_of="ring-b")
    told.identity("ring-b", "workload", on_behalf_of="ring-a")
    told.identity("supplier", "vendor", owner="ole.berg")
    found = {
        name: end
        for name, (_, end) in kinds(told.grant("2026-02-02T08:00:00Z", "pia.lund"), tmp_path).items()
    }
    assert found["agent"] == mail("pia.lund")
    assert found["robot"] == found["helper"] == mail("ole.berg")
    assert found["key"] == mail("nobody.known")
    assert found["lost"] is found["ring-a"] is None
    assert found["supplier"] == "supplier"


def test_a_machine_that_approved_is_not_the_one_who_answers(tmp_path: Path) -> None:
    told = Story().role().person("nora.weber").person("pia.lund").authority("grace.lindt")
    told.identity(
        "approval-agent", "ai-agent", owner="ole.berg", on_behalf_of=mail("pia.lund"),
        accounts=[{"system": "jira", "name": mail("agent")}],
    )  # fmt: skip
    told.ticket("ACC-1", "nora.weber", "2026-02-01T08:00:00Z", [("agent", "2026-02-01T09:00:00Z")])
    told.grant("2026-02-02T08:00:00Z", "nora.weber", ticket="ACC-1")
    judged = told.until("2026-04-30T08:00:00Z").judge(tmp_path)
    finding = judged.finding("nora.weber", "approver-lacks-authority")
    assert finding["owner"] == mail("pia.lund")
