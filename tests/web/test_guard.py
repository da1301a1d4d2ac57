"""Who is answered, which pages there are, and what a browser may do with them."""

from pathlib import Path
from typing import Any

import pytest
from tests.show.fakes import case_file, fake_questions
from tests.web.asked import get

from tracer.errors import UsageError
from tracer.web.access import Door, access, only_this_machine
from tracer.web.guard import ENTER, policy
from tracer.web.server import datasette_for

GRANT = "a1" * 10


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fake_questions(monkeypatch)
    return case_file(tmp_path / "case.db")


@pytest.fixture
def datasette(case: Path) -> Any:
    return datasette_for(case)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8001", "[::1]:8001", "LOCALHOST:9", "127.0.0.1"])
def test_names_of_this_machine_are_answered(datasette: Any, host: str) -> None:
    assert get(datasette, "/", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8001",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8001",
        "evil.example@127.0.0.1",
        "localhost:8001:8001",
        "localhost, evil.example",
        "192.0.2.7:8001",
        "0.0.0.0:8001",
        "",
    ],
)
def test_another_name_is_refused_in_one_sentence(datasette: Any, host: str) -> None:
    answer = get(datasette, "/case/records.json", Host=host)
    assert answer.status_code == 421
    assert answer.text.count("\n") == 1
    assert "--allow-host" in answer.text


def test_names_that_were_given_are_answered(case: Path) -> None:
    open_to = access("0.0.0.0", allowed=["Forensics.corp.example"], trust=True)
    datasette = datasette_for(case, open_to)
    for host in ("forensics.corp.example:8001", "192.0.2.7:8001", "localhost"):
        assert get(datasette, "/", Host=host).status_code == 200
    assert get(datasette, "/", Host="evil.example").status_code == 421


def test_others_are_let_in_only_when_that_is_said() -> None:
    with pytest.raises(UsageError, match="--auth"):
        access("0.0.0.0")
    with pytest.raises(UsageError, match="--auth"):
        access("192.0.2.7")
    with pytest.raises(UsageError, match="--auth"):
        access("")
    with pytest.raises(UsageError, match="no name of a machine"):
        access("127.0.0.1", allowed=["http://corp.example/"])
    assert access("127.0.0.1").sql is False
    assert access("0.0.0.0", trust=True).sql is True
    assert only_this_machine("localhost") and not only_this_machine("0.0.0.0")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
    ],
)
def test_what_a_page_of_another_site_asks_is_refused(datasette: Any, headers: dict[str, str]) -> None:
    assert get(datasette, "/case/records.json", **headers).status_code == 403


def test_a_link_that_somebody_follows_is_answered(datasette: Any) -> None:
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert get(datasette, f"/-/trace/{GRANT}", **followed).status_code == 200
    assert get(datasette, "/", Origin="http://localhost").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_is_written(datasette: Any, method: str) -> None:
    assert get(datasette, "/case/record", method).status_code == 405


@pytest.mark.parametrize(
    "path",
    [f"/-/{page}{form}" for page in (
        "threads", "plugins", "versions", "settings", "metadata", "databases", "actor", "config",
    ) for form in ("", ".json")]
    + [f"/-/{page}" for page in ("logout", "allow-debug", "permissions", "messages", "patterns", "auth-token")]
    + ["/case.db", "/case.db?x=1", "/_internal", "/_internal.json", "/_memory", "/:memory:", "/other",
       f"/case/records/{'22' * 10}.blob?_blob_column=raw", "/-/../-/versions", "//-/versions", "/%2D/versions"],
)  # fmt: skip
def test_pages_that_tell_of_the_machine_and_files_are_not_there(datasette: Any, path: str) -> None:
    answer = get(datasette, path)
    assert answer.status_code in (403, 404)
    assert "/" not in answer.text.replace("</", "") or "sqlite" not in answer.text.lower()


@pytest.mark.parametrize(
    "path", ["/", "/.json", "/case", "/case.json", "/case/nothing", "/case/records.json"]
)
def test_no_page_shows_where_the_case_lies(datasette: Any, case: Path, path: str) -> None:
    assert str(case.parent) not in get(datasette, path).text


@pytest.mark.parametrize(
    "path",
    ["/", "/case", "/case/records", "/case/records.json", "/case/records.csv", "/case/nothing", "/-/versions",
     "/case/wrong-access", f"/-/trace/{GRANT}", "/-/static/app.css", "/favicon.ico"],
)  # fmt: skip
def test_every_answer_is_kept_to_itself(datasette: Any, path: str) -> None:
    headers = get(datasette, path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "'unsafe-eval'" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in headers if name.startswith("access-control-")]


def test_only_the_scripts_of_datasette_run() -> None:
    scripts = policy().partition("script-src ")[2].partition(";")[0].split()
    assert scripts[0] == "'self'"
    assert len(scripts) >= 4
    assert all(one.startswith("'sha256-") for one in scripts[1:])


def test_sql_of_ones_own_needs_auth_or_trust(case: Path) -> None:
    closed = datasette_for(case)
    assert get(closed, "/case.json?sql=select+1").status_code == 403
    assert get(closed, "/case/records.json?_where=1").status_code == 403
    assert 'name="sql"' not in get(closed, "/case").text
    opened = datasette_for(case, access("127.0.0.1", trust=True))
    answer = get(opened, "/case.json?sql=select+id,+ordinal+from+records&_shape=array")
    assert answer.json() == [{"id": "22" * 10, "ordinal": 12}]
    assert get(opened, "/case?sql=select+id+from+records+where+ordinal=:n&n=12").status_code == 200
    assert get(opened, "/case/records.json?_where=1").status_code == 403


@pytest.mark.parametrize(
    "sql",
    [
        "with x as (select 1) delete from records",
        "select load_extension('x')",
        "select * from pragma_journal_mode",
        "attach 'x' as y",
        "pragma writable_schema=1",
        "select 1; select 2",
        "select nothing from nowhere",
    ],
)
def test_sql_only_reads(case: Path, sql: str) -> None:
    from urllib.parse import quote

    opened = datasette_for(case, access("127.0.0.1", trust=True))
    answer = get(opened, f"/case.json?sql={quote(sql)}")
    assert answer.status_code == 400
    assert str(case.parent) not in answer.text


def test_a_failure_is_said_on_the_page_alone(datasette: Any, capfd: pytest.CaptureFixture[str]) -> None:
    assert get(datasette, "/case/nothing").status_code == 404
    assert get(datasette, "/case/records?_sort=nothing").status_code == 500
    assert get(datasette, "/case/record?_timelimit=x").status_code == 500
    assert get(datasette, "/case/records.json?raw__date=2026").status_code == 200
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err
    assert "raw" not in said.out + said.err


def test_a_browser_is_let_in_once_per_token(case: Path) -> None:
    tokens: list[str] = []
    door = Door(tokens.append)
    datasette = datasette_for(case, access("127.0.0.1", door=door))
    door.open()
    assert get(datasette, "/").status_code == 401
    assert get(datasette, "/-/static/app.css").status_code == 401
    assert get(datasette, f"{ENTER}?token=wrong").status_code == 403
    assert get(datasette, ENTER).status_code == 403
    entered = get(datasette, f"{ENTER}?token={tokens[0]}")
    assert entered.status_code == 200
    kept, *how = entered.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(how)
    assert get(datasette, "/", Cookie=kept).status_code == 200
    assert get(datasette, "/", Cookie=f"{kept}x").status_code == 401
    assert get(datasette, f"{ENTER}?token={tokens[0]}").status_code == 403
    assert len(tokens) == 2 and tokens[0] != tokens[1]


def test_a_reader_who_was_let_in_may_ask_sql(case: Path) -> None:
    tokens: list[str] = []
    door = Door(tokens.append)
    datasette = datasette_for(case, access("127.0.0.1", door=door))
    door.open()
    kept = get(datasette, f"{ENTER}?token={tokens[0]}").headers["set-cookie"].partition(";")[0]
    assert get(datasette, "/case.json?sql=select+1", Cookie=kept).status_code == 200
