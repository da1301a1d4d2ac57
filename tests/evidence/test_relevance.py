"""Records that are counted without being read in full come out as if they had been."""

import json
import random
from pathlib import Path

import pytest
from tests.evidence.test_malformed import event
from tests.evidence.test_workers import dump

from tracer.evidence import reading
from tracer.evidence.declarations import declarations
from tracer.evidence.ingest import ingest
from tracer.evidence.relevance import heads

ODD: list[dict[str, object]] = [
    {},
    {"eventName": None},
    {"eventName": 7},
    {"eventName": {"a": 1}},
    {"eventName": "Get\u00e9"},
    {"userIdentity": None},
    {"userIdentity": "ada"},
    {"userIdentity": {"type": "AWSService", "invokedBy": "x.amazonaws.com"}},
    {"eventTime": None},
    {"eventTime": 1772359200},
    {"eventTime": "soon"},
    {"eventTime": "2026-03-01T10:00:00.123Z"},
    {"eventTime": "2026-03-01 11:00:00+01:00"},
    {"eventID": None},
    {"eventID": ""},
    {"eventID": 5},
    {"eventID": 'a"\\\n\u20ac'},
    {"eventID": "\ud800"},
    {"sharedEventID": "shared"},
    {"sharedEventID": None},
    {"errorCode": "AccessDenied"},
    {"errorCode": None},
    {"errorCode": ["x"]},
    {"responseElements": {"ConsoleLogin": "Failure"}},
    {"responseElements": {"ConsoleLogin": "Success", "other": [1, {"a": 2}]}},
    {"responseElements": '{"ConsoleLogin": "Failure"}'},
    {"responseElements": ["x"]},
    {"responseElements": 1e400},
    {"requestParameters": {"eventName": "AttachUserPolicy"}},
    {"additional": "\x00"},
]


def lines(count: int) -> list[str]:
    chance = random.Random(11)
    found = []
    for number in range(count):
        name = chance.choice(["AttachUserPolicy", "DescribeInstances", "DescribeInstances", "ConsoleLogin"])
        one = event(
            number, eventName=name, eventSource="iam.amazonaws.com" if name[0] == "A" else "ec2.amazonaws.com"
        )
        for _ in range(chance.choice([0, 0, 0, 1, 2])):
            one |= chance.choice(ODD)
        text = json.dumps(one)
        if chance.random() < 0.5 and "\\ud800" not in text:
            text = json.dumps(one, ensure_ascii=False)
        if chance.random() < 0.03:
            text = text.replace('"eventName": ', '"eventName": "AttachUserPolicy", "eventName": ', 1)
        if chance.random() < 0.02:
            text = text[:-9]
        found.append(text)
    return found


@pytest.mark.parametrize("layout", ["lines", "array"])
def test_counting_fast_and_reading_everything_give_the_same_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    texts = lines(4000)
    path = tmp_path / "trail.json"
    data = "\n".join(texts) if layout == "lines" else '{"Records": [' + ",".join(texts) + "]}"
    path.write_bytes(data.encode().replace(b"Get\xc3\xa9", b"Get\xe9", 1))
    assert heads(declarations()["aws-cloudtrail"]) is not None
    ingest(tmp_path / "fast.db", [path])
    monkeypatch.setattr(reading, "HOURS", 3)
    ingest(tmp_path / "often.db", [path])
    assert dump(tmp_path / "often.db") == dump(tmp_path / "fast.db")
    monkeypatch.setattr(reading, "heads", lambda declaration: None)
    ingest(tmp_path / "slow.db", [path])
    fast, slow = dump(tmp_path / "fast.db"), dump(tmp_path / "slow.db")
    assert len(fast["counted"]) > 20
    assert len(fast["records"]) > 500
    assert len(fast["rejects"]) > 50
    assert fast == slow
