"""JSON as it is really laid out, sound and broken: what each layout must give, one test per defect."""

import gzip
import json
from pathlib import Path

import pytest
from tests.evidence.test_malformed import event, read, reasons, trail

from tracer.evidence.ingest import ingest


def texts(count: int, first: int = 0) -> list[str]:
    return [json.dumps(event(number)) for number in range(first, first + count)]


LAYOUTS = {
    "documents one after another": trail(2) + b"\n" + trail(2),
    "documents on one line": trail(2) + trail(2),
    "pages of arrays": ("[" + ",".join(texts(2)) + "]\n[" + ",".join(texts(2, 2)) + "]").encode(),
    "objects without anything between them": "".join(texts(4)).encode(),
    "objects over many lines": "\n".join(json.dumps(event(n), indent=2) for n in range(4)).encode(),
    "an array over many lines": json.dumps([event(n) for n in range(4)], indent=4).encode(),
    "a document whose records come last": json.dumps(
        {"meta": {"Records": 5, "x": ["Records", "["]}, "Records": [event(n) for n in range(4)]}
    ).encode(),
    "members of gzip one after another": gzip.compress(trail(2)) + gzip.compress(trail(2)),
    "lines that end as on Windows, with blank ones": "\r\n\r\n".join(texts(4)).encode(),
    "lines behind a mark of byte order": b"\xef\xbb\xbf" + "\n".join(texts(4)).encode(),
}


@pytest.mark.parametrize("data", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_its_records(tmp_path: Path, data: bytes) -> None:
    summary, connection = read(tmp_path, "t.json", data)
    assert reasons(connection) == []
    assert (summary.files[0].source, summary.files[0].records) == ("aws-cloudtrail", 4)


def broken(old: str, new: str) -> list[str]:
    found = texts(60)
    found[20] = found[20].replace(old, new, 1)
    return found


DEFECTS = {
    "a lost quote": ('"eventName"', '"eventName'),
    "a lost quote of a value": ('"AttachUserPolicy"', '"AttachUserPolicy'),
    "a lost brace": ('"eventTime"', '}, "eventTime"'),
    "a lost colon": ('"eventName":', '"eventName"'),
    "a raw line feed in a text": ("iam.amazonaws.com", "iam.\namazonaws.com"),
    "a bare word": ('"AttachUserPolicy"', "AttachUserPolicy"),
    "a comma too many": ('"eventName"', ', "eventName"'),
}


@pytest.mark.parametrize(("old", "new"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_in_an_array_costs_one_record(tmp_path: Path, old: str, new: str) -> None:
    data = ('{"Records": [' + ",".join(broken(old, new)) + "]}").encode()
    summary, connection = read(tmp_path, "t.json", data)
    assert summary.files[0].kept == 59
    assert 1 <= summary.files[0].rejected <= 2
    for row in connection.execute(
        "SELECT offset, raw FROM rejects UNION ALL SELECT offset, raw FROM records"
    ):
        assert data[row["offset"] :].startswith(row["raw"].encode())


def test_a_record_of_twenty_megabytes_is_a_record(tmp_path: Path) -> None:
    large = json.dumps(event(1, userAgent="x" * (20 << 20)))
    summary, connection = read(
        tmp_path, "t.json", ('{"Records": [' + ",".join([*texts(1), large, *texts(1, 2)]) + "]}").encode()
    )
    assert summary.files[0].kept == 3
    assert connection.execute("SELECT max(length(raw)) FROM records").fetchone()[0] == len(large)


def test_trailing_bytes_behind_gzip_are_told(tmp_path: Path) -> None:
    summary, connection = read(tmp_path, "t.json.gz", gzip.compress(trail(3)) + b"garbage")
    assert summary.files[0].kept == 3
    assert reasons(connection) == ["7 bytes of something else follow the gzip data"]


def test_what_follows_an_array_is_told(tmp_path: Path) -> None:
    summary, connection = read(tmp_path, "t.json", ("[" + ",".join(texts(3)) + "] and so on").encode())
    assert summary.files[0].kept == 3
    assert reasons(connection) == ["something else follows the array"]


def test_numbers_and_nesting_that_other_readers_refuse_are_kept(tmp_path: Path) -> None:
    odd = json.dumps(event(1))[:-1] + ', "x": 1e400, "y": 9007199254740993, "z": "\\ud800", "w": "\\u0000"}'
    summary, connection = read(tmp_path, "t.json", ("[" + ",".join([*texts(1), odd]) + "]").encode())
    assert summary.files[0].kept == 2
    assert connection.execute("SELECT raw FROM records ORDER BY ordinal DESC").fetchone()["raw"] == odd


def test_too_deep_nesting_costs_one_record(tmp_path: Path) -> None:
    deep = json.dumps(event(1))[:-1] + ', "x": ' + "[" * 2000 + "]" * 2000 + "}"
    summary, connection = read(
        tmp_path, "t.json", ("[" + ",".join([*texts(1), deep, *texts(1, 2)]) + "]").encode()
    )
    assert summary.files[0].kept == 2
    assert reasons(connection) == ["the record is nested too deep"]


@pytest.mark.parametrize(
    "first",
    [
        '{"at": ["',
        '{"at": "' + "x" * 70_000,
        '{"at": ' + "[" * 70_000,
        '{"at":"2025-07-01T06:00:00Z","action":"gra',
        'ction":"grant","system":"wiki"}',
        '"}',
    ],
)
def test_a_first_line_that_is_cut_off_costs_only_itself(tmp_path: Path, first: str) -> None:
    """At its end, or at its beginning, where a log was cut by its size."""
    record = {"at": "2025-07-01T06:00:00Z", "action": "grant", "system": "wiki", "account": "a@x.example"}
    line = json.dumps(record | {"entitlement": "editor", "executor": "engine"})
    (tmp_path / "engine.jsonl").write_text("\n".join([first, line, line, line, ""]))
    (books,) = ingest(tmp_path / "case.db", [tmp_path / "engine.jsonl"]).files
    assert (books.source, books.kept, books.rejected) == ("provisioning-log", 3, 1)
