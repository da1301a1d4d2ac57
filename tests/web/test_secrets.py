"""Secrets of evidence are masked on every page and in every form of it, unless they are asked for."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.show.fakes import case_file, fake_questions
from tests.web.asked import get

from tracer.case.opening import open_case
from tracer.web.access import access
from tracer.web.server import datasette_for

SECRET = "Correct-Horse-7-Battery"
RECORD = json.dumps(
    {"eventName": "CreateLoginProfile", "requestParameters": {"password": SECRET}, "ticket": "ACC-1"}
)
QUESTION = quote("select id, raw, cast(raw as blob) as bytes, ordinal from records where id = :id")
PATHS = (
    "/case/records",
    "/case/records.json",
    "/case/records.json?_shape=objects",
    "/case/records.json?_shape=array&_nl=on",
    "/case/records.csv",
    "/case/records.csv?_stream=1",
    "/case/records.json?_facet=raw",
    "/case/records?_facet=raw",
    "/case/records?_sort_desc=raw",
    f"/case/records/{'22' * 10}",
    f"/case/records/{'22' * 10}.json",
    "/case/rejects",
    "/case/rejects.json",
    "/case/record?file=hr/workday.csv&ordinal=12",
    "/case/record.json?file=hr/workday.csv&ordinal=12",
    "/case/record.csv?file=hr/workday.csv&ordinal=12",
    f"/case?sql={QUESTION}&id={'22' * 10}",
    f"/case.json?sql={QUESTION}&id={'22' * 10}",
    f"/case.csv?sql={QUESTION}&id={'22' * 10}",
)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fake_questions(monkeypatch)
    path = case_file(tmp_path / "case.db")
    connection = open_case(path)
    connection.execute("UPDATE records SET raw = ?", [RECORD])
    connection.execute(
        "INSERT INTO rejects (id, evidence_id, raw) VALUES ('1', ?, ?)", ["11" * 10, f"{RECORD},"]
    )
    connection.commit()
    connection.close()
    return path


def served(case: Path, *, show: bool) -> Any:
    return datasette_for(case, access("127.0.0.1", trust=True, show_secrets=show))


@pytest.mark.parametrize("path", PATHS)
def test_a_secret_is_masked_in_every_form(case: Path, path: str) -> None:
    page = get(served(case, show=False), path)
    assert page.status_code == 200
    assert SECRET not in page.text
    assert "ACC-1" in page.text
    assert "masked" in page.text


@pytest.mark.parametrize("path", PATHS)
def test_a_secret_is_shown_to_whoever_asks_for_it(case: Path, path: str) -> None:
    assert SECRET in get(served(case, show=True), path).text


def test_what_was_asked_stays_json(case: Path) -> None:
    [row] = get(served(case, show=False), "/case/records.json?_shape=array").json()
    assert json.loads(row["raw"])["ticket"] == "ACC-1"


def test_rows_are_not_left_out_because_a_value_is_masked(case: Path) -> None:
    connection = open_case(case)
    for number in range(3):
        connection.execute(
            "INSERT INTO records (id, evidence_id, ordinal, raw) VALUES (?, ?, ?, ?)",
            [str(number), "11" * 10, number, RECORD],
        )
    connection.commit()
    connection.close()
    datasette = served(case, show=False)
    first = get(datasette, "/case/records.json?_sort=raw&_size=2&_shape=objects").json()
    following = get(datasette, first["next_url"].partition("localhost")[2])
    assert following.status_code == 400
    assert "masked" in following.json()["error"]
    assert len(get(datasette, "/case/records.json?_sort=id&_size=2").json()["rows"]) == 2
    shown = served(case, show=True)
    assert (
        get(
            shown,
            get(shown, "/case/records.json?_sort=raw&_size=2").json()["next_url"].partition("localhost")[2],
        ).status_code
        == 200
    )
