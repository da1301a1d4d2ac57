"""Harmless files that are made as somebody might who wants a reader to end, to hang, or to pass over records in silence.

Each is named after its defect, and says what must come out: the source, how many records are kept and rejected, and a part
of what is said of those that are not read.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import zstandard
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


EVTX, PARQUET = sample("windows-security-evtx/sample.evtx"), sample("databricks-audit-parquet/sample.parquet")
C1Z, BUNDLE, XML = (
    sample("baton/sample.c1z"),
    sample("git-register/sample.bundle"),
    sample("windows-security-xml/sample.xml"),
)
XML_KEPT = json.loads(sample("windows-security-xml/sample.xml.events.json"))["books"]["kept"]


def trail_line(number: int, agent: str = "") -> bytes:
    return json.dumps(event(number, userAgent=agent)).encode()


def c1z(statement: str) -> bytes:
    """A sync file that holds a database made by one statement."""
    connection = sqlite3.connect(":memory:")
    connection.execute(statement)
    data = connection.serialize()
    connection.close()
    return b"C1ZF\0" + zstandard.ZstdCompressor().compress(data)


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
    Hostile(
        "a text that its record does not end", "t.ndjson",
        lambda: b"\n".join((trail_line(0), trail_line(1)[:-3] + b"x" * 400_000, trail_line(2))), "aws-cloudtrail", 2, 1,
        ("longer than the limit",), lowered={"evidence.formats._json_skip.LONGEST": 300_000},
    ),
    Hostile(
        "a record of an array beyond the limit", "t.json",
        lambda: b'{"Records": [' + b",".join((trail_line(0), trail_line(1, "x[" * 300_000), trail_line(2))) + b"]}",
        "aws-cloudtrail", 2, 1, ("longer than the limit",), lowered={"evidence.formats._json_skip.LONGEST": 300_000},
    ),
    Hostile("an event log of which only the beginning is left", "s.evtx", lambda: EVTX[:5_000], None, 0, 2, ("broken",),
            "a broken Windows event log (EVTX)"),
    Hostile("an event log whose header is damaged", "s.evtx", lambda: EVTX[:40] + bytes(88) + EVTX[128:], "windows-security-evtx", 7, counted=1),
    Hostile("an event log with a broken chunk among others", "s.evtx",
            lambda: EVTX[:4096] + b"x" * 65_536 + EVTX[4096:] + b"ElfChnk\0" + b"\xff" * 65_528, "windows-security-evtx", 7, 2,
            ("does not begin as one", "broken"), counted=1),
    Hostile("a Parquet file that is cut off", "s.parquet", lambda: PARQUET[:2_000], None, 0, 1, ("the Parquet file is broken",),
            "a broken Parquet file"),
    Hostile("a Parquet file of which nothing is left but its mark", "s.parquet", lambda: b"PAR1", None, 0, 1,
            ("the Parquet file is broken",), "a broken Parquet file"),
    Hostile("a sync file that is cut off", "s.c1z", lambda: C1Z[:400], None, 0, 1, (), "a broken sync file of baton (.c1z)"),
    Hostile("a sync file whose tables are views", "s.c1z", lambda: c1z(
        "CREATE VIEW v1_resources AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    ), None, 0, 1, ("v1_resources is no plain table",), "a broken sync file of baton (.c1z)"),
    Hostile("a bundle that is cut off", "s.bundle", lambda: BUNDLE[:2_000], None, 0, 1, ("the bundle cannot be read",),
            "a broken git bundle"),
    Hostile("a bundle of which only the first line is left", "s.bundle", lambda: BUNDLE[:16], None, 0, 1,
            ("the bundle cannot be read",), "a broken git bundle"),
    Hostile("a database of which no source is known", "s.db", lambda: b"SQLite format 3\0" + bytes(500), None, note="a SQLite database"),
    Hostile("characters that XML does not know", "s.xml",
            lambda: XML.replace(b"</Computer>", b"\0&#0;\xef\xbf\xbe\xff&#xD800;</Computer>", 2), "windows-security-xml", XML_KEPT, counted=2),
]  # fmt: skip
