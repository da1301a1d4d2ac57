"""`why` says by which rule of the system itself the executor was let give access, where the log names it."""

from pathlib import Path
from typing import Any

import pytest

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.why import why

SAMPLES = Path(__file__).parents[1] / "sources"


def executors(tmp_path: Path, sample: str, name: str) -> list[dict[str, Any]]:
    """The executor links of all grants of an account in the case of one sample."""
    case = tmp_path / "case.db"
    ingest(case, [str(SAMPLES / sample)])
    connection = open_case(case)
    judge(connection)
    return [answer["lineage"]["executor"] for answer in why(connection, name)]


@pytest.mark.parametrize(
    ("sample", "name", "allowed"),
    [
        (
            "kubernetes-audit/sample.jsonl",
            "ada.moreau@tidewater.example",
            'RBAC: allowed by ClusterRoleBinding "ops-admins" of ClusterRole "cluster-admin" to User "ops@tidewater.example"',
        ),
        (
            "azure-activity/sample-diagnostic.ndjson",
            "bbbbbbbb-0000-4000-8000-000000000002",
            "allowed by role User Access Administrator at /subscriptions/11111111-2222-4333-8444-555555555555",
        ),
    ],
)
def test_the_rule_that_let_the_executor_do_it_is_told(
    tmp_path: Path, sample: str, name: str, allowed: str
) -> None:
    told = executors(tmp_path, sample, name)
    assert allowed in {one["reason"] for one in told}
    assert any(one["what"].endswith(f": {allowed}") for one in told)


def test_a_log_that_gives_no_reason_leaves_it_empty(tmp_path: Path) -> None:
    told = executors(tmp_path, "duo-admin-log", "rene.bast@quarrymill.example")
    assert told
    assert {one["reason"] for one in told} == {None}
