"""All records of the year, each under its source with the moment it belongs to, and from them the files of an export."""

import csv
import gzip
import io
import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Record = dict[str, Any]
HEADERS = {
    "hr": ["worker_id", "email", "attribute", "value", "effective_at", "recorded_at", "system"],
    "reviews": ["reviewed_at", "reviewer", "system", "account", "entitlement", "decision", "campaign"],
    "snapshots": ["as_of", "system", "account", "entitlement", "scope", "expires_at"],
    "exceptions": ["id", "kind", "identity", "system", "entitlement", "recorded_by", "recorded_at", "approved_by",
                   "expires_at", "cleanup_owner"],
}  # fmt: skip
JSON_KEYS = {
    "cloudtrail": "Records",
    "jira": "issues",
    "servicenow-items": "result",
    "servicenow-approvals": "result",
}

LATE = {
    "cloudtrail",
    "okta",
    "github",
    "provisioning",
    "jira",
    "servicenow-items",
    "servicenow-approvals",
    "hr",
    "reviews",
}
"""Sources whose records may come late. A snapshot is whole or none, and exceptions are few."""
SPREADSHEET = "exceptions"
"""Kept by hand and handed in once, with the whole year in it."""
LATEST = timedelta(days=2)
"""How long before the end of its month a record may have been written that comes late: exports reach back that far for
them. Where some come later still, the next export seems to cover time of which it holds little."""
DELAYED, AGAIN = 0.1, 0.4
"""The share of those records that do, and of months that are exported a second time for them."""


@dataclass(frozen=True)
class File:
    """One file of an export: its source, the months since the year began that it is for, its name and content."""

    source: str
    month: int
    path: str
    content: bytes


@dataclass
class Books:
    """Collects records; `files` writes them month by month, each export overlapping the one before."""

    rng: random.Random
    latest: timedelta = LATEST
    records: dict[str, list[tuple[datetime, Record]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, source: str, at: datetime, record: Record) -> None:
        """Keep a record of a source."""
        self.records[source].append((at, record))

    def files(self) -> list[File]:
        """The exports of a year. The record that ends one is also in the next, so that they leave no gap.

        Some records come late: they stand in the next month's export alone, or in a second export of their month.
        """
        found = []
        for source, records in sorted(self.records.items()):
            records.sort(key=lambda one: one[0])
            months: dict[int, list[tuple[datetime, Record]]] = defaultdict(list)
            for at, record in records:
                months[month(records[-1][0] if source == SPREADSHEET else at)].append((at, record))
            before: list[tuple[datetime, Record]] = []
            late: list[tuple[datetime, Record]] = []
            last = max(months)
            for number, mine in sorted(months.items()):
                overlap = [one for one in before if one[0] > before[-1][0] - LATEST] if before else []
                delayed = self._delayed(source, mine)
                again = number == last or self.rng.random() < AGAIN
                first = [one for one in mine if one not in delayed]
                found += self._file(source, number, _told(late + overlap + first))
                if again and delayed:
                    found += self._file(source, number, _told(late + overlap + mine), "-again")
                before, late = mine, [] if again else delayed
        return found

    def _delayed(self, source: str, mine: list[tuple[datetime, Record]]) -> list[tuple[datetime, Record]]:
        """A few records, which were not there yet when their month was exported."""
        if source not in LATE:
            return []
        begins = mine[-1][0] - self.latest
        return [one for one in mine[1:-1] if one[0] > begins and self.rng.random() < DELAYED]

    def _file(self, source: str, number: int, records: list[Record], suffix: str = "") -> list[File]:
        name = f"{source}-{number:+03d}{suffix}"
        if source in HEADERS:
            text = io.StringIO()
            writer = csv.DictWriter(text, HEADERS[source], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows({k: "" if v is None else v for k, v in record.items()} for record in records)
            return [File(source, number, f"{source}/{name}.csv", text.getvalue().encode())]
        if source == "cloudtrail":
            told = json.dumps({"Records": records}).encode()
            folder = "cloudtrail/AWSLogs/210987654321/CloudTrail/eu-central-1"
            return [File(source, number, f"{folder}/{name}.json.gz", gzip.compress(told, mtime=0))]
        if source in JSON_KEYS:
            return [
                File(
                    source, number, f"{source}/{name}.json", json.dumps({JSON_KEYS[source]: records}).encode()
                )
            ]
        if source == "okta":
            return [File(source, number, f"{source}/{name}.json", json.dumps(records).encode())]
        self.rng.shuffle(records)
        lines = "".join(json.dumps(record) + "\n" for record in records)
        return [File(source, number, f"{source}/{name}.jsonl", lines.encode())]


def _told(records: list[tuple[datetime, Record]]) -> list[Record]:
    return [record for _, record in records]


def month(at: datetime) -> int:
    """Months since the year began; all that is older is one initial export."""
    return max((at.year - 2026) * 12 + at.month - 1, -1)
