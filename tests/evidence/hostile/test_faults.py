"""What a reader raises that nobody foresaw costs the record at hand, and is said."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.evidence.hostile.corpus import reviews
from tests.evidence.test_malformed import event, read, reasons, trail

from tracer.case.opening import open_case
from tracer.events import tickets
from tracer.evidence import inputs
from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece
from tracer.evidence.formats import csv as tables
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.sources.declarations import Declaration
from tracer.sources.mapping import Told

RAISED = [
    ValueError("x"), KeyError("x"), AttributeError("x"), TypeError("x"), OverflowError("x"), AssertionError("x"),
    RecursionError("x"), UnicodeDecodeError("utf-8", b"x", 0, 1, "x"), MemoryError("x"), ZeroDivisionError("x"),
]  # fmt: skip


@pytest.mark.parametrize("error", RAISED, ids=lambda one: type(one).__name__)
def test_a_record_whose_mapping_fails_is_a_reject_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real = inputs.READERS["actions"]

    def fails(declaration: Declaration, record: dict[str, Any], raw: bytes) -> Told:
        if "u2" in str(record):
            raise error
        return real(declaration, record, raw)

    monkeypatch.setitem(inputs.READERS, "actions", fails)
    summary, connection = read(tmp_path, "t.json", trail(5))
    assert (summary.files[0].kept, summary.files[0].rejected) == (4, 1)
    assert "the record could not be mapped" in reasons(connection)[0]


@pytest.mark.parametrize("error", RAISED, ids=lambda one: type(one).__name__)
def test_a_format_that_fails_in_the_middle_keeps_what_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real = tables.pieces

    def fails(content: Content, declaration: Declaration) -> Iterator[Piece]:
        for piece in real(content, declaration):
            if piece.ordinal == 3:
                raise error
            yield piece

    monkeypatch.setattr(tables, "pieces", fails)
    summary, connection = read(tmp_path, "r.csv", reviews(*["q1"] * 6))
    assert (summary.files[0].kept, summary.files[0].rejected) == (3, 1)
    assert "reading broke off here" in reasons(connection)[0]


REGISTER = {
    "tickets": {
        "jira": {"beneficiary": "customfield_1", "system": "customfield_2", "entitlement": "customfield_3"}
    }
}
HALF = "x\ud800y"


def ticket(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "key": f"IAM-{number}",
        "fields": {
            "summary": "s", "created": "2026-02-01T09:00:00.000+0100", "updated": "2026-02-01T15:30:00.000+0100",
            "reporter": {"accountId": "5b10", "emailAddress": "t@x.example", "displayName": "T"},
            "customfield_1": "t@x.example", "customfield_2": "erp", "customfield_3": "reader",
        } | fields,
        "changelog": {"histories": []},
    }  # fmt: skip


def case_of(folder: Path, *found: dict[str, Any]) -> Path:
    (folder / "jira.json").write_text(json.dumps({"issues": found}))
    (folder / "register.yaml").write_text(yaml.safe_dump(REGISTER))
    ingest(folder / "case.db", [str(folder / "jira.json"), str(folder / "register.yaml")])
    return folder / "case.db"


@pytest.mark.parametrize(
    "fields",
    [
        {"summary": HALF}, {"customfield_1": HALF}, {"customfield_2": HALF}, {"customfield_3": {"value": HALF}},
        {"reporter": HALF}, {"reporter": {"accountId": HALF}}, {"reporter": {"emailAddress": HALF, "displayName": HALF}},
        {"created": HALF}, {"updated": HALF}, {HALF: HALF},
    ],
)  # fmt: skip
def test_half_a_surrogate_pair_in_a_ticket_is_seen_and_ends_nothing(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    connection = open_case(case_of(tmp_path, ticket(1, **fields), ticket(2)))
    judge(connection)
    kept = connection.execute("SELECT ticket, beneficiary FROM requests ORDER BY ticket").fetchall()
    assert [row["ticket"] for row in kept] == ["IAM-1", "IAM-2"]
    if "customfield_1" in fields:
        assert kept[0]["beneficiary"] == r"x\ud800y"
    raw = connection.execute("SELECT raw FROM records WHERE raw LIKE '%IAM-1%'").fetchone()["raw"]
    assert r"\ud800" in raw


def test_half_a_surrogate_pair_in_the_register_is_seen_and_ends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "register.yaml"
    path.write_text('controls:\n  - {id: "A\\ud800", point: review}\nexposures: []\n')
    assert ingest(tmp_path / "case.db", [str(path)]).problems == []
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    assert connection.execute("SELECT id FROM controls").fetchone()["id"] == r"A\ud800"


def test_a_ticket_that_cannot_be_mapped_costs_itself_and_makes_its_source_one_that_loses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tickets.READERS["jira"]

    def fails(records: list[tickets.Record], *more: Any) -> Any:
        if any(record["key"] == "IAM-1" for _, record in records):
            raise KeyError("x")
        return real(records, *more)

    monkeypatch.setitem(tickets.READERS, "jira", fails)
    connection = open_case(case_of(tmp_path, ticket(1), ticket(2)))
    judge(connection)
    assert [row["ticket"] for row in connection.execute("SELECT ticket FROM requests")] == ["IAM-2"]
    assert [row["source"] for row in connection.execute("SELECT source FROM temp.losses")] == ["jira"]


def test_the_fast_reader_and_the_exact_one_agree_on_odd_characters(tmp_path: Path) -> None:
    odd = ["a", "\u0000", "\ufffe", "\ud800", "\U0001f600", "\ufeff"]
    records = [event(number, eventName="GetUser", userAgent=text) for number, text in enumerate(odd)]
    data = json.dumps({"Records": records}).encode()
    summary, connection = read(tmp_path, "t.json", data)
    assert (summary.files[0].counted, summary.files[0].rejected) == (len(odd), 0)
    assert connection.execute("SELECT sum(count) FROM counted").fetchone()[0] == len(odd)
