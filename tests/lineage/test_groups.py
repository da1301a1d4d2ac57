"""Who is in a group holds what it holds; a wrong link shows wherever it leads, and is one finding."""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

from tests.story import Judged, Story

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.who import who
from tracer.questions.why import why
from tracer.show.report import gather_grant, html, markdown
from tracer.show.terminal import Terminal
from tracer.show.who import who_text
from tracer.show.why import why_text

AT, LATER, END = "2026-02-02T08:00:00Z", "2026-02-10T08:00:00Z", "2026-04-30T08:00:00Z"
RULE = 'identity.department == "Finance"'
FINE: dict[str, Any] = {"rule": "R-ERP", "rule_version": 1, "inputs": {"department": "Finance"}}


GROUP: dict[str, Any] = {"rule": "R-GROUPS", "rule_version": 1, "inputs": {"name": "any"}}


def story(*groups: str) -> Story:
    """An organisation with groups, a rule that grants all, and tickets in evidence for the whole time."""
    told = Story().rule(RULE, grants=[{"system": "erp", "entitlement": "*"}]).person("nora.weber")
    told.rule("true", "R-GROUPS", grants=[{"system": "erp", "entitlement": "*"}])
    for group in groups:
        told.identity(group, "group", accounts=[{"system": "erp", "name": group}])
    return told.ticket_export("2026-01-01T08:00:00Z", END).until(END)


def held(judged: Judged, entitlement: str = "gl-poster") -> list[dict[str, Any]]:
    return who(judged.connection, entitlement, system="erp")


def of(rows: list[dict[str, Any]], identity: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["identity"].startswith(identity)]


def test_a_member_holds_what_the_group_holds_while_both_last(tmp_path: Path) -> None:
    told = story("ledger-team")
    told.act(AT, "grant", "ledger-team", "gl-poster", executor="erp-engine", **GROUP)
    told.grant(LATER, "nora.weber", "ledger-team", **FINE)
    told.act(
        "2026-03-01T08:00:00Z", "revoke", "nora.weber@corp.example", "ledger-team", executor="erp-engine"
    )
    (row,) = of(held(told.judge(tmp_path)), "nora")
    assert (row["path"], row["granted_at"], row["ended_at"]) == (
        "through ledger-team", "2026-02-10T08:00:00.000Z", "2026-03-01T08:00:00.000Z",
    )  # fmt: skip
    assert (row["verdict"], row["ended_by"]) == ("conforming", "membership")
    assert (row["basis"], row["rule"], row["rule_version"]) == ("rule", "R-GROUPS", "1")


def test_an_account_that_holds_something_and_that_others_are_granted_is_a_group_though_no_register_says_so(
    tmp_path: Path,
) -> None:
    told = story().act(AT, "grant", "ledger-team", "gl-poster", executor="erp-engine", **GROUP)
    told.grant(LATER, "nora.weber", "ledger-team", **FINE)
    (row,) = of(held(told.judge(tmp_path)), "nora")
    assert row["path"] == "through ledger-team"


def test_access_that_ended_before_the_membership_began_is_not_inherited(tmp_path: Path) -> None:
    told = story("ledger-team")
    told.act(AT, "grant", "ledger-team", "gl-poster", executor="erp-engine", **GROUP)
    told.act(LATER, "revoke", "ledger-team", "gl-poster", executor="erp-engine")
    told.grant("2026-03-01T08:00:00Z", "nora.weber", "ledger-team", **FINE)
    assert of(held(told.judge(tmp_path)), "nora") == []


def test_direct_and_inherited_paths_are_kept_apart(tmp_path: Path) -> None:
    told = story("ledger-team", "auditors")
    for group in ("ledger-team", "auditors"):
        told.act(AT, "grant", group, "gl-poster", executor="erp-engine", **GROUP)
        told.grant(LATER, "nora.weber", group, **FINE)
    told.grant(LATER, "nora.weber", **FINE)
    judged = told.judge(tmp_path)
    assert sorted(row["path"] for row in of(held(judged), "nora")) == [
        "direct", "through auditors", "through ledger-team",
    ]  # fmt: skip
    answer = judged.why("nora.weber")
    assert len(answer["paths"]) == 2


def test_a_wrong_membership_is_one_finding_and_shows_on_what_is_inherited(tmp_path: Path) -> None:
    told = story("ledger-team")
    told.act(AT, "grant", "ledger-team", "gl-poster", executor="erp-engine", **GROUP)
    told.act(AT, "grant", "ledger-team", "gl-reader", executor="erp-engine", **GROUP)
    told.grant(LATER, "nora.weber", "ledger-team")
    judged = told.judge(tmp_path)
    answer = judged.why("nora.weber")
    assert (answer["verdict"], answer["root"]["mode"]) == ("wrong-access", "no-decision")
    assert answer["grant"]["via"] == "ledger-team"
    assert answer["grant"]["wrong_since"] == "2026-02-10T08:00:00.000Z"
    assert (
        judged.connection.execute("SELECT count(*) FROM findings WHERE mode = 'no-decision'").fetchone()[0]
        == 1
    )
    assert why(judged.connection, "ledger-team", "gl-poster")[0]["verdict"] == "conforming"
    assert len(why(judged.connection, "nora.weber@corp.example")) == 1


def test_the_groups_own_wrong_grant_shows_on_its_members(tmp_path: Path) -> None:
    told = story("ledger-team")
    told.act(AT, "grant", "ledger-team", "gl-poster", executor="desk-bot")
    told.grant(LATER, "nora.weber", "ledger-team", **FINE)
    judged = told.judge(tmp_path)
    assert judged.why("nora.weber")["root"]["mode"] == "no-decision"
    assert judged.why("nora.weber", "ledger-team")["verdict"] == "conforming"


def test_of_several_ways_into_a_group_the_best_counts(tmp_path: Path) -> None:
    told = story("staff", "interns", "ledger-team")
    told.act(AT, "grant", "ledger-team", "gl-poster", executor="erp-engine", **GROUP)
    for group in ("staff", "interns"):
        told.act(AT, "grant", group, "ledger-team", executor="erp-engine", **GROUP)
    told.grant(LATER, "nora.weber", "interns")
    told.grant(LATER, "nora.weber", "staff", **FINE)
    judged = told.judge(tmp_path)
    assert judged.why("nora.weber")["verdict"] == "conforming"
    assert judged.why("nora.weber", "interns")["verdict"] == "wrong-access"


def test_a_circle_of_groups_ends(tmp_path: Path) -> None:
    told = story("staff", "ledger-team")
    told.act(AT, "grant", "ledger-team", "gl-poster", executor="erp-engine", **GROUP)
    told.act(AT, "grant", "ledger-team", "staff", executor="erp-engine", **GROUP)
    told.act(AT, "grant", "staff", "ledger-team", executor="erp-engine", **GROUP)
    told.grant(LATER, "nora.weber", "staff", **FINE)
    judged = told.judge(tmp_path)
    assert [row["path"] for row in of(held(judged), "nora")] == ["through ledger-team"]


def cloudtrail(name: str, at: str, number: int, **request: str) -> dict[str, Any]:
    return {
        "eventVersion": "1.08", "eventID": f"e-{number}", "eventTime": at, "eventSource": "iam.amazonaws.com",
        "eventName": name, "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/admin", "accountId": "111122223333"},
        "requestParameters": request, "responseElements": None,
    }  # fmt: skip


def test_a_group_of_aws_is_its_arn_and_only_of_its_own_account(tmp_path: Path) -> None:
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    records = [
        cloudtrail("AttachGroupPolicy", AT, 1, groupName="Admins", policyArn=policy),
        cloudtrail("AddUserToGroup", LATER, 2, groupName="admins", userName="nora"),
        cloudtrail("AddUserToGroup", LATER, 3, groupName="admins", userName="ida")
        | {"recipientAccountId": "999900001111"},
    ]
    (tmp_path / "trail.json").write_text(json.dumps({"Records": records}))
    ingest(tmp_path / "case.db", [str(tmp_path / "trail.json")])
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    rows = who(connection, "AdministratorAccess")
    through = {row["account"]: row["path"] for row in rows if row["path"] != "direct"}
    assert through == {
        "arn:aws:iam::111122223333:user/nora": "through arn:aws:iam::111122223333:group/Admins"
    }


def layers(connection: sqlite3.Connection, depth: int, spread: bool) -> None:
    """A user below `depth` layers of two groups, each in both of the next; `spread`: every edge with times of its own."""
    connection.execute("DELETE FROM grants")
    accounts = [("user", None)] + [(f"g{n}{side}", "group") for n in range(depth) for side in "ab"]
    connection.executemany(
        "INSERT INTO accounts (id, system, name, kind) VALUES (?, 'x', ?, ?)",
        [(n, n, k) for n, k in accounts],
    )
    connection.executemany(
        "INSERT INTO entitlements (id, system, name, kind) VALUES (?, 'x', ?, ?)",
        [("e" + n, n, k) for n, k in accounts[1:]] + [("top", "top", "policy")],
    )
    edges = [("user", f"eg0{side}") for side in "ab"]
    edges += [(f"g{n}{one}", f"eg{n + 1}{two}") for n in range(depth - 1) for one in "ab" for two in "ab"]
    edges += [(f"g{depth - 1}{side}", "top") for side in "ab"]
    connection.executemany(
        """INSERT INTO grants (id, account_id, entitlement_id, granted_at, first_sign_at, ended_at, basis, verdict)
           VALUES (?, ?, ?, ?, ?, ?, 'none', 'conforming')""",
        [
            (f"{member}-{held}", member, held, at := f"2026-01-01T00:{n if spread else 0:02d}:00.000Z", at,
             f"2026-02-01T00:{n * 37 % 60:02d}:00.000Z" if spread else None)
            for n, (member, held) in enumerate(edges)
        ],
    )  # fmt: skip


def test_eighteen_layers_of_two_groups_take_a_moment(tmp_path: Path) -> None:
    from tracer.case.functions import add_functions
    from tracer.lineage.groups import build_groups
    from tracer.lineage.inherited import build_inherited

    for spread in (False, True):
        connection = open_case(tmp_path / f"{spread}.db", create=True)
        add_functions(connection)
        layers(connection, 18, spread)
        began = time.monotonic()
        build_groups(connection)
        build_inherited(connection)
        assert time.monotonic() - began < 10
        (pairs,) = connection.execute("SELECT count(*) FROM reaches WHERE member_id = 'user'").fetchone()
        assert pairs == 36
        paths = connection.execute(
            "SELECT via FROM grants WHERE entitlement_id = 'top' AND account_id = 'user'"
        )
        assert sorted(row[0] for row in paths) == ["g17a", "g17b"]


def reading(*uses: str, left: str | None = None) -> Story:
    """She is among the clerks, they among the posters, and these hold the role that she uses."""
    told = story("posters", "clerks").policy(review_interval="P20D")
    told.act(AT, "grant", "posters", "gl-poster", executor="erp-engine", **GROUP)
    told.act(AT, "grant", "clerks", "posters", executor="erp-engine", **GROUP)
    told.grant(LATER, "nora.weber", "clerks", **FINE)
    if left:
        told.act(left, "revoke", "nora.weber@corp.example", "clerks", executor="erp-engine")
    for at in uses:
        told.act(at, "use", "nora.weber@corp.example", "gl-poster", executor="nora.weber@corp.example")
    return told


OFTEN = ("2026-02-20T08:00:00Z", "2026-03-10T08:00:00Z", "2026-03-29T08:00:00Z", "2026-04-15T08:00:00Z")


def test_what_is_used_through_groups_needs_no_grant_of_its_own(tmp_path: Path) -> None:
    judged = reading(*OFTEN).judge(tmp_path)
    assert (
        judged.connection.execute("SELECT count(*) FROM grants WHERE granted_at IS NULL").fetchone()[0] == 0
    )
    assert judged.modes("nora.weber") == set()


def test_what_is_used_after_the_group_was_left_is_access_that_no_log_tells_of(tmp_path: Path) -> None:
    judged = reading(*OFTEN, left="2026-03-20T08:00:00Z").judge(tmp_path)
    rows = judged.connection.execute(
        "SELECT g.first_sign_at, r.raw FROM grants g JOIN records r ON r.id = g.record_id WHERE g.granted_at IS NULL"
    ).fetchall()
    assert [row[0] for row in rows] == ["2026-03-29T08:00:00.000Z"]
    assert "2026-03-29T08:00:00Z" in rows[0][1]


def test_what_was_used_before_the_group_was_joined_is_too(tmp_path: Path) -> None:
    judged = reading("2026-02-05T08:00:00Z", *OFTEN).judge(tmp_path)
    assert [
        row[0]
        for row in judged.connection.execute("SELECT first_sign_at FROM grants WHERE granted_at IS NULL")
    ] == ["2026-02-05T08:00:00.000Z"]


def idle(judged: Judged) -> dict[str, str]:
    """Entitlement -> whether it is said to be unused, of what was granted in a log."""
    return dict(
        judged.connection.execute(
            """SELECT e.name, c.verdict FROM checks c JOIN grants g ON g.id = c.grant_id
               JOIN entitlements e ON e.id = g.entitlement_id WHERE c.mode = 'unused-unreviewed' AND g.granted_at IS NOT NULL"""
        ).fetchall()
    )


def test_a_membership_and_what_a_group_holds_are_used_by_the_members(tmp_path: Path) -> None:
    often = reading(*OFTEN).judge(tmp_path / "often")
    assert idle(often) == {"clerks": "pass", "posters": "pass", "gl-poster": "pass"}
    seldom = reading(OFTEN[0], OFTEN[3]).judge(tmp_path / "seldom")
    assert idle(seldom) == {"clerks": "fail", "posters": "fail", "gl-poster": "fail"}


def test_access_through_groups_in_groups_says_which_memberships_of_ones_own_lead_to_it(
    tmp_path: Path,
) -> None:
    told = story("staff", "interns", "ledger-team")
    told.act(AT, "grant", "ledger-team", "gl-poster", executor="erp-engine", **GROUP)
    for group in ("staff", "interns"):
        told.act(AT, "grant", group, "ledger-team", executor="erp-engine", **GROUP)
    told.grant(LATER, "nora.weber", "staff", **FINE)
    told.grant("2026-03-01T08:00:00Z", "nora.weber", "interns", **FINE)
    judged = told.judge(tmp_path)
    (row,) = of(held(judged), "nora")
    assert (row["via"], row["through"]) == ("ledger-team", ["interns", "staff"])
    (row,) = of(who(judged.connection, "gl-poster", at="2026-02-20T08:00:00.000Z"), "nora")
    assert row["through"] == ["staff"]
    text = who_text([row], "gl-poster", None, Terminal(), cut=False)
    assert "through staff to ledger-team" in text
    answer = judged.why("nora.weber")
    assert answer["grant"]["through"] == ["interns", "staff"]
    assert answer["grant"]["link"]["account"] in (
        "ledger-team",
        "staff",
        "interns",
        "nora.weber@corp.example",
    )
    shown = why_text([answer], Terminal())
    assert "gl-poster in erp through interns, staff to ledger-team, granted" in " ".join(shown.split())
    assert "the link that decides" in shown
    report = gather_grant(judged.connection, answer["grant"]["id"], "One grant", pictures=False)
    for written in (html(report), markdown(report)):
        assert "through interns, staff to ledger" in written.replace("\\", "")
