"""Records that break off what others begin, too often and in too many systems, are lost; one system may be kept badly."""

import json
import sqlite3
from datetime import timedelta

import pytest
from tests.completeness.test_gaps_between_files import BEGIN, Read, read

from tracer.completeness.chance import at_least, too_often
from tracer.completeness.lossy_sources import losing

__all__ = ["read"]

SYSTEMS = ("crm", "erp", "vault")
POLICY = "policy: {verification_window: PT24H, review_interval: P120D}\n"
ACCOUNTS = 60


def day(number: float) -> str:
    return (BEGIN + timedelta(days=number)).isoformat()


def reviews(left_out: range | list[int], campaigns: tuple[int, ...] = (10, 100, 190)) -> str:
    """Three campaigns over all accounts, the second without those that are left out."""
    lines = ["reviewed_at,reviewer,system,account,entitlement,decision,campaign"]
    for place, begins in enumerate(campaigns):
        for number in range(ACCOUNTS):
            if place != 1 or number not in left_out:
                at, system = day(begins + number / 100), SYSTEMS[number % 3]
                lines.append(f"{at},rosa@corp.example,{system},user{number},seat,keep,{place}")
    return "\n".join(lines) + "\n"


def act(at: float, action: str, number: int, **more: str) -> str:
    system = SYSTEMS[number % 3]
    line = {
        "at": day(at),
        "action": action,
        "system": system,
        "account": f"user{number}",
        "entitlement": "seat",
    }
    return json.dumps(line | {"executor": "bot"} | more) + "\n"


def deliveries(left_out: range | list[int], checked_after: float = 0.2) -> str:
    """Access of every account, delivered and checked, but the records of deliveries that are left out."""
    return "".join(
        (act(10 + number, "grant", number, rule="R-1") if number not in left_out else "")
        + act(10 + number + checked_after, "verify", number)
        for number in range(ACCOUNTS)
    ) + act(0, "use", 0)  # fmt: skip


def judged(read: Read, **files: str) -> sqlite3.Connection:
    return read({"register.yaml": POLICY} | {name.replace("_", "."): text for name, text in files.items()})


@pytest.mark.parametrize(
    ("left_out", "lost"),
    [
        pytest.param([], False, id="none"),
        pytest.param([1], False, id="one"),
        pytest.param([0, 1, 2], True, id="in every system"),
        pytest.param(range(0, ACCOUNTS, 3), False, id="all of one system"),
    ],
)
def test_access_left_out_of_one_campaign_alone_is_a_lost_review_where_it_is_so_in_every_system(
    read: Read, left_out: range | list[int], lost: bool
) -> None:
    assert losing(judged(read, reviews_csv=reviews(left_out))) == ({"access-reviews"} if lost else set())


def test_reviews_that_come_at_any_time_have_no_campaigns_to_be_left_out_of(read: Read) -> None:
    case = judged(read, reviews_csv=reviews([0, 1, 2], campaigns=(10, 25, 40)))
    assert losing(case) == set()


@pytest.mark.parametrize(
    ("left_out", "lost"),
    [([], False), ([30], False), ([20, 30, 40], True), (range(21, ACCOUNTS, 3), False)],
)
def test_access_that_was_checked_at_once_and_never_delivered_is_a_lost_delivery_where_it_is_so_in_every_system(
    read: Read, left_out: range | list[int], lost: bool
) -> None:
    assert losing(judged(read, log_jsonl=deliveries(left_out))) == ({"provisioning-log"} if lost else set())


def test_checks_that_come_any_time_tell_nothing_of_deliveries(read: Read) -> None:
    assert losing(judged(read, log_jsonl=deliveries([20, 30, 40], checked_after=30))) == set()


EXCEPTIONS = (
    "id,kind,identity,system,entitlement,recorded_by,recorded_at,approved_by,expires_at,cleanup_owner\n"
)


@pytest.mark.parametrize(("left_out", "lost"), [([], False), ([20, 30], False), ([20, 30, 40, 50], True)])
def test_exceptions_that_logs_name_and_no_spreadsheet_holds_are_lost(
    read: Read, left_out: list[int], lost: bool
) -> None:
    waived = "".join(
        act(10 + number, "grant", number, exception=f"EX-{number}") for number in range(ACCOUNTS)
    )
    rows = "".join(
        f"EX-{number},local,user{number},{SYSTEMS[number % 3]},seat,rosa,{day(10 + number)},rosa,{day(200)},rosa\n"
        for number in range(ACCOUNTS)
        if number not in left_out
    )
    case = judged(read, log_jsonl=waived, exceptions_csv=EXCEPTIONS + rows)
    assert losing(case) == ({"exceptions"} if lost else set())


def test_what_happens_seldom_by_itself_is_too_often_only_where_chance_does_not_make_it() -> None:
    assert at_least(0, 10, 0.5) == 1
    assert at_least(10, 10, 0.5) == pytest.approx(0.5**10)
    assert not too_often(1, 60, 0.005)
    assert too_often(3, 60, 0.005)
    assert not too_often(5_100, 1_000_000, 0.005)
    assert too_often(5_400, 1_000_000, 0.005)
    assert too_often(300_000, 1_000_000, 0.005)
