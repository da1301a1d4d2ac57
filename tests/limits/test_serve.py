"""Limits of the pages: at the limit they are shown, one beyond the page says why not."""

import asyncio
import http.client
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.limits.lowered import lowered
from tests.web.asked import get

from tracer.case.opening import open_case
from tracer.web import question
from tracer.web.access import Door, access
from tracer.web.connection import confine, prepare
from tracer.web.question import Answered, Asked, answer
from tracer.web.server import datasette_for, listening, server_for

GRANT = "a1" * 10


@pytest.fixture
def case(tmp_path: Path) -> Path:
    open_case(tmp_path / "case.db", create=True).close()
    return tmp_path / "case.db"


@pytest.fixture
def connection() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


def test_browsers_that_are_let_in() -> None:
    tokens: list[str] = []
    door = Door(tokens.append)
    door.open()
    with lowered("web.access.SESSIONS", 2):
        first, second = (str(door.enter(tokens[-1])) for _ in range(2))
        assert door.knows(first) and door.knows(second)
        third = str(door.enter(tokens[-1]))
        assert not door.knows(first) and door.knows(second) and door.knows(third)


def test_the_length_of_an_address(case: Path) -> None:
    datasette = datasette_for(case)
    with lowered("web.guard.LONGEST", 20):
        assert get(datasette, "/case?" + "x" * 15).status_code == 200
        beyond = get(datasette, "/case?" + "x" * 16)
    assert beyond.status_code == 414 and "20" in beyond.text


def test_the_size_of_a_value(connection: sqlite3.Connection) -> None:
    with lowered("web.connection.VALUE", 2000):
        confine(connection)
    assert len(connection.execute("SELECT zeroblob(2000)").fetchone()[0]) == 2000
    with pytest.raises(sqlite3.DataError, match="too big"):
        connection.execute("SELECT zeroblob(2001)").fetchone()


def test_the_size_of_all_rows_of_an_answer(connection: sqlite3.Connection) -> None:
    with lowered("web.connection.ANSWER", 10):
        confine(connection)
    for _ in range(2):
        assert len(connection.execute("SELECT 'aaaaa' UNION ALL SELECT 'aaaaa'").fetchall()) == 2
    with pytest.raises(sqlite3.OperationalError, match="fewer rows"):
        connection.execute("SELECT 'aaaaa' UNION ALL SELECT 'aaaaaa'").fetchall()


def test_the_length_of_a_pattern(connection: sqlite3.Connection) -> None:
    with lowered("web.connection.PATTERN", 10):
        confine(connection)
    assert connection.execute("SELECT 'a' LIKE '%%%%%%%%%a'").fetchone()[0] == 1
    with pytest.raises(sqlite3.OperationalError, match="too complex"):
        connection.execute("SELECT 'a' LIKE '%%%%%%%%%%a'").fetchone()


def test_the_length_of_what_our_functions_take(connection: sqlite3.Connection) -> None:
    prepare(connection)
    with lowered("web.connection.ARGUMENT", 5):
        assert connection.execute("SELECT fold('AAAAA')").fetchone()[0] == "aaaaa"
        with pytest.raises(sqlite3.DataError, match="too big"):
            connection.execute("SELECT fold('AAAAAA')").fetchone()


def test_how_long_the_page_of_a_grant_asks(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def story(steps: int) -> int:
        def ask(connection: sqlite3.Connection, *_: object) -> str:
            counted = f"WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t LIMIT {steps}) SELECT count(*) FROM t"
            return str(connection.execute(counted).fetchone()[0])

        monkeypatch.setattr("tracer.web.plugin._story", ask)
        return int(get(datasette_for(case), f"/-/trace/{GRANT}").status_code)

    connection = open_case(case)
    connection.execute("INSERT INTO grants (id) VALUES (?)", [GRANT])
    connection.commit()
    connection.close()
    with lowered("web.plugin.PATIENCE", 1):
        assert story(10) == 200
        assert story(10**12) == 400


def test_how_long_a_question_runs(case: Path) -> None:
    endless = "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t"
    with lowered("web.question.SECONDS", 1):
        assert answer(Asked(str(case), "SELECT 1", {}, None)).rows == [[1]]
        assert answer(Asked(str(case), endless, {}, None)).interrupted


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is the system's")
def test_the_memory_of_a_question(case: Path) -> None:
    def ask(columns: int) -> Answered:
        sql = "SELECT " + ", ".join(["zeroblob(10000000)"] * columns)
        return question.Questions().ask(Asked(str(case), sql, {}, None))

    with lowered("web.question.MEMORY", 300_000_000):
        assert ask(1).columns and not ask(1).error
        beyond = ask(50)
    assert "memory" in beyond.error and not beyond.rows


def test_questions_at_a_time(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    most: list[int] = []

    def ask(_self: object, _asked: Asked) -> Answered:
        running.append(1)
        most.append(len(running))
        time.sleep(0.3)
        running.pop()
        return Answered(["x"], [[1]])

    monkeypatch.setattr(question.Questions, "ask", ask)
    with lowered("web.question.AT_A_TIME", 2):
        datasette = datasette_for(case, access("127.0.0.1", trust=True))

    async def three() -> list[int]:
        await datasette.invoke_startup()
        asked = (datasette.client.get("/case.json?sql=select+1") for _ in range(3))
        return [page.status_code for page in await asyncio.gather(*asked)]

    assert asyncio.run(three()) == [200] * 3
    assert max(most) == 2


def test_connections_at_a_time(case: Path) -> None:
    sockets = listening("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    with lowered("web.server.CONNECTIONS", 2):
        server = server_for(datasette_for(case))
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    idle = socket.create_connection(("127.0.0.1", port), timeout=20)
    try:
        second, third = (http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(2))
        for one, status in ((second, 200), (third, 503)):
            one.request("GET", "/-/static/app.css")
            answered = one.getresponse()
            answered.read()
            assert answered.status == status
        second.close()
        third.close()
    finally:
        idle.close()
        server.should_exit = True
        thread.join(timeout=20)
