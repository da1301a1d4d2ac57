"""What a real PostgreSQL server with pgaudit logged, against what the server itself says who holds."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.servers.postgres import Server, programs, server

from tracer.case.opening import open_case
from tracer.case.times import parse_iso
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

STEPS = [
    ("postgres", "CREATE EXTENSION pgaudit; CREATE ROLE readers; CREATE ROLE writers; CREATE ROLE owners CREATEROLE CREATEDB;"),
    ("postgres", "CREATE TABLE ledger (a int); GRANT SELECT ON ledger TO readers; GRANT INSERT, UPDATE (a) ON TABLE ledger TO writers;"),
    ("postgres", "CREATE USER chief PASSWORD 'x' VALID UNTIL '2031-01-01'; GRANT owners TO chief; ALTER ROLE chief CREATEROLE;"),
    ("chief", 'CREATE ROLE "Bo Ek" LOGIN;\nCREATE ROLE ida LOGIN IN ROLE readers, writers;\ncreate role temp login;'),
    ("chief", 'GRANT readers\n  TO "Bo Ek", temp -- everybody\n; GRANT writers TO readers;'),
    ("chief", "REVOKE writers FROM ida; DROP ROLE temp; ALTER ROLE ida VALID UNTIL '2030-06-30 12:00:00+02';"),
    ("postgres", "ALTER GROUP owners ADD USER ida; ALTER ROLE ida CREATEDB; ALTER ROLE owners NOCREATEDB; REVOKE INSERT ON ledger FROM writers;"),
    ("postgres", "SET ROLE readers; RESET ROLE; ALTER ROLE ida PASSWORD 'y'; ALTER ROLE chief RENAME TO captain;"),
]  # fmt: skip
REFUSED = ("ida", "ALTER ROLE ida SUPERUSER;")


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[Server, dict[str, set[tuple[str, ...]]]]]:
    """A server on which everything was done, with what it says is held."""
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL with pgaudit on this machine; .ci/run installs it")
    with server(found) as one:
        for user, statements in STEPS:
            one.sql(statements, user)
        one.sql(REFUSED[1], REFUSED[0], fails=True)
        truth = {
            "members": _rows(one, "SELECT m.rolname, r.rolname FROM pg_auth_members x JOIN pg_roles m ON m.oid = x.member JOIN pg_roles r ON r.oid = x.roleid WHERE r.rolname !~ '^pg_'"),
            "roles": _rows(one, "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'"),
            "attributes": _rows(one, "SELECT rolname, a FROM pg_roles, LATERAL (VALUES ('LOGIN', rolcanlogin), ('SUPERUSER', rolsuper), ('CREATEDB', rolcreatedb), ('CREATEROLE', rolcreaterole)) v(a, b) WHERE b AND rolname !~ '^pg_' AND rolname <> 'postgres'"),
            "until": _rows(one, "SELECT rolname, to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') FROM pg_roles WHERE rolvaliduntil IS NOT NULL"),
            "privileges": _rows(one, "SELECT grantee, privilege_type FROM information_schema.table_privileges WHERE table_name = 'ledger' AND grantee NOT IN ('postgres', 'PUBLIC')"),
        }  # fmt: skip
        one.stop()
        yield one, truth


def _rows(one: Server, query: str) -> set[tuple[str, ...]]:
    return {tuple(line.split("|")) for line in one.sql(query).splitlines() if line}


@pytest.fixture(params=["server.csv", "server.json", "server.log"])
def case(
    request: pytest.FixtureRequest, ran: tuple[Server, dict[str, set[tuple[str, ...]]]], case_path: Path
) -> sqlite3.Connection:
    """The case from one of the three logs that the server wrote."""
    log = ran[0].folder / "log" / request.param
    if not log.exists():
        pytest.skip(f"this version of PostgreSQL writes no {request.param}")
    text = log.read_text(encoding="utf-8")
    copy = case_path.with_name(request.param)
    # A text log says the zone in letters only, which may mean several; here it is known.
    copy.write_text(
        text.replace(" IST [", " +05:30 [") if request.param == "server.log" else text, encoding="utf-8"
    )
    ingest(case_path, [str(copy)])
    connection = open_case(case_path)
    judge(connection)
    return connection


def _held(connection: sqlite3.Connection, kind: str) -> set[tuple[str, ...]]:
    return {
        (row[0], row[1])
        for row in connection.execute(
            """SELECT a.name, e.name FROM grants g JOIN accounts a ON a.id = g.account_id
               JOIN entitlements e ON e.id = g.entitlement_id
               WHERE g.ended_at IS NULL AND e.kind = ? AND g.via IS NULL""",
            (kind,),
        )
    }


def test_memberships_are_those_that_the_server_holds(
    ran: tuple[Server, dict[str, set[tuple[str, ...]]]], case: sqlite3.Connection
) -> None:
    assert {(m.replace("captain", "chief"), r) for m, r in ran[1]["members"]} == _held(case, "role")


def test_attributes_are_those_that_the_server_holds(
    ran: tuple[Server, dict[str, set[tuple[str, ...]]]], case: sqlite3.Connection
) -> None:
    assert {(m.replace("captain", "chief"), r) for m, r in ran[1]["attributes"]} == _held(case, "attribute")


def test_privileges_are_those_that_the_server_holds(
    ran: tuple[Server, dict[str, set[tuple[str, ...]]]], case: sqlite3.Connection
) -> None:
    held = {(who, name.partition(":")[2]) for who, name in _held(case, "permission") if "(" not in name}
    assert held == ran[1]["privileges"] - {("writers", "UPDATE")}


def test_every_act_names_who_did_it_where_the_log_does_and_a_refused_one_made_no_grant(
    case: sqlite3.Connection,
) -> None:
    rows = {
        (row[0], row[1], row[2])
        for row in case.execute(
            """SELECT e.name, a.name, v.outcome FROM events v JOIN entitlements e ON e.id = v.entitlement_id
               LEFT JOIN accounts a ON a.id = v.actor_id"""
        )
    }
    # PostgreSQL's own log_line_prefix has no user; csvlog and jsonlog always say who.
    silent = case.execute("SELECT source FROM evidence").fetchone()[0] == "postgresql-log"
    assert {row for row in rows if row[0] == "SUPERUSER"} == {
        ("SUPERUSER", None if silent else "ida", "failure")
    }
    assert {row[1] for row in rows} == ({None} if silent else {"postgres", "chief", "ida"})


def test_the_end_that_was_set_last_stands(
    ran: tuple[Server, dict[str, set[tuple[str, ...]]]], case: sqlite3.Connection
) -> None:
    told = {
        (row[0], row[1][:19])
        for row in case.execute(
            """SELECT a.name, v.expires_at FROM events v JOIN accounts a ON a.id = v.subject_id
               WHERE v.expires_at IS NOT NULL ORDER BY v.at"""
        )
    }
    assert ("ida", "2030-06-30T10:00:00") in told
    assert {end for _, end in told} <= {end for _, end in ran[1]["until"]}


def test_times_are_utc_whatever_zone_the_server_logs_in(case: sqlite3.Connection) -> None:
    first, last, read = case.execute(
        "SELECT min(at), max(at), (SELECT read_at FROM evidence) FROM events"
    ).fetchone()
    assert parse_iso(read) - timedelta(minutes=20) < parse_iso(first) <= parse_iso(last) <= parse_iso(read)
