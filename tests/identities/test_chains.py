"""Who started a session, over every kind of role chain that CloudTrail and Kubernetes log; only ids join."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.why import why

ACCOUNT = "111122223333"
NORA = f"arn:aws:iam::{ACCOUNT}:user/nora"
MISSING = "issuing record not in evidence"


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def user(name: str = "nora", key: str = "AKIAEXAMPLE000000001") -> dict[str, Any]:
    return {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": name,
    }


def session(name: str, key: str, session_name: str = "work", **context: Any) -> dict[str, Any]:
    """A call in a session of the role `name`, made with the key that the session was given."""
    issuer = {"type": "Role", "arn": role(name), "accountId": ACCOUNT, "userName": name}
    return {
        "type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session_name}", "accountId": ACCOUNT,
        "principalId": f"AROAEXAMPLE:{session_name}", "accessKeyId": key, "sessionContext": {"sessionIssuer": issuer, **context},
    }  # fmt: skip


class Trail:
    """CloudTrail records, one minute apart."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def call(
        self, who: dict[str, Any], name: str, service: str, request: Any, response: Any = None, **more: Any
    ) -> "Trail":
        number = len(self.records)
        self.records.append(
            {
                "eventVersion": "1.09", "eventID": f"e-{number}", "eventTime": f"2026-02-02T08:{number:02d}:00Z",
                "eventSource": f"{service}.amazonaws.com", "eventName": name, "awsRegion": "us-east-1",
                "recipientAccountId": ACCOUNT, "userIdentity": who, "requestParameters": request, "responseElements": response,
            } | more
        )  # fmt: skip
        return self

    def assume(
        self, who: dict[str, Any], name: str, key: str, how: str = "AssumeRole", **request: Any
    ) -> "Trail":
        asked = {"roleArn": role(name), "roleSessionName": "work"} | request
        return self.call(who, how, "sts", asked, {"credentials": {"accessKeyId": key}})

    def attach(self, who: dict[str, Any]) -> "Trail":
        """The act whose start is asked for."""
        policy = "arn:aws:iam::aws:policy/AdministratorAccess"
        return self.call(who, "AttachUserPolicy", "iam", {"userName": "ida", "policyArn": policy})

    def judged(self, folder: Path, *others: Path) -> sqlite3.Connection:
        (folder / "trail.json").write_text(json.dumps({"Records": self.records}))
        ingest(folder / "case.db", [str(folder / "trail.json"), *map(str, others)])
        connection = open_case(folder / "case.db")
        judge(connection)
        return connection


def started(connection: sqlite3.Connection) -> tuple[str | None, list[str], str | None]:
    """Who started the grant, the roles on the way, and what is noted of the chain."""
    row = connection.execute(
        """SELECT a.name, v.chain_note FROM events v LEFT JOIN accounts a ON a.id = v.started_by
           WHERE v.verb = 'grant' AND v.entitlement_id IN (SELECT id FROM entitlements WHERE name = 'AdministratorAccess')"""
    ).fetchone()
    note = json.loads(row["chain_note"]) if row["chain_note"] else {"hops": [], "note": None}
    hops = [
        connection.execute(
            "SELECT s.name FROM events v JOIN accounts s ON s.id = v.subject_id WHERE v.id = ?", (one,)
        ).fetchone()[0]
        for one in note["hops"]
    ]
    return row["name"], hops, note["note"]


def test_assume_role_of_assume_role_leads_to_the_user(tmp_path: Path) -> None:
    trail = (
        Trail()
        .assume(user(), "First", "ASIAFIRST0000001")
        .assume(session("First", "ASIAFIRST0000001"), "Second", "ASIASECOND000001")
    )
    connection = trail.attach(session("Second", "ASIASECOND000001")).judged(tmp_path)
    assert started(connection) == (NORA, [role("Second"), role("First")], None)
    executor = why(connection, "arn:aws:iam::111122223333:user/ida")[0]["lineage"]["executor"]
    assert [link["what"] for link in executor["chain"]] == [
        f"{NORA} assumed {role('First')}",
        f"{role('First')} assumed {role('Second')}",
    ]


def test_the_order_of_records_is_nothing(tmp_path: Path) -> None:
    trail = Trail().assume(user(), "First", "ASIAFIRST0000001").attach(session("First", "ASIAFIRST0000001"))
    trail.records.reverse()
    assert started(trail.judged(tmp_path))[0] == NORA


@pytest.mark.parametrize("name", ["nora", "work", "ida@corp.example"])
def test_a_session_name_never_bridges_a_missing_record(name: str, tmp_path: Path) -> None:
    trail = Trail().assume(user(), "First", "ASIAOTHER0000001", roleSessionName=name)
    connection = trail.attach(session("First", "ASIAFIRST0000001", name)).judged(tmp_path)
    assert started(connection) == (None, [], MISSING)


def test_a_missing_link_in_the_middle_is_missing(tmp_path: Path) -> None:
    trail = Trail().assume(session("First", "ASIAFIRST0000001"), "Second", "ASIASECOND000001")
    assert started(trail.attach(session("Second", "ASIASECOND000001")).judged(tmp_path)) == (
        None,
        [role("Second")],
        MISSING,
    )


def test_a_refused_assume_role_issues_nothing(tmp_path: Path) -> None:
    trail = Trail().assume(user(), "First", "ASIAFIRST0000001").attach(session("First", "ASIAFIRST0000001"))
    trail.records[0] |= {"errorCode": "AccessDenied", "responseElements": None}
    assert started(trail.judged(tmp_path)) == (None, [], MISSING)


def test_source_identity_names_the_start_where_the_issuing_record_is_missing(tmp_path: Path) -> None:
    who = session("First", "ASIAFIRST0000001", sourceIdentity="nora@corp.example")
    assert started(Trail().attach(who).judged(tmp_path)) == (
        "nora@corp.example",
        [],
        "start named by sourceIdentity",
    )


def test_get_federation_token_leads_to_the_user_who_asked(tmp_path: Path) -> None:
    trail = Trail().call(
        user(),
        "GetFederationToken",
        "sts",
        {"name": "ida"},
        {"credentials": {"accessKeyId": "ASIAFED000000001"}},
    )
    issuer = {"type": "IAMUser", "arn": NORA, "accountId": ACCOUNT, "userName": "nora"}
    who = {
        "type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/ida", "accountId": ACCOUNT,
        "accessKeyId": "ASIAFED000000001", "sessionContext": {"sessionIssuer": issuer},
    }  # fmt: skip
    assert started(trail.attach(who).judged(tmp_path))[0] == NORA


def test_get_session_token_leads_to_the_user(tmp_path: Path) -> None:
    trail = Trail().call(
        user(), "GetSessionToken", "sts", {}, {"credentials": {"accessKeyId": "ASIAMFA000000001"}}
    )
    assert started(trail.attach(user(key="ASIAMFA000000001")).judged(tmp_path))[0] == NORA


def test_saml_leads_to_the_person_of_the_assertion(tmp_path: Path) -> None:
    who = {
        "type": "SAMLUser",
        "principalId": "x/y:nora@corp.example",
        "userName": "nora@corp.example",
        "identityProvider": "x/y",
    }
    trail = (
        Trail()
        .assume(who, "First", "ASIAFIRST0000001", "AssumeRoleWithSAML")
        .attach(session("First", "ASIAFIRST0000001"))
    )
    connection = trail.judged(tmp_path)
    assert started(connection)[0] == "nora@corp.example"


def test_web_identity_leads_to_repository_and_workflow(tmp_path: Path) -> None:
    subject = "repo:corp/payments:job_workflow_ref:corp/payments/.github/workflows/deploy.yml@refs/heads/main"
    who = {"type": "WebIdentityUser", "principalId": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token:sts:{subject}", "userName": subject,
           "identityProvider": "token.actions.githubusercontent.com"}  # fmt: skip
    trail = (
        Trail()
        .assume(who, "Deployer", "ASIADEPLOY000001", "AssumeRoleWithWebIdentity")
        .attach(session("Deployer", "ASIADEPLOY000001"))
    )
    connection = trail.judged(tmp_path)
    assert started(connection)[0] == subject
    kind = connection.execute("SELECT kind FROM identities WHERE name = ?", (subject,)).fetchone()
    assert kind[0] == "workload"


def test_identity_center_is_the_user_on_whose_behalf(tmp_path: Path) -> None:
    behalf = {
        "userId": "90677eb2-1111-2222-3333-444455556666",
        "identityStoreArn": "arn:aws:identitystore::1:identitystore/d-1",
    }
    who = {"type": "IdentityCenterUser", "accountId": ACCOUNT, "onBehalfOf": behalf, "credentialId": "c-1"}
    assert started(Trail().attach(who).judged(tmp_path))[0] == behalf["userId"]


def test_a_key_that_a_service_delivered_has_no_issuing_record(tmp_path: Path) -> None:
    who = session("Instance", "ASIAINSTANCE0001", ec2RoleDelivery="2.0")
    assert started(Trail().attach(who).judged(tmp_path)) == (
        role("Instance"),
        [],
        "key delivered by a service",
    )


def test_keys_in_a_circle_end(tmp_path: Path) -> None:
    trail = (
        Trail()
        .assume(session("B", "ASIABBBB00000001"), "A", "ASIAAAAA00000001")
        .assume(session("A", "ASIAAAAA00000001"), "B", "ASIABBBB00000001")
    )
    assert started(trail.attach(session("B", "ASIABBBB00000001")).judged(tmp_path))[::2] == (None, MISSING)


def test_kubernetes_impersonation_leads_to_who_impersonates(tmp_path: Path) -> None:
    event = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "k-1", "stage": "ResponseComplete",
        "requestURI": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "verb": "create",
        "user": {"username": "nora@corp.example"}, "impersonatedUser": {"username": "system:serviceaccount:ops:deployer"},
        "objectRef": {"resource": "clusterrolebindings", "name": "b", "apiGroup": "rbac.authorization.k8s.io", "apiVersion": "v1"},
        "responseStatus": {"code": 201}, "requestReceivedTimestamp": "2026-02-02T08:00:00.000000Z",
        "requestObject": {
            "metadata": {"name": "b"}, "subjects": [{"kind": "User", "name": "ida@corp.example"}],
            "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        },
    }  # fmt: skip
    (tmp_path / "audit.log").write_text(json.dumps(event) + "\n")
    ingest(tmp_path / "case.db", [str(tmp_path / "audit.log")])
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    row = connection.execute(
        """SELECT a.name AS actor, s.name AS start, json_extract(v.chain_note, '$.note') FROM events v JOIN accounts a ON a.id = v.actor_id
           JOIN accounts s ON s.id = v.started_by WHERE v.verb = 'grant'"""
    ).fetchone()
    assert tuple(row) == (
        "system:serviceaccount:ops:deployer",
        "nora@corp.example",
        "start named by the record of the impersonation",
    )
