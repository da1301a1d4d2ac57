"""Times as the case file keeps them: UTC, milliseconds, ISO 8601 text ending in Z, so that they compare as text."""

import re
from datetime import UTC, datetime, timedelta

DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def iso(moment: datetime) -> str:
    """A moment as the case file writes it; one without a zone is UTC."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z".rjust(24, "0")


def parse_iso(text: str) -> datetime:
    """The moment that a time of the case file (or any ISO 8601 text) names; without a zone it is UTC.

    Raises ValueError where the text is no time.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def plus(at: str, duration: timedelta) -> str:
    """The time that lies `duration` after `at`, both as the case file writes them."""
    return iso(parse_iso(at) + duration)


def duration(text: str) -> timedelta:
    """How long an ISO 8601 duration such as PT24H or P90D is; a month counts 30 days, a year 365.

    Raises ValueError where the text is no duration.
    """
    match = DURATION.fullmatch(text.strip())
    if not match or not any(match.groups()):
        raise ValueError(f"{text!r} is no ISO 8601 duration such as PT24H or P90D")
    part = {key: int(value) for key, value in match.groupdict(default="0").items()}
    return timedelta(
        days=part["years"] * 365 + part["months"] * 30 + part["weeks"] * 7 + part["days"],
        hours=part["hours"],
        minutes=part["minutes"],
        seconds=part["seconds"],
    )
