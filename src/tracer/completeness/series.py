"""Series of tickets: numbers that one ticket system gives out, as in `RITM0010023` and `RITM0010999`."""

import re


def series(ticket: str) -> str:
    """What the numbers of one series have in common: how they begin, case-folded."""
    return re.split(r"\d", ticket.casefold(), maxsplit=1)[0]


def number(ticket: str) -> int | None:
    """The number in its series; None where it does not end with one."""
    found = re.fullmatch(r"\D*(\d{1,18})", ticket)
    return int(found[1]) if found else None
