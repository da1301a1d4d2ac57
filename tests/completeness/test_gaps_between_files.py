"""Quiet times of an export and missing files of it are told apart, and what is missing is held against nobody."""

import csv
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracer.case.opening import open_case
from tracer.case.spans import gap, without
from tracer.completeness.gaps_between_files import fact_gaps, log_gaps
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.judgement.prepare.idle import use_spans

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
Read = Callable[[dict[str, str]], sqlite3.Connection]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A case of files by name and content."""

    def of(files: dict[str, str]) -> sqlite3.Connection:
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        ingest(str(tmp_path / "case.db"), [str(tmp_path / name) for name in files])
        connection = open_case(str(tmp_path / "case.db"))
        judge(connection)
        return connection

    return of


def log(days: range | list[float], **last: str) -> str:
    """A use on each of these days, and one more line."""
    base = {"action": "use", "system": "erp", "account": "ada", "entitlement": "viewer", "executor": "ada"}
    lines = [{"at": (BEGIN + timedelta(days=day)).isoformat(), **base} for day in days]
    return "".join(json.dumps(line) + "\n" for line in [*lines, *([base | last] if last else [])])


def rows(days: range, *systems: str) -> str:
    found = ["worker_id,email,attribute,value,effective_at,recorded_at,system"]
    for number, day in enumerate(days):
        at = (BEGIN + timedelta(days=day)).isoformat()
        found.append(f"W-1,ada@corp.example,title,{day},{at},{at},{systems[number % len(systems)]}")
    assert len(list(csv.reader(found))) == len(found)
    return "\n".join(found) + "\n"


def test_a_month_without_its_file_is_a_gap(read: Read) -> None:
    case = read({"1.jsonl": log(range(31)), "3.jsonl": log(range(59, 90)), "4.jsonl": log(range(90, 120))})
    assert log_gaps(case) == {"provisioning-log": [("2026-01-31T00:00:00.000Z", "2026-03-01T00:00:00.000Z")]}


def test_a_log_that_is_often_quiet_has_no_gap(read: Read) -> None:
    case = read({"1.jsonl": log([0, 3, 20, 24]), "2.jsonl": log([41, 60, 75])})
    assert log_gaps(case) == {}


def test_many_short_files_may_be_far_apart(read: Read) -> None:
    days = [0, 1, 4, 5, 9, 12, 13, 17, 30]
    case = read({f"{day}.jsonl": log([day, day + 0.003]) for day in days})
    assert log_gaps(case) == {}


def test_a_log_of_several_systems_covers_the_quiet_days_of_each(read: Read) -> None:
    crm = {"action": "use", "system": "crm", "account": "ada", "entitlement": "seat", "executor": "ada"}
    case = read(
        {
            "1.jsonl": log(range(31), at="2026-01-15T00:00:00Z", **crm),
            "2.jsonl": log(range(30, 60), at="2026-02-15T00:00:00Z", **crm),
        }
    )
    assert use_spans(case)["crm"] == [("2026-01-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z")]


def test_systems_exported_together_are_not_missing_alone(read: Read) -> None:
    case = read(
        {
            "1.csv": rows(range(0, 30), "workday", "sap-hr"),
            "2.csv": rows(range(29, 60), "workday"),
            "3.csv": rows(range(59, 90), "workday", "sap-hr"),
        }
    )
    assert fact_gaps(case) == {}


def test_source_data_that_ends_early_has_ended_though_a_month_of_it_is_missing(read: Read) -> None:
    months = {f"{number}.csv": rows(range(30 * number, 31 + 30 * number), "workday") for number in (0, 1, 3)}
    case = read(months | {"log.jsonl": log(range(146))})
    assert fact_gaps(case)["workday"][-1] == ("2026-05-01T00:00:00.000Z", "2026-05-26T00:00:00.000Z")


def test_what_the_next_export_alone_tells_of_the_end_of_one_is_missing_after_the_last(read: Read) -> None:
    case = read({"1.jsonl": log(range(31)), "2.jsonl": log([29, 29.5, *range(30, 60)])})
    assert log_gaps(case) == {"provisioning-log": [("2026-02-28T12:00:00.000Z", "2026-03-01T00:00:00.000Z")]}


def test_an_export_that_begins_with_a_few_late_records_does_not_cover_their_time(read: Read) -> None:
    case = read(
        {
            "1.jsonl": log(range(31)),
            "2.jsonl": log([20.5, *range(29, 61)]),
            "4.jsonl": log([80.5, *range(90, 121)]),
        }
    )
    gaps = log_gaps(case)["provisioning-log"]
    assert any(first < "2026-03-02T00:00:00.000Z" and last > "2026-03-31" for first, last in gaps)


def test_exports_of_different_things_say_nothing_of_each_other(read: Read) -> None:
    case = read({"1.jsonl": log(range(31)), "2.jsonl": log([day + 0.3 for day in range(20, 60)])})
    assert log_gaps(case) == {}


def test_parts_that_a_log_is_spread_over_say_nothing_of_how_late_records_come(read: Read) -> None:
    both = [0.0, 30.0, 60.0, 119.0]
    parts = {"a.jsonl": log([*both, 10, 50, 80]), "b.jsonl": log([*both, 20, 40, 90])}
    assert log_gaps(read(parts)) == {}


def test_source_data_with_a_missing_month(read: Read) -> None:
    case = read({"1.csv": rows(range(30), "workday"), "3.csv": rows(range(60, 90), "workday")})
    assert fact_gaps(case) == {"workday": [("2026-01-30T00:00:00.000Z", "2026-03-02T00:00:00.000Z")]}


REGISTER = """
identities:
  - {id: ada, kind: service-account, owner: it@corp.example, purpose: export, purpose_ends_at: 2026-02-10,
     accounts: [{system: erp, name: ada}]}
policy: {revocation_sla: PT24H}
"""


@pytest.mark.parametrize(("month", "verdict"), [("2.jsonl", "fail"), ("", "no-evidence")])
def test_what_a_missing_file_may_have_said_is_no_missed_revocation(
    read: Read, month: str, verdict: str
) -> None:
    given = {"at": "2026-01-05T08:00:00Z", "action": "grant", "executor": "bot", "rule": "R-1"}
    quiet = {"account": "bob", "executor": "bob", "at": "2026-03-31T12:00:00Z"}
    others = log(range(31), **given), log(range(31, 59)), log(range(59, 90), **quiet)
    files = {
        "register.yaml": REGISTER,
        "1.jsonl": others[0],
        # nobody uses the account after January
        "2.jsonl": others[1].replace('"ada"', '"bob"'),
        "3.jsonl": others[2].replace('"ada"', '"bob"'),
    }
    kept = {name: text for name, text in files.items() if name != "2.jsonl" or month}
    case = read(kept)
    found = case.execute(
        """SELECT k.verdict FROM checks k JOIN grants g ON g.id = k.grant_id JOIN accounts a ON a.id = g.account_id
           WHERE k.mode = 'revocation-missed' AND a.name = 'ada' AND g.granted_at IS NOT NULL"""
    ).fetchall()
    assert [row[0] for row in found] == [verdict]


def test_spans_with_gaps_taken_out() -> None:
    left = without(("a", "z"), [("c", "d"), ("y", "zz")])
    assert left == [("a", "c"), ("d", "y")]
    assert gap(left, "b", "e") == ("c", "d")
