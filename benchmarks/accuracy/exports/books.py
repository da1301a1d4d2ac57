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

FORMS = {
    "cloudtrail": "json.gz",
    "okta": "json",
    "jira": "json",
    "servicenow-items": "json",
    "servicenow-approvals": "json",
}
"""How sources write that have no header and do not write one record per line."""

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
    """One file of an export: its source, the months since the year began that it is for, its name and content.

    `moments` are those of its records, in the order in which they are written.
    """

    source: str
    month: int
    path: str
    content: bytes
    moments: tuple[datetime, ...] = ()


@dataclass
class Books:
    """Collects records; `files` writes them month by month, each export overlapping the one before."""

    rng: random.Random
    latest: timedelta = LATEST
    yearly: bool = False
    """One file per source, for the whole year."""
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
            if self.yearly:
                found += self._file(source, month(records[-1][0]), records)
                continue
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
                found += self._file(source, number, late + overlap + first)
                if again and delayed:
                    found += self._file(source, number, late + overlap + mine, "-again")
                before, late = mine, [] if again else delayed
        return found

    def _delayed(self, source: str, mine: list[tuple[datetime, Record]]) -> list[tuple[datetime, Record]]:
        """A few records, which were not there yet when their month was exported."""
        if source not in LATE:
            return []
        begins = mine[-1][0] - self.latest
        return [one for one in mine[1:-1] if one[0] > begins and self.rng.random() < DELAYED]

    def _file(
        self, source: str, number: int, records: list[tuple[datetime, Record]], suffix: str = ""
    ) -> list[File]:
        form = "csv" if source in HEADERS else FORMS.get(source, "jsonl")
        if form == "jsonl":
            self.rng.shuffle(records)
        folder = (
            source if source != "cloudtrail" else "cloudtrail/AWSLogs/210987654321/CloudTrail/eu-central-1"
        )
        content = written(source, form, [record for _, record in records])
        return [
            File(
                source,
                number,
                f"{folder}/{source}-{number:+03d}{suffix}.{form}",
                content,
                tuple(at for at, _ in records),
            )
        ]


def written(source: str, form: str, records: list[Record]) -> bytes:
    """Records in the form of their source."""
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, HEADERS[source], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in record.items()} for record in records)
        return text.getvalue().encode()
    if form == "jsonl":
        return "".join(json.dumps(record) + "\n" for record in records).encode()
    told = json.dumps({JSON_KEYS[source]: records} if source in JSON_KEYS else records).encode()
    return gzip.compress(told, mtime=0) if form == "json.gz" else told


def month(at: datetime) -> int:
    """Months since the year began; all that is older is one initial export."""
    return max((at.year - 2026) * 12 + at.month - 1, -1)
