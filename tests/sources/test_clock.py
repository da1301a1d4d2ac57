"""Times as logs write them, to UTC; what is no time, or could be two, is none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.sources.clock import utc


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-02-13 12:45:06.073905000", "2024-02-13T12:45:06.073Z"),
        ("2021-07-27T06:32:53.1234567Z", "2021-07-27T06:32:53.123Z"),
        ("2023-01-01T00:00:00.5z", "2023-01-01T00:00:00.500Z"),
        ("2023-01-01T00:00:00+0000", "2023-01-01T00:00:00.000Z"),
        ("2023-01-01T00:00:00.000Z+0000", "2023-01-01T00:00:00.000Z"),
        ("2006-01-02 15:04:05 +0000 UTC", "2006-01-02T15:04:05.000Z"),
        ("2024-02-13 12:45:06.5 +0200", "2024-02-13T10:45:06.500Z"),
        ("Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05.000Z"),
        ("Tue Feb 13 12:45:06 2024", "2024-02-13T12:45:06.000Z"),
        ("20240213124506.0Z", "2024-02-13T12:45:06.000Z"),
        ("2024/02/13 12:45:06", "2024-02-13T12:45:06.000Z"),
        ("1700000000", "2023-11-14T22:13:20.000Z"),
        (1700000000.123, "2023-11-14T22:13:20.123Z"),
        ("1700000000123", "2023-11-14T22:13:20.123Z"),
        ({"value": "2024-02-13 12:45:06", "display_value": "13.02.2024 13:45"}, "2024-02-13T12:45:06.000Z"),
    ],
)
def test_a_time_is_read_as_it_is_meant(written: object, meant: str) -> None:
    assert utc(written) == meant


@pytest.mark.parametrize(
    "written",
    ["redacted", "...", "", None, True, "05/10/2024 11:00", "2023-05-10T23:00:000.000000Z", "2024-06-31", "12",
     "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000", "2024-02-13 12:45:06 EST", "1e400", [], {}, "next week"],
)  # fmt: skip
def test_what_is_no_time_or_could_be_two_is_none(written: object) -> None:
    assert utc(written) is None


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_the_zone_in_which_it_is_written_does_not_matter(moment: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    there = moment.replace(tzinfo=UTC).astimezone(zone)
    assert utc(there.isoformat()) == utc(moment.isoformat() + "Z")


@given(st.text(max_size=40))
def test_no_text_stops_it(text: str) -> None:
    found = utc(text)
    assert found is None or utc(found) == found


@pytest.mark.parametrize(
    "said",
    [
        {
            "epochMillis": 1767607200000,
            "iso8601": "2026-01-05T10:00:00Z",
            "jira": "2026-01-05T10:00:00.000+0000",
        },
        {"epochMillis": "?", "iso8601": "2026-01-05T10:00:00Z"},
        {"friendly": "today", "jira": "2026-01-05T12:00:00.000+0200"},
        {"epochMillis": None, "value": "2026-01-05T10:00:00Z"},
    ],
)
def test_an_object_that_gives_a_moment_in_several_ways_is_read_by_any_of_them(
    said: dict[str, object],
) -> None:
    assert utc(said) == "2026-01-05T10:00:00.000Z"


def test_an_object_without_a_moment_is_none() -> None:
    assert utc({"epochMillis": "?", "friendly": "today", "value": {"value": 3}}) is None
