"""Our Datasette plugin, without a browser."""

import asyncio
import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.show.fakes import HOSTILE_GRANT, case_file, fake_questions

from tracer.case.opening import open_case
from tracer.case.schema import TABLES
from tracer.questions.canned import canned
from tracer.web.server import datasette_for

WRONG_GRANT = "a1" * 10


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fake_questions(monkeypatch)
    return case_file(tmp_path / "odd name.sqlite3")


def get(datasette: Any, path: str) -> Any:
    async def fetch() -> Any:
        await datasette.invoke_startup()
        return await datasette.client.get(path)

    return asyncio.run(fetch())


def test_every_table_and_column_is_described_and_nothing_else() -> None:
    described = json.loads(Path("datasette-metadata.json").read_text(encoding="utf-8"))["tables"]
    assert {name: list(table.types()) for name, table in TABLES.items()} == {
        name: list(table["columns"]) for name, table in described.items()
    }
    assert all(table["description"] and all(table["columns"].values()) for table in described.values())


def test_facets_are_on_columns_with_an_index() -> None:
    described = json.loads(Path("datasette-metadata.json").read_text(encoding="utf-8"))["tables"]
    for name, table in described.items():
        for column in table.get("facets", []):
            assert any(columns[0] == column for columns in TABLES[name].indexes), (name, column)


def test_the_metadata_applies_whatever_the_case_is_called(case: Path) -> None:
    page = get(datasette_for(case), "/odd+name/findings")
    assert page.status_code == 200
    assert "Every failing check, with the control and its owner at that time" in page.text
    assert "Who owned the control when it failed" in page.text


def test_every_question_answers(case: Path) -> None:
    assert {"wrong-access", "who", "blast", "controls", "assurance", "record"} <= set(canned())
    datasette = datasette_for(case)
    for name in [question.page for question in canned().values()]:
        page = get(
            datasette,
            f"/odd+name/{name}.json?_shape=array&identity=x&entitlement=y&at=z&file=f&ordinal=1&system=s&finding=x",
        )
        assert page.status_code == 200, (name, page.text)


def test_no_question_hides_a_table() -> None:
    assert {question.page for question in canned().values()} & set(TABLES) == set()


def test_the_page_of_a_grant_shows_what_analysts_said(tmp_path: Path) -> None:
    from tests.story import Story

    from tracer.questions.mark import mark

    story = Story().role(approval="required").authority("rosa.lund").person("nora.weber")
    story.ticket(
        "ACC-1", "nora.weber", "2026-02-02T08:00:00Z", [("rosa.lund", "2026-02-02T09:00:00Z")], scope="A"
    )
    story.grant("2026-02-02T10:00:00Z", "nora.weber", ticket="ACC-1")
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    answer = judged.why("nora.weber")
    mark(judged.connection, answer["root"]["id"], "disputed", "<b>no</b>", "grc")
    judged.connection.close()
    datasette = datasette_for(tmp_path / "case.db")
    page = get(datasette, f"/-/trace/{answer['grant']['id']}").text
    assert "<strong>Disputed</strong> by grc at" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    [said] = get(datasette, "/case/what-analysts-said.json?_shape=array").json()
    assert (said["grant_id"], said["disposition"]) == (answer["grant"]["id"], "disputed")
    rows = get(datasette, "/case/controls-over-time.json?_shape=array").json()
    assert len(rows) == 13
    reach = get(datasette, f"/case/blast.json?_shape=array&finding={answer['root']['id']}").json()
    assert reach == []
    [held] = get(datasette, "/case/who.json?_shape=array&entitlement=gl-poster&system=&at=").json()
    assert held["grant_id"] == answer["grant"]["id"]
    assert get(datasette, "/case/assurance.json?_shape=array").json()[0]["answer"] in ("yes", "no", "unknown")


def test_the_question_for_a_record_gives_it_as_it_stood(case: Path) -> None:
    page = get(datasette_for(case), "/odd+name/record.json?_shape=array&file=hr/workday.csv&ordinal=12")
    assert page.json()[0]["sha256"] == "ab" * 32


def test_the_page_of_a_grant_tells_its_story_and_links_to_the_rows(case: Path) -> None:
    page = get(datasette_for(case), f"/-/trace/{WRONG_GRANT}")
    assert page.status_code == 200
    assert "hr-ops@corp.example" in page.text
    assert f'href="/odd+name/grants/{WRONG_GRANT}"' in page.text
    assert 'href="/odd+name/record?file=hr%2Fworkday.csv&amp;ordinal=12"' in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_grant_that_is_not_there_is_not_found(case: Path) -> None:
    datasette = datasette_for(case)
    assert get(datasette, f"/-/trace/{'00' * 10}").status_code == 404
    assert get(datasette, "/-/trace/nothing").status_code == 404


def test_hostile_text_is_escaped_on_every_page(case: Path) -> None:
    datasette = datasette_for(case)
    for path in (
        "/",
        f"/-/trace/{HOSTILE_GRANT}",
        "/odd+name",
        "/odd+name/records",
        "/odd+name/identities",
        "/odd+name/wrong-access",
        "/odd+name/record?file=hr/workday.csv&ordinal=12",
    ):
        page = get(datasette, path)
        assert page.status_code == 200, path
        assert "<script>document.title" not in page.text, path
        assert "\x1b" not in page.text, path
        assert "\u202e" not in page.text, path


def test_the_front_page_lists_wrong_access_first(case: Path) -> None:
    text = get(datasette_for(case), "/").text
    assert f'href="/-/trace/{WRONG_GRANT}"' in text
    assert text.index("Wrong access in odd name") < text.index("rows in")


def test_whoever_may_not_see_the_case_may_not_see_the_page(case: Path) -> None:
    datasette = datasette_for(case)
    datasette._metadata_local = {"databases": {"odd name": {"allow": {"id": "somebody"}}}}
    assert get(datasette, f"/-/trace/{WRONG_GRANT}").status_code == 403
    assert "nora.weber" not in get(datasette, "/").text


def test_whoever_may_not_see_the_records_may_not_see_the_page(case: Path) -> None:
    datasette = datasette_for(case)
    datasette._metadata_local = {"databases": {"odd name": {"tables": {"records": {"allow": False}}}}}
    assert get(datasette, f"/-/trace/{WRONG_GRANT}").status_code == 403


def test_other_databases_are_left_as_they_are(case: Path, tmp_path: Path) -> None:
    from datasette.app import Datasette

    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE grants (id TEXT PRIMARY KEY, verdict TEXT)")
    connection.execute("INSERT INTO grants VALUES (?, 'x')", [WRONG_GRANT])
    connection.commit()
    connection.close()
    datasette = Datasette([str(other)])
    assert "/-/trace/" not in get(datasette, "/other/grants").text
    assert get(datasette, f"/-/trace/{WRONG_GRANT}").status_code == 404
    assert get(datasette, "/other.json").json()["queries"] == []
    assert "Wrong access" not in get(datasette, "/").text


def test_a_case_with_newer_evidence_than_verdicts_says_so(case: Path) -> None:
    connection = open_case(case)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('stale', '1')")
    connection.commit()
    connection.close()
    assert "run tracer judge" in get(datasette_for(case), f"/-/trace/{WRONG_GRANT}").text


def test_no_cell_of_a_csv_is_calculated_or_acts(case: Path) -> None:
    connection = open_case(case)
    connection.execute("UPDATE identities SET name = '=1+1', owner = ?", ['\x1b[2J two\nlines; "quoted", -5'])
    connection.execute("INSERT INTO meta VALUES ('number', '-5')")
    connection.execute("INSERT INTO meta VALUES ('long', ?)", ["x" * 200_000])
    connection.commit()
    connection.close()
    datasette = datasette_for(case)
    rows = list(csv.DictReader(io.StringIO(get(datasette, "/odd+name/identities.csv?_stream=1").text)))
    assert {row["name"] for row in rows} == {"'=1+1"}
    assert {row["owner"] for row in rows} == {'\\x1b[2J two\nlines; "quoted", -5'}
    others = get(datasette, "/odd+name/meta.csv").text
    assert "number,-5" in others and "x" * 200_000 in others
    assert len(rows) == len(get(datasette, "/odd+name/identities.json").json()["rows"])


def test_datasette_itself_opens_a_case_as_it_opens_others(case: Path) -> None:
    from datasette.app import Datasette

    datasette = Datasette([str(case)])
    assert get(datasette, f"/-/trace/{WRONG_GRANT}").status_code == 200
    assert get(datasette, "/odd+name/records").status_code == 200
    assert get(datasette, "/-/versions.json").status_code == 200
    asked = get(datasette, "/odd+name.json?_shape=array&sql=select+matches('a*','AB')+as+x")
    assert asked.json() == [{"x": 1}]
    assert get(datasette, "/odd+name/records.json?_where=ordinal=12").status_code == 200


def test_plugins_made_for_other_servers_are_left_out(case: Path) -> None:
    from types import ModuleType

    from datasette import hookimpl
    from datasette.plugins import pm

    other = ModuleType("made_for_another_server")
    other.__dict__["menu_links"] = hookimpl(
        lambda datasette, actor, request: [{"href": "/", "label": "from another"}]
    )
    pm.register(other)
    try:
        assert "from another" not in get(datasette_for(case), "/").text
    finally:
        if pm.is_registered(other):
            pm.unregister(other)
