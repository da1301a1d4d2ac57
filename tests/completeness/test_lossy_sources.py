"""What an export says nothing of proves nothing where it is seen to lose records."""

import sqlite3

import pytest
from tests.completeness.test_gaps_between_files import Read, log, read, rows

from tracer.completeness.lossy_sources import losing

__all__ = ["read"]

JANUARY, FEBRUARY = range(31), range(18, 60)


def lacks(*days: float) -> list[float]:
    """February, reaching back into January, without these days."""
    return [day for day in FEBRUARY if day not in days]


def verdict(case: sqlite3.Connection, mode: str, account: str) -> tuple[str, str | None]:
    """What a check says of somebody's access, and what it asks for."""
    row = case.execute(
        """SELECT k.verdict, k.need FROM checks k JOIN grants g ON g.id = k.grant_id JOIN accounts a ON a.id = g.account_id
           WHERE k.mode = ? AND a.name = ?""",
        (mode, account),
    ).fetchone()
    return row["verdict"], row["need"]


def test_exports_that_agree_about_the_time_that_both_tell_of_lose_nothing(read: Read) -> None:
    assert losing(read({"1.jsonl": log(JANUARY), "2.jsonl": log(FEBRUARY)})) == set()


def test_an_export_that_lacks_what_another_tells_of_the_same_time_loses_records(read: Read) -> None:
    case = read({"1.jsonl": log(JANUARY), "2.jsonl": log(lacks(29))})
    assert losing(case) == {"provisioning-log"}


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(range(20, 60), id="reaches back less far"),
        pytest.param([16.5, *range(19, 61)], id="begins with what was late"),
        pytest.param(
            [*range(18, 28), 28.5, *range(28, 60)], id="tells what was late of the end of the first"
        ),
        pytest.param([day + 0.5 for day in FEBRUARY], id="tells of something else"),
        pytest.param([*range(18, 31, 3), *range(31, 60)], id="tells of a part"),
        pytest.param([28, 30, *range(31, 60)], id="shares hardly anything"),
    ],
)
def test_what_exports_lack_by_the_way_they_are_made_is_no_loss(
    read: Read, second: list[float] | range
) -> None:
    assert losing(read({"1.jsonl": log(JANUARY), "2.jsonl": log(second)})) == set()


def test_one_source_that_loses_records_says_nothing_of_the_others_but_two_do(read: Read) -> None:
    files = {"1.jsonl": log(JANUARY), "2.jsonl": log(lacks(29)), "1.csv": rows(range(31), "workday")}
    whole, lossy = rows(FEBRUARY, "workday"), rows(FEBRUARY, "workday").splitlines(keepends=True)
    assert losing(read(files | {"2.csv": whole})) == {"provisioning-log"}
    assert losing(read(files | {"2.csv": "".join(lossy[:2] + lossy[3:])})) >= {
        "provisioning-log",
        "source-data",
    }


POLICY = "policy: {verification_window: PT24H}\n"
GIVEN = {"at": "2026-01-10T08:00:00Z", "action": "grant", "executor": "bot", "account": "bob", "rule": "R-1"}
CHECKED = {"at": "2026-02-10T08:00:00Z", "action": "verify", "executor": "bot", "account": "cleo"}


@pytest.mark.parametrize("lost", [False, True])
def test_a_verification_that_may_be_among_the_lost_records_is_not_held_against_anybody(
    read: Read, lost: bool
) -> None:
    months = log(JANUARY, **GIVEN), log(lacks(29) if lost else FEBRUARY, **CHECKED)
    case = read({"register.yaml": POLICY, "1.jsonl": months[0], "2.jsonl": months[1]})
    found, need = verdict(case, "not-verified", "bob")
    assert found == ("no-evidence" if lost else "fail")
    assert (need or "").endswith("provisioning-log lacks records") is lost
