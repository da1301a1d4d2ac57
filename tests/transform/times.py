"""Times moved by whole days, or written in another zone."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

DATE = re.compile(r"(?<![\w.-])(\d{4})-(\d\d)-(\d\d)(?=$|[^\d-])")
EPOCH = re.compile(r"(?<![\w.-])1[4-9]\d{8}(?:\d{3})?(?![\w.-])")
ZONED = re.compile(r"(?<![\w.-])(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d(:?)\d\d)(?!\w)")
OFFSETS = (0, 330, -480, 60, 765, -210)
DAY = 86_400


def shift(text: str, days: int) -> str:
    """The text with every date, date-time and epoch (seconds or milliseconds) moved by `days`."""

    def moved(match: re.Match[str]) -> str:
        try:
            day = date(*map(int, match.groups()))
            return (day + timedelta(days=days)).isoformat()
        except (ValueError, OverflowError):
            return match.group()

    def ticked(match: re.Match[str]) -> str:
        number = match.group()
        return str(int(number) + days * DAY * (1000 if len(number) == 13 else 1))

    return EPOCH.sub(ticked, DATE.sub(moved, text))


def rezone(text: str) -> str:
    """The text with every zoned time told in a zone of our choice, the same for the same instant."""

    def told(match: re.Match[str]) -> str:
        head, fraction, zone, colon = match.groups()
        instant = datetime.fromisoformat(head + zone).astimezone(UTC)
        minutes = OFFSETS[int(instant.timestamp()) // 60 % len(OFFSETS)]
        local = instant.astimezone(timezone(timedelta(minutes=minutes)))
        sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
        separator = ":" if zone == "Z" else colon
        offset = "Z" if zone == "Z" and minutes == 0 else f"{sign}{hours:02d}{separator}{rest:02d}"
        return f"{local:%Y-%m-%dT%H:%M:%S}{fraction or ''}{offset}"

    return ZONED.sub(told, text)


def by(days: int) -> Callable[[str], str]:
    """`shift` by so many days, as a function of text."""
    return lambda text: shift(text, days)
