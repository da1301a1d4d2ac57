"""Harmless files that are made as somebody might who wants a reader to end, to hang, or to pass over records in silence.

Each is named after its defect, and says what must come out: the source, how many records are kept and rejected, and a part
of what is said of those that are not read.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.evidence.test_malformed import event

SOURCES = Path(__file__).parents[2] / "sources"


@dataclass(frozen=True)
class Hostile:
    """One file: its name and bytes, limits that are made small for it, and what reading it must give."""

    name: str
    file: str
    data: Callable[[], bytes]
    source: str | None
    kept: int = 0
    rejected: int = 0
    said: tuple[str, ...] = ()
    note: str = ""
    counted: int = 0
    skipped: int = 0
    lowered: dict[str, int] = field(default_factory=dict)


def sample(path: str) -> bytes:
    return (SOURCES / path).read_bytes()


REVIEWS = b"reviewed_at,reviewer,system,account,entitlement,decision,campaign\n"


def review(number: int, campaign: str = "q1") -> bytes:
    return f"2026-03-01T10:{number % 60:02d}:00Z,ada,erp,u{number},poster,keep,{campaign}\n".encode()


def reviews(*campaigns: str) -> bytes:
    return REVIEWS + b"".join(review(number, text) for number, text in enumerate(campaigns))


LEEF = sample("cyberark-syslog/sample.log").splitlines(keepends=True)[1]
LOG = sample("git-register/sample-log.txt")

CASES = [
    Hostile(
        "a NUL early in a table is a character", "r.csv", lambda: reviews("a\0b", "q1", "q1"), "access-reviews", 3
    ),
    Hostile(
        "two stray quotes that close as they should", "r.csv", lambda: reviews("q1", '"q1', "q1", 'q1"', "q1"),
        "access-reviews", 2, 3, ("each is a row by itself", "lies in a pair of quotes"),
    ),
    Hostile(
        "two stray quotes that close in the midst", "r.csv", lambda: reviews("q1", '"q1', "q1", '"q1', "q1"),
        "access-reviews", 3, 2, ("closes in the midst of a later one", "never closed"),
    ),
    Hostile(
        "a quote within a value opens nothing", "r.csv", lambda: reviews('5" disk', "q1", '7"', "q1"), "access-reviews", 4
    ),
    Hostile(
        "a value of several lines that look like rows", "r.csv",
        lambda: reviews('"one\n2026-03-01T10:00:00Z,eve,erp,u9,poster,keep,q1\nthree"', "q1"), "access-reviews", 2,
    ),
    Hostile(
        "separators of lines and pages within a value", "r.csv", lambda: reviews("a\u2028b\x0cc\x85d", "q1"), "access-reviews", 2
    ),
    Hostile("bytes that are no UTF-8 in a table", "r.csv", lambda: reviews("q1", "q1").replace(b"q1", b"q\xff\xed\xa0\x80"),
            "access-reviews", 2),
    Hostile(
        "a row longer than the limit", "r.csv", lambda: reviews("q1", "q" * 5_000, "q1"), "access-reviews", 2, 1,
        ("longer than 500 bytes",), lowered={"evidence.formats._lines.LONGEST": 500},
    ),
    Hostile(
        "a row of more values than the limit", "r.csv", lambda: reviews("q1", "q1" + "," * 300, "q1"), "access-reviews", 2, 1,
        ("more than 100 values",), lowered={"evidence.formats.csv.MOST_COLUMNS": 100},
    ),
    Hostile(
        "a stray quote before many lines", "r.csv", lambda: reviews('"q1', *["q1"] * 50), "access-reviews", 50, 1,
        ("never closed",), lowered={"evidence.formats.csv.MOST_LINES": 10},
    ),
    Hostile(
        "half a surrogate pair and other characters in records", "t.json",
        lambda: (
            b'{"Records": ['
            + b",".join(
                json.dumps(event(n)).encode().replace(b'"userName": "u', b'"userName": "' + odd)
                for n, odd in enumerate((rb"\ud800", rb"\u0000", "\ufffe\uffff\ufeff\u202e".encode(), b"\xff", b"\xed\xa0\x80"))
            )
            + b"]}"
        ),
        "aws-cloudtrail", 5,
    ),
    Hostile(
        "byte order marks between records", "t.ndjson",
        lambda: b"\n".join(b"\xef\xbb\xbf" + json.dumps(event(n)).encode() for n in range(3)),
        "aws-cloudtrail", 3,
    ),
    Hostile(
        "a number of more digits than can be converted", "t.ndjson",
        lambda: b"\n".join(
            json.dumps(event(n)).encode().replace(b'"1.09"', b"1" * 5_000 if n == 1 else b"1") for n in range(3)
        ),
        "aws-cloudtrail", 2, 1, ("cannot be read",),
    ),
    Hostile(
        "a line of CEF without fields", "v.log",
        lambda: LEEF + LEEF[: LEEF.index(b"LEEF")] + b"CEF:0|Cyber-Ark|Vault|14.4|32|Add Owner|6|\n" + LEEF,
        "cyberark-syslog", 3,
    ),
    Hostile(
        "times of commits that no calendar has", "log.txt",
        lambda: LOG.replace(b"Sun Mar 1 10:02:00 2026 +0000", b"Fri Dec 31 23:59:59 9999 -2359"), "git-register", 3, 0, skipped=1,
    ),
]  # fmt: skip
