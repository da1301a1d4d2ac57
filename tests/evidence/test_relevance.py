"""Records that are counted without being read in full come out as if they had been."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.test_malformed import event
from tests.evidence.test_workers import dump
from tests.sources.samples import samples

from tracer.evidence import reading
from tracer.evidence.containers import Content, held
from tracer.evidence.formats import json as json_format
from tracer.evidence.heads import heads
from tracer.evidence.ingest import ingest
from tracer.evidence.inputs import map_record
from tracer.sources.declarations import Declaration, declarations
from tracer.sources.hooks import hook

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


FAST = [one for one in declarations().values() if heads(one) is not None]
STRANGE: list[Any] = [None, "", "x", 7, 1.5, True, [], ["x"], {}, {"a": 1}, '{"a": 1}']


def test_the_logs_that_are_read_most_are_counted_fast() -> None:
    wide = {"aws-cloudtrail", "okta-system-log", "entra-audit", "m365-audit", "gcp-audit", "kubernetes-audit"}
    assert wide | {"github-audit-log"} <= {one.name for one in FAST}


def records(one: Declaration) -> list[dict[str, Any]]:
    """The records of all samples of a source."""
    found = []
    for path in (path for path in samples("sample") if path.parent.name == one.name):
        pieces = json_format.pieces(Content(path.name, held(path.read_bytes())), one)
        found += [json.loads(piece.raw) for piece in pieces if piece.problem is None]
    return [record for record in found if isinstance(record, dict)]


def places(node: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all values in an object, and in the objects within it."""
    if not isinstance(node, dict):
        return []
    return [place for key, value in node.items() for place in [(*path, key), *places(value, (*path, key))]]


def bent(one: Declaration, count: int) -> list[dict[str, Any]]:
    """Records of which some lack something, hold something strange, or what another record holds there.

    Half of them are of accounts acting, and half of what is bent is what decides.
    """
    chance, known = random.Random(one.name), records(one)
    acting = [record for record in known if map_record(one, record, b"").counted] or known
    every = [(place, record) for record in known for place in places(record)]
    reads = heads(one)
    assert reads is not None
    named = {*reads.names, *one.failure, *(when.path for when in (*one.failure_when, *one.failure_unless))}
    deciding = [tuple(name.split(".")) for name in sorted(named - set(hook(one.hook).gives))]
    found = []
    for number in range(count):
        record = copy.deepcopy(chance.choice(acting if chance.random() < 0.5 else known))
        for key in one.id:
            if key in record and chance.random() < 0.9:
                record[key] = f"id-{number % (count - 9)}"
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            place, other = chance.choice(every)
            value = at(other, place)
            if chance.random() < 0.5:
                place = chance.choice(deciding)
                value = chance.choice(["alpha", "beta", at(chance.choice(known), place)])
            bend(record, place, chance.choice([GONE, value, value, chance.choice(STRANGE)]))
        found.append(record)
    return found


GONE = object()


def at(record: Any, place: tuple[str, ...]) -> Any:
    """What lies at a path, None where there is nothing."""
    for step in place:
        record = record.get(step) if isinstance(record, dict) else None
    return copy.deepcopy(record)


def bend(record: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    """Put a value at a path, if objects lead there, or take away what lies there."""
    node: Any = record
    for step in place[:-1]:
        node = node.setdefault(step, {}) if isinstance(node, dict) else None
    if isinstance(node, dict):
        if value is GONE:
            node.pop(place[-1], None)
        else:
            node[place[-1]] = value


@pytest.mark.parametrize("one", FAST, ids=lambda one: one.name)
def test_each_source_that_is_counted_fast_comes_out_as_if_read_in_full(
    one: Declaration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.json"
    path.write_text("".join(json.dumps(record) + "\n" for record in bent(one, 1500)), encoding="utf-8")
    ingest(tmp_path / "fast.db", [path], source=one.name)
    monkeypatch.setattr(reading, "heads", lambda declaration: None)
    ingest(tmp_path / "slow.db", [path], source=one.name)
    fast, slow = dump(tmp_path / "fast.db"), dump(tmp_path / "slow.db")
    assert len(fast["records"]) > 100
    for table in fast:
        assert fast[table] == slow[table], table


M365 = {"CreationTime": "2026-03-01T10:00:00", "UserId": "ada@corp.example", "UserType": 0, "RecordType": 25}
PAIRS: list[dict[str, Any]] = [
    {"Workload": "MicrosoftTeams", "Operation": "MemberAdded", "TeamName": "ledger", "Members": []},
    {"Workload": "MicrosoftTeams", "Operation": "MemberAdded", "TeamName": "ledger", "Members": [{"UPN": "odile@corp.example", "Role": 1}]},
    {"Workload": "Exchange", "Operation": "Add-RoleGroupMember", "ObjectId": "g", "Parameters": []},
    {"Workload": "Exchange", "Operation": "Add-RoleGroupMember", "ObjectId": "g", "Parameters": [{"Name": "Member", "Value": "odile"}]},
    {"Workload": "AzureActiveDirectory", "Operation": "x", "UserId": "ServicePrincipal_1", "Actor": [{"ID": "One", "Type": 1}]},
    {"Workload": "AzureActiveDirectory", "Operation": "x", "UserId": "ServicePrincipal_1", "Actor": [{"ID": "Two", "Type": 1}]},
    {"Workload": "SharePoint", "Operation": "FileAccessed"},
    {"Workload": "SharePoint", "Operation": "FileAccessed", "AuditData": '{"Operation": "FileAccessed", "Id": "0"}'},
]  # fmt: skip


def test_what_is_alike_but_for_one_field_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.json"
    told = [M365 | one | {"Id": f"id-{number}"} for number, one in enumerate([*PAIRS, *PAIRS])]
    path.write_text("".join(json.dumps(record) + "\n" for record in told), encoding="utf-8")
    ingest(tmp_path / "fast.db", [path], source="m365-audit")
    monkeypatch.setattr(reading, "heads", lambda declaration: None)
    ingest(tmp_path / "slow.db", [path], source="m365-audit")
    fast = dump(tmp_path / "fast.db")
    assert fast == dump(tmp_path / "slow.db")
    assert (len(fast["records"]), len(fast["counted"])) == (4, 5)
