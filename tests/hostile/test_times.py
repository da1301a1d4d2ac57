"""Times and durations at the edges of what there is: they are times, or they are said to be none."""

import contextlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracer.case.functions import earlier
from tracer.case.times import FIRST, LAST, duration, iso, parse_iso, plus
from tracer.sources.clock import utc

ZONE = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIME = st.datetimes(timezones=st.none() | ZONE)
DURATION = st.from_regex(r"P(\d{1,30}Y)?(\d{1,20}M)?(\d{1,20}D)?(T(\d{1,20}H)?(\d{1,20}S)?)?", fullmatch=True)


@given(TIME)
@example(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))))
@example(datetime(9999, 12, 31, 23, 59, 59, 999_999, timezone(timedelta(hours=-12))))
def test_a_moment_is_written_or_lies_in_no_year(moment: datetime) -> None:
    try:
        text = iso(moment)
    except ValueError:
        assert moment.year in (1, 9999)
    else:
        assert FIRST <= text <= LAST and iso(parse_iso(text)) == text


@given(
    st.text()
    | TIME.map(str)
    | st.from_regex(r"[0-9]{1,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}([+-][0-9]{2}:[0-9]{2})?")
)
def test_a_text_is_a_time_or_none(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert FIRST <= iso(parse_iso(text)) <= LAST
    assert utc(text) is None or FIRST <= str(utc(text)) <= LAST


@given(st.text() | DURATION)
@example("P99999999999999Y")
@example("PT1e400S")
@example("P" + "9" * 5000 + "Y")
@example("PT" + "9" * 90 + "S")
def test_a_duration_is_one_or_is_said_to_be_none(text: str) -> None:
    try:
        found = duration(text)
    except ValueError as error:
        assert len(str(error)) < 200
    else:
        assert timedelta(0) <= found <= duration("P9999Y")
        for at in (FIRST, "2026-03-02T00:00:00.000Z", LAST):
            assert FIRST <= plus(at, -found) <= at <= plus(at, found) <= LAST


@given(TIME, st.timedeltas())
def test_what_is_added_ends_at_the_edges(moment: datetime, much: timedelta) -> None:
    at = iso(moment.replace(tzinfo=None))
    assert FIRST <= plus(at, much) <= LAST
    assert (plus(at, much) >= at) == (much >= timedelta(0)) or abs(much) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), 1e308, 10**400, -(10**18), "9" * 19, "-" + "9" * 19, "1" * 100_000,
     "Sat, 1 Jan 2000 00:00:00 +99999999999999", " " * 1_000_000 + "2026-01-01", {"$date": {"$date": 1}}, "\0", "\ud800"],
)  # fmt: skip
def test_a_number_that_is_no_moment(value: object) -> None:
    found = utc(value)
    assert found is None or FIRST <= found <= LAST


def test_the_edges_in_sql() -> None:
    assert earlier(FIRST, "P9999Y") == FIRST
    assert earlier("2026-03-02", "P99999999999Y") is None and earlier("yesterday", "P1D") is None
