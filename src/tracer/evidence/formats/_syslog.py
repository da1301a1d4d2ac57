"""The header that syslog puts before a message: RFC 5424, or RFC 3164 as it is written in practice.

Some programs begin as RFC 5424 says, and leave the header off behind the host.
"""

import re

NEW = re.compile(
    r"<(?P<priority>\d{1,3})>\d{1,2} (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) (?P<pid>\S+) (?P<id>\S+) "
    r"(?P<data>-|(?:\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"])*\])+)(?: \ufeff?|$)"
)
OLD = re.compile(
    r"(?:<(?P<priority>\d{1,3})>(?:1 |\s?))?"
    r"(?P<time>[A-Z][a-z]{2} [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)"
    r" (?P<host>[^\s:\[\]=]+) "
    r"(?:(?P<app>(?!(?:LEEF|CEF):)[^\s:\[\]=\"]{1,48})(?:\[(?P<pid>\d+)\])?: ?)?"
)
BARE = re.compile(r"<(?P<priority>\d{1,3})>")


def syslog(text: str) -> tuple[dict[str, str], str]:
    """The header's fields (none: there is no header) and the message behind it."""
    for pattern in (NEW, OLD, BARE):
        match = pattern.match(text)
        if match is not None:
            found = {name: value for name, value in match.groupdict().items() if value not in (None, "-")}
            return found, text[match.end() :]
    return {}, text
