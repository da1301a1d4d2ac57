"""One change of a directory's access list is two records: the list before and the list after."""

import json
from pathlib import Path
from typing import Any

import pytest

from tracer.case.opening import open_case
from tracer.events.access_lists import changes
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.sources.hooks.windows_sddl import listed

PLACE = "OU=Servers,DC=corp,DC=example"
EVE = "S-1-5-21-1004336348-1177238915-682003330-1109"
OLD = "O:DAG:DAD:AI(A;;GA;;;DA)(A;CIID;RP;;;AU)"


def record(
    number: int, operation: str, value: str, attribute: str = "nTSecurityDescriptor"
) -> dict[str, Any]:
    return {
        "EventTime": f"2026-03-05 08:00:0{number}",
        "Hostname": "dc1.corp.example",
        "EventType": "AUDIT_SUCCESS",
        "EventID": 5136,
        "RecordNumber": number,
        "Channel": "Security",
        "OpCorrelationID": "{8A1B0E5C-0000-4000-8000-000000000012}",
        "SubjectUserSid": "S-1-5-21-1004336348-1177238915-682003330-1104",
        "SubjectUserName": "ada",
        "SubjectDomainName": "CORP",
        "SubjectLogonId": "0x5f3a1",
        "ObjectDN": PLACE,
        "ObjectClass": "organizationalUnit",
        "AttributeLDAPDisplayName": attribute,
        "AttributeValue": value,
        "OperationType": operation,
    }


def told(tmp_path: Path, *records: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Verb, subject, entitlement and number of records of every event; each record in a file of its own, the last first."""
    files = tmp_path / "files"
    files.mkdir()
    for number, one in enumerate(reversed(records)):
        (files / f"{number}.json").write_text(json.dumps(one) + "\n", encoding="utf-8")
    ingest(tmp_path / "case.db", [str(files)])
    connection = open_case(tmp_path / "case.db")
    judge(connection)
    rows = connection.execute(
        """SELECT v.verb, a.name, e.name, (SELECT count(*) FROM event_records r WHERE r.event_id = v.id)
           FROM events v LEFT JOIN accounts a ON a.id = v.subject_id JOIN entitlements e ON e.id = v.entitlement_id ORDER BY 1, 2, 3"""
    )
    return [tuple(row) for row in rows]


def test_who_gains_and_who_loses_is_the_difference(tmp_path: Path) -> None:
    new = f"O:{EVE}G:DAD:AI(A;;GA;;;DA)(A;;WDWO;;;{EVE})(D;;DT;;;WD)(A;CIID;RP;;;AU)"
    assert told(tmp_path, record(1, "%%14675", OLD), record(2, "%%14674", new)) == [
        ("grant", EVE, f"{PLACE}:WDWO", 2),
        ("grant", EVE, f"{PLACE}:owner", 2),
        ("revoke", "Domain Admins", f"{PLACE}:owner", 2),
        ("revoke", "Everyone", f"{PLACE}:DT", 2),
    ]


@pytest.mark.parametrize(("operation", "number"), [("%%14675", 1), ("%%14674", 2)])
def test_one_list_alone_does_not_say_who_gained(tmp_path: Path, operation: str, number: int) -> None:
    assert told(tmp_path, record(number, operation, OLD)) == [("grant", None, f"permissions:{PLACE}", 1)]


def test_a_list_that_cannot_be_read_does_not_say_who_gained(tmp_path: Path) -> None:
    said = "Malformed Security Descriptor"
    found = told(tmp_path, record(1, "%%14675", said), record(2, "%%14674", said))
    assert found == [("grant", None, f"permissions:{PLACE}", 2)]


def test_a_change_of_what_is_inherited_gives_nobody_anything(tmp_path: Path) -> None:
    assert told(tmp_path, record(1, "%%14675", OLD), record(2, "%%14674", OLD + "(A;CIID;GA;;;WD)")) == []


def test_a_denial_takes_and_its_end_gives_nothing() -> None:
    deny, allow = ("revoke", "eve", None, "x:DT"), ("grant", "eve", None, "x:DT")
    assert changes([], [deny]) == [deny]
    assert changes([deny], []) == []
    assert changes([allow], [allow, deny]) == [deny]
    assert changes([allow], []) == [deny]


def test_what_is_no_descriptor_lists_nothing() -> None:
    assert listed("HTTP/fs1", PLACE) is None
    assert listed("O:BAG:SY", PLACE) is not None
