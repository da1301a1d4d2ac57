"""The simulated year and how its moments are written."""

from datetime import UTC, datetime, timedelta, timezone

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 12, 31, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def day(number: float) -> datetime:
    """The moment that many days after the year began."""
    return BEGIN + number * DAY


def text(at: datetime | None, zone_hours: float = 0) -> str | None:
    """ISO 8601 with milliseconds, in UTC or told with the offset of another zone."""
    if at is None:
        return None
    told = at.astimezone(timezone(timedelta(hours=zone_hours)))
    written = told.isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z") if zone_hours == 0 else written


def millis(at: datetime) -> int:
    """Epoch milliseconds."""
    return round(at.timestamp() * 1000)
