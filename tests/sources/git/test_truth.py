"""A real access register of half a year against changes that others derived from it: each with the same people."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.shared import shared

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest

VERBS = {
    "grant": "grant", "revoke": "revoke", "modify_rule": "change-rule", "create_identity": "create",
    "disable_identity": "disable", "delete_credential": "revoke", "rotate_credential": "rotate",
    "create_credential": "grant", "other": "enable",
}  # fmt: skip
ORIGIN = re.compile(r"Origin-Commit: ([0-9a-f]{40})")
Acts = dict[str, list[Any]]


@pytest.fixture(scope="module")
def acts(tmp_path_factory: pytest.TempPathFactory) -> Acts:
    """The acts of each commit of the bundle, by the id that the commit had upstream."""
    case = tmp_path_factory.mktemp("truth") / "case.db"
    ingest(case, [str(shared("data/git_access/wikimedia.admin.2016H1.bundle"))])
    connection = open_case(case)
    found: Acts = {}
    for row in connection.execute(
        """SELECT r.raw, a.*, (SELECT group_concat(l.alias, '|') FROM aliases l WHERE l.system = a.actor_system
             AND l.name = a.actor) AS shown FROM acts a JOIN records r ON r.id = a.record_id ORDER BY a.record_id, a.seq"""
    ):
        match = ORIGIN.search(row["raw"])
        if match:
            found.setdefault(match[1], []).append(row)
    connection.close()
    return found


@pytest.fixture(scope="module")
def authors() -> dict[str, str]:
    """Commit -> the author's address upstream; names differ between exports, for one of them maps them."""
    found: dict[str, str] = {}
    commit = ""
    text = shared("data/git_access/wikimedia.data_yaml.2016H1.gitlog").read_text(
        encoding="utf-8", errors="replace"
    )
    for line in text.splitlines():
        if line.startswith("commit "):
            commit = line.split()[1]
        elif line.startswith("Author:"):
            found.setdefault(commit, line.partition("<")[2].rstrip(">"))
    return found


def truth() -> list[dict[str, Any]]:
    path: Path = shared("data/git_access/wikimedia.data_yaml.2016H1.chain.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def of_change(told: list[Any], row: dict[str, Any]) -> list[Any]:
    """The acts that carry out the change of one row."""
    wanted = row["entitlement"]
    return [
        act
        for act in told
        if act["verb"] == VERBS[row["change"]]
        and act["subject"] == row["target"]
        and (wanted != "ssh key" or str(act["entitlement"]).startswith("credential:"))
        and (row["change"] not in ("grant", "revoke") or act["entitlement"] == wanted)
        and (row["change"] != "modify_rule" or act["entitlement"] == wanted.split(" (")[0])
    ]


def names(act: Any) -> set[str]:
    return {act["actor"], *(act["shown"] or "").split("|")}


def test_every_change_is_found_with_its_people_ticket_and_time(acts: Acts, authors: dict[str, str]) -> None:
    rows = truth()
    assert len(rows) == 224
    for row in rows:
        told = acts[row["commit"]]
        done = of_change(told, row)
        assert done, row
        for act in done:
            assert set(row["executor"]) <= names(act), row
            assert act["at"] == row["time"].replace("Z", ".000Z"), row
            assert act["ticket"] in row["ticket"] if row["ticket"] else act["ticket"] == act["session"], row
            same = [
                one
                for one in told
                if (one["subject"], one["entitlement"]) == (act["subject"], act["entitlement"])
            ]
            asked = [one for one in same if one["verb"] == "request"]
            assert all({row["author"], authors[row["commit"]]} & names(one) for one in asked) and asked, row
            approved = [one for one in same if one["verb"] == "approve"]
            assert all(any(name in names(one) for one in approved) for name in row["approver"]), row
            assert all(names(one) & set(row["approver"]) for one in approved), row


def test_nothing_else_is_given_or_taken(acts: Acts) -> None:
    """Keys that come with a new account are grants of their own here, and no change of their own there."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in truth():
        rows.setdefault(row["commit"], []).append(row)
    for commit, told in acts.items():
        expected = {id(act) for row in rows.get(commit, []) for act in of_change(told, row)}
        for act in told:
            if (
                act["verb"] in ("grant", "revoke", "disable", "create", "delete", "change-rule")
                and id(act) not in expected
            ):
                assert str(act["entitlement"]).startswith("credential:"), (
                    commit,
                    act["verb"],
                    act["entitlement"],
                )
