"""Times as the case file keeps them: UTC, milliseconds, ISO 8601 text ending in Z, so that they compare as text.

They lie in the years 1 to 9999: a moment outside is no time, and what is added to one ends at the first or the last.
"""

import re
from datetime import UTC, datetime, timedelta

FIRST, LAST = "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"
"""The first and the last moment there is."""

LONGEST = timedelta(days=9999 * 365)
"""The longest duration: beyond it every moment lies before the first or after the last."""

DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def iso(moment: datetime) -> str:
    """A moment as the case file writes it; one without a zone is UTC.

    Raises ValueError where it lies in no year from 1 to 9999 in UTC.
    """
    moment = _utc(moment)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z".rjust(24, "0")


def parse_iso(text: str) -> datetime:
    """The moment that a time of the case file (or any ISO 8601 text) names; without a zone it is UTC.

    Raises ValueError where the text is no time, or lies in no year from 1 to 9999 in UTC.
    """
    return _utc(datetime.fromisoformat(text))


def _utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment} lies in no year from 1 to 9999 in UTC") from error


def plus(at: str, duration: timedelta) -> str:
    """The time that lies `duration` after `at`, both as the case file writes them; the first or last there is beyond it."""
    try:
        return iso(parse_iso(at) + duration)
    except OverflowError:
        return LAST if duration > timedelta(0) else FIRST


def duration(text: str) -> timedelta:
    """How long an ISO 8601 duration such as PT24H or P90D is; a month counts 30 days, a year 365.

    Raises ValueError where the text is no duration, or more than 9999 years.
    """
    short = text.strip()
    match = DURATION.fullmatch(short) if len(short) <= 100 else None
    if not match or not any(match.groups()):
        raise ValueError(f"{short[:100]!r} is no ISO 8601 duration such as PT24H or P90D")
    part = {key: int(value) for key, value in match.groupdict(default="0").items()}
    days = part["years"] * 365 + part["months"] * 30 + part["weeks"] * 7 + part["days"]
    seconds = days * 86_400 + part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"]
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{short!r} is longer than 9999 years")
    return timedelta(seconds=seconds)
