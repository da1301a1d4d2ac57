"""Text logs: syslog headers, records over several lines, and the dialects of key and value."""

import tracemalloc

import pytest
from tests.evidence.formats.build import read, values

from tracer.evidence.formats.text import reader
from tracer.sources.clock import utc


@pytest.mark.parametrize(
    ("line", "header", "message"),
    [
        (
            "<38>Mar  1 10:00:00 host-1 sshd[812]: Accepted publickey for ada",
            {"priority": "38", "time": "Mar  1 10:00:00", "host": "host-1", "app": "sshd", "pid": "812"},
            "Accepted publickey for ada",
        ),
        (
            "2026-03-01T10:00:00.123456+01:00 host usermod[9]: add 'ada' to group 'sudo'",
            {"time": "2026-03-01T10:00:00.123456+01:00", "host": "host", "app": "usermod", "pid": "9"},
            "add 'ada' to group 'sudo'",
        ),
        (
            '<165>1 2026-03-01T10:00:00Z host app 42 ID7 [a@1 k="v ] \\" w"][b@2 x="y"] hello',
            {
                "priority": "165", "time": "2026-03-01T10:00:00Z", "host": "host", "app": "app", "pid": "42",
                "id": "ID7", "data": '[a@1 k="v ] \\" w"][b@2 x="y"]',
            },
            "hello",
        ),
        (
            "<165>1 2026-03-01T10:00:00Z host app - - - hello",
            {"priority": "165", "time": "2026-03-01T10:00:00Z", "host": "host", "app": "app"},
            "hello",
        ),
        (
            '<5>1 2026-03-01T10:00:00Z vault {"a": 1}',
            {"priority": "5", "time": "2026-03-01T10:00:00Z", "host": "vault"},
            '{"a": 1}',
        ),
        ("no header at all: x=1", None, "no header at all: x=1"),
    ],
)  # fmt: skip
def test_the_header_of_syslog_is_taken_off(line: str, header: dict[str, str] | None, message: str) -> None:
    (found,) = values("text", line.encode())
    assert found.get("syslog") == header
    assert found["message"] == message


def test_a_record_goes_to_the_line_that_begins_the_next() -> None:
    data = b"2026-01-01 LOG: one\n  two\n\n  three\r\n2026-01-02 LOG: four\n"
    found = read("text", data, start=r"\d{4}-")
    assert [piece.raw for piece in found] == [
        b"2026-01-01 LOG: one\n  two\n\n  three",
        b"2026-01-02 LOG: four",
    ]


def test_key_and_value_in_their_dialects() -> None:
    line = b"""<13>Mar 1 10:00:00 h wabengine: [x] action="edit \\"it\\"" user='a b' n=3, who=ada (ref=9) url=http://x/?q=1"""
    (found,) = values("text", line, fields="kv")
    assert {key: found[key] for key in ("action", "user", "n", "who", "ref", "url")} == {
        "action": 'edit "it"', "user": "a b", "n": "3", "who": "ada", "ref": "9", "url": "http://x/?q=1",
    }  # fmt: skip


def test_leef_names_its_separator() -> None:
    one, two = values(
        "text",
        b"LEEF:1.0|V|P|9|4728|usrName=ada\tgroup=Domain Admins\nLEEF:2.0|V|P|9|7|^|usrName=ada^group=x\n",
        fields="leef",
    )
    assert (one["leef"]["event_id"], one["usrName"], one["group"]) == ("4728", "ada", "Domain Admins")
    assert (two["leef"]["event_id"], two["usrName"], two["group"]) == ("7", "ada", "x")


def test_cef_values_hold_blanks_and_labels_name_them() -> None:
    (found,) = values(
        "text",
        rb"CEF:0|CyberArk|Vault|12|88|Add \| Owner|5|suser=ada lovelace fname=Root\=x cs1Label=Safe cs1=ops safe msg=a=b",
        fields="cef",
    )
    assert found["cef"]["name"] == "Add | Owner"
    assert (found["suser"], found["fname"], found["Safe"]) == ("ada lovelace", "Root=x", "ops safe")


def test_the_first_pattern_that_is_found_gives_the_fields() -> None:
    patterns = [r"add '(?P<user>[^']+)' to group '(?P<group>[^']+)'", r"new user: name=(?P<user>[^,]+)"]
    found = values(
        "text",
        b"add 'ada' to group 'sudo'\nnew user: name=bob, UID=1\nelse\n",
        fields="regex",
        patterns=patterns,
    )
    assert [(one.get("user"), one.get("group")) for one in found] == [
        ("ada", "sudo"),
        ("bob", None),
        (None, None),
    ]


def test_a_year_that_is_told_makes_a_time_of_a_header_without_one() -> None:
    told, untold = reader({"year": 2026}), reader({})
    line = "Mar  4 08:02:01 web-03 usermod[951]: add 'rbast' to group 'docker'"
    assert utc(told(line)["syslog"]["time"]) == "2026-03-04T08:02:01.000Z"
    assert utc(untold(line)["syslog"]["time"]) is None
    dated = told(line.replace("Mar  4", "Mar  4 2025"))["syslog"]["time"]
    assert dated == "Mar  4 2025 08:02:01"


def test_empty_lines_of_one_record_take_no_more_memory_than_their_length() -> None:
    data = b"=1\n" + b"\n" * 3_000_000 + b"=2\n"
    tracemalloc.start()
    found = read("text", data, start="=")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [piece.raw for piece in found] == [b"=1", b"=2"]
    assert peak < 10 * len(data)
