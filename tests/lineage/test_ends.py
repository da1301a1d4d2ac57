"""What a revocation ends that does not name the one grant it means."""

import json
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge


def ended(case_path: Path, log: Path, records: list[dict[str, Any]]) -> dict[tuple[str, str], str | None]:
    """(Account, entitlement) -> when its grant ended, after judging these records."""
    log.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    ingest(case_path, [str(log)])
    connection = open_case(case_path)
    judge(connection)
    rows = connection.execute(
        """SELECT a.name AS account, e.name AS entitlement, g.ended_at FROM grants g
           JOIN accounts a ON a.id = g.account_id JOIN entitlements e ON e.id = g.entitlement_id"""
    )
    return {(row["account"], row["entitlement"]): row["ended_at"] for row in rows}


def github(minute: int, action: str, **said: str) -> dict[str, Any]:
    """A record of GitHub's audit log."""
    at = f"2026-03-02T10:{minute:02}:00.000Z"
    return {
        "created_at": at,
        "action": action,
        "actor": "mira",
        "org": "larch",
        "_document_id": f"d{minute}",
        **said,
    }


def okta(minute: int, kind: str, token: str) -> dict[str, Any]:
    """A record of Okta's log in which an administrator makes or takes a token."""
    who = "odile" if kind.endswith("create") else "mira"
    return {
        "uuid": f"u{minute}",
        "published": f"2026-03-02T10:{minute:02}:00.000Z",
        "eventType": kind,
        "actor": {"id": f"00u{who}", "type": "User", "alternateId": f"{who}@larch.example"},
        "outcome": {"result": "SUCCESS"},
        "target": [{"id": token, "type": "Token"}],
    }


def test_who_leaves_loses_the_role_that_the_record_does_not_name(case_path: Path, tmp_path: Path) -> None:
    found = ended(
        case_path,
        tmp_path / "log.ndjson",
        [
            github(1, "org.add_member", user="odile", permission="read"),
            github(2, "org.add_member", user="pavel", permission="read"),
            github(3, "repo.add_member", user="odile", repo="larch/site", permission="write"),
            github(3, "team.add_member", user="odile", team="larch/gardeners", _document_id="d3a"),
            github(3, "team.add_member", user="odile", team="other/gardeners", _document_id="d3b"),
            github(4, "org.remove_member", user="odile"),
        ],
    )
    assert found["odile", "larch/gardeners"] == "2026-03-02T10:04:00.000Z"
    assert found["odile", "other/gardeners"] is None
    assert found["odile", "larch:read"] == "2026-03-02T10:04:00.000Z"
    assert found["pavel", "larch:read"] is None
    assert found["odile", "larch/site:write"] is None


def test_a_changed_permission_ends_the_old_one_and_starts_the_new(case_path: Path, tmp_path: Path) -> None:
    found = ended(
        case_path,
        tmp_path / "log.ndjson",
        [
            github(1, "repo.add_member", user="odile", repo="larch/site", permission="read"),
            github(2, "repo.update_member", user="odile", repo="larch/site", permission="admin"),
        ],
    )
    assert found == {
        ("odile", "larch/site:read"): "2026-03-02T10:02:00.000Z",
        ("odile", "larch/site:admin"): None,
    }


def test_a_credential_ends_for_its_holder_whoever_takes_it_away(case_path: Path, tmp_path: Path) -> None:
    found = ended(
        case_path,
        tmp_path / "log.ndjson",
        [
            okta(1, "system.api_token.create", "00T1"),
            okta(2, "system.api_token.create", "00T2"),
            okta(3, "system.api_token.revoke", "00T1"),
        ],
    )
    assert found["odile@larch.example", "credential:00T1"] == "2026-03-02T10:03:00.000Z"
    assert found["odile@larch.example", "credential:00T2"] is None


def test_a_deleted_group_takes_its_memberships_with_it(case_path: Path, tmp_path: Path) -> None:
    found = ended(
        case_path,
        tmp_path / "log.ndjson",
        [
            github(1, "team.add_member", user="odile", team="larch/builders"),
            github(2, "team.add_member", user="odile", team="larch/readers"),
            github(3, "team.destroy", team="larch/builders"),
        ],
    )
    assert found["odile", "larch/builders"] == "2026-03-02T10:03:00.000Z"
    assert found["odile", "larch/readers"] is None


def google(minute: int, action: str, project: str) -> dict[str, Any]:
    """A record of Google Cloud's audit log in which a role is bound or unbound in a project."""
    delta = {"action": action, "role": "roles/editor", "member": "user:odile@larch.example"}
    return {
        "insertId": f"i{minute}",
        "timestamp": f"2026-03-02T10:{minute:02}:00Z",
        "protoPayload": {
            "methodName": "SetIamPolicy",
            "resourceName": f"projects/{project}",
            "authenticationInfo": {"principalEmail": "mira@larch.example"},
            "serviceData": {"policyDelta": {"bindingDeltas": [delta]}},
        },
    }


def test_a_role_taken_away_in_one_place_stays_in_another(case_path: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.ndjson"
    records = [google(1, "ADD", "shop"), google(2, "ADD", "lab"), google(3, "REMOVE", "lab")]
    log.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    ingest(case_path, [str(log)])
    connection = open_case(case_path)
    judge(connection)
    held = {row["scope"]: row["ended_at"] for row in connection.execute("SELECT scope, ended_at FROM grants")}
    assert held == {"projects/shop": None, "projects/lab": "2026-03-02T10:03:00.000Z"}
