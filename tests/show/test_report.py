"""The report, in its three forms."""

import re
import sqlite3
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.show.fakes import HOSTILE_GRANT, case_file, fake_questions

from tracer.case.opening import open_case
from tracer.errors import UsageError
from tracer.show import report


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    fake_questions(monkeypatch)
    connection = open_case(case_file(tmp_path / "case.db"))
    yield connection
    connection.close()


class Page(HTMLParser):
    """Tags, addresses and handlers of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("href", "src", "action", "xlink:href", "data"):
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


def test_the_page_is_one_file_that_asks_for_nothing_and_runs_nothing(case: sqlite3.Connection) -> None:
    text = report.html(report.gather(case, "T"))
    page = Page(text)
    assert page.addresses == []
    assert page.handlers == []
    assert not {"script", "iframe", "object", "link", "img", "form"} & set(page.tags)
    assert "default-src 'none'" in text
    assert "svg" in page.tags
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text) is None


def test_it_tells_root_chain_owner_evidence_defects_missing_and_unchecked(case: sqlite3.Connection) -> None:
    for text in (
        report.html(report.gather(case, "T")),
        report.markdown(report.gather(case, "T")).replace("\\", ""),
    ):
        for expected in (
            "wrong-attribute",
            "hr-ops@corp.example",
            "HR-01",
            "hr/workday.csv:12",
            "ab" * 32,
            "cd" * 32,
            "10% (4% to 23%)",
            "sod-conflict",
            "review-kept-wrong-access",
            "not-verified",
            "records = kept + counted + skipped + rejected",
        ):
            assert expected in text


def test_hostile_text_is_no_markup_in_markdown(case: sqlite3.Connection) -> None:
    text = report.markdown(report.gather(case, "T"))
    assert "<script" not in text
    assert "](javascript" not in text
    assert not [line for line in text.splitlines() if line.startswith("# forged")]
    tables = [line for line in text.splitlines() if line.startswith("|")]
    columns = [len(re.findall(r"(?<!\\)\|", line)) for line in tables]
    assert set(columns) <= {3, 5, 6, 7, 9, 14}


def test_one_grant_has_only_its_own_files(case: sqlite3.Connection) -> None:
    whole = report.gather_grant(case, HOSTILE_GRANT, "One")
    assert len(whole.stories) == 1
    assert whole.files == []
    text = report.html(whole)
    assert "Summary" not in text
    assert "&lt;script&gt;" in text


def test_an_unknown_grant_is_bad_usage(case: sqlite3.Connection) -> None:
    with pytest.raises(UsageError, match="no grant"):
        report.gather_grant(case, "nothing", "One")


def test_since_leaves_out_what_became_wrong_before(case: sqlite3.Connection) -> None:
    assert report.gather(case, "T", since="2027-01-01T00:00:00.000Z", pictures=False).stories == []


def test_large_cases_say_how_many_are_left_out(
    case: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "IN_FULL", 1)
    whole = report.gather(case, "T", pictures=False)
    assert whole.omitted == {"wrong-access": 1}
    assert "1 more are left out" in report.html(whole)
    assert "1 more are left out" in report.markdown(whole)


def test_the_same_case_gives_the_same_report(case: sqlite3.Connection) -> None:
    assert report.html(report.gather(case, "T")) == report.html(report.gather(case, "T"))


def test_data_has_the_answers_as_why_gives_them(case: sqlite3.Connection) -> None:
    data = report.as_json(report.gather(case, "T", pictures=False))
    assert {answer["verdict"] for answer in data["grants"]} == {"wrong-access"}
    assert data["counts"]["conforming"] == 1
