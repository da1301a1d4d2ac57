"""Judging a grown case, stage by stage: `python benchmarks/judge.py [GRANTS]` (default 1,000,000).

The evidence tables are written straight, always the same for a number of grants: three in five by a rule with logged
inputs, three in ten by an approved ticket, the others by hand; each verified, two in five revoked, one in three
reviewed; one person per 50 grants with four facts, one in ten of whom moved; one service account per 500 with a key that
is rotated now and then. A process of its own judges the case, so that its peak memory is its own.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tracer.case.ids import content_id
from tracer.case.opening import open_case
from tracer.case.schema import EVIDENCE, TABLES, index
from tracer.case.stage import StageRun
from tracer.judgement.judge import judge

START = datetime(2025, 1, 6, tzinfo=UTC)
SYSTEMS = [f"app{number}" for number in range(20)]
DEPARTMENTS = ["Finance", "Sales", "Legal", "Risk", "Platform"]
FACTS = ("department", "employment_type", "status", "site")
LOG, DESK, REVIEWS, HR = "provisioning-log", "desk", "access-reviews", "source-data"


def at(minutes: float) -> str:
    """A time as the case file writes it."""
    return f"{START + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}.000Z"


def register() -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Sections, keys and entries of the register."""
    points = "source-data rule request approval provisioning verification review expiry revocation rotation logging"
    for point in points.split():
        owner = {"owner": f"{point}@corp.example", "role": "Owner", "from": "2024-01-01T00:00:00.000Z"}
        yield "controls", point, {"id": f"C-{point}", "point": point, "owners": [owner]}
    for number, system in enumerate(SYSTEMS):
        for department in DEPARTMENTS:
            name, entitlement = f"R-{system}-{department}", f"{department.lower()}-role"
            text = f'identity.department == "{department}" && identity.status == "active"'
            grants = [{"system": system, "entitlement": entitlement}]
            yield "rules", None, {"id": name, "version": "1", "from": at(0), "owner": "rules@corp.example", "expression": text, "grants": grants}  # fmt: skip
            role = {"system": system, "entitlement": entitlement, "eligible": text, "approval": "required"}
            yield "roles", None, role | {"owner": f"owner{number}@corp.example", "provisioners": ["engine"]}
        yield "authorities", None, {"approver": f"lead{number}@corp.example", "system": system, "entitlement": "*", "from": at(0)}  # fmt: skip
    limits = {"revocation_sla": "PT24H", "source_update_sla": "PT24H", "verification_window": "PT24H", "review_interval": "P90D",
              "rotation_interval": "P90D", "request_window": "P14D", "compromise_sla": "PT24H"}  # fmt: skip
    for name, value in limits.items():
        yield "policy", name, {"name": name, "value": value}


class Evidence:
    """Rows of the evidence tables, written in one go."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in EVIDENCE}
        self.files = {name: content_id("file", name)[:20] for name in (LOG, DESK, REVIEWS, HR, "register")}
        self.count = 0

    def record(self, source: str) -> str:
        """One more record of the source."""
        self.count += 1
        record = f"{self.count:020x}"
        self.rows["records"].append((record, self.files[source], self.count, None, record, "{}"))
        return record

    def act(self, source: str, when: str, verb: str, system: str, **said: str | None) -> None:
        """An act in a record of its own."""
        record = self.record(source)
        values = {"record_id": record, "seq": 0, "act": record, "source": source, "at": when, "verb": verb,
                  "system": system, "outcome": "success"} | said  # fmt: skip
        self.rows["acts"].append(tuple(values.get(name) for name in EVIDENCE["acts"].types()))
        if len(self.rows["acts"]) >= 50_000:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered."""
        for name, rows in self.rows.items():
            if rows:
                self.connection.executemany(
                    f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows
                )
                rows.clear()


def grow(path: Path, grants: int) -> None:
    """Write a case with that many grants."""
    connection = open_case(path, create=True)
    evidence = Evidence(connection)
    for section, key, content in register():
        record = evidence.record("register")
        evidence.rows["entries"].append((record, section, key, 1, json.dumps(content, sort_keys=True)))
    people = max(grants // 50, 1)
    for person in range(people):
        for place, attribute in enumerate(FACTS):
            value = [DEPARTMENTS[person % 5], "FTE", "active", f"site{person % 7}"][place]
            _claim(evidence, person, attribute, value, at(-1440))
        if person % 10 == 0:
            _claim(evidence, person, "department", DEPARTMENTS[(person + 1) % 5], at(300_000 + person % 1440))
    for number in range(grants):
        _grant(evidence, number, people)
    last = at(525_600)
    for source, kind, systems in ((LOG, "provisioning", SYSTEMS), (DESK, "ticket", [DESK]), (REVIEWS, "review", SYSTEMS), (HR, "source-data", ["hr"])):  # fmt: skip
        evidence.rows["spans"] += [
            (evidence.files[source], system, at(-1440), last, 1, 0) for system in systems
        ]
        evidence.rows["sources"].append((source, kind, "scope end ticket rule"))
    for source, identifier in evidence.files.items():
        kind = {LOG: "provisioning", DESK: "ticket", REVIEWS: "review", HR: "source-data"}.get(
            source, "register"
        )
        row = {"id": identifier, "path": source, "sha256": identifier, "source": source, "kind": kind, "first_at": at(-1440), "last_at": last}  # fmt: skip
        evidence.rows["evidence"].append(tuple(row.get(name) for name in EVIDENCE["evidence"].types()))
    evidence.flush()
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('stale', '1')")
    connection.commit()
    index(connection, TABLES)
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _claim(evidence: Evidence, person: int, attribute: str, value: str, when: str) -> None:
    mail = f"user{person}@corp.example"
    evidence.rows["claims"].append(
        (evidence.record(HR), 0, f"W-{person}", mail, attribute, value, "hr", when, when)
    )


def _grant(evidence: Evidence, number: int, people: int) -> None:
    person, system = number % people, SYSTEMS[number // people % len(SYSTEMS)]
    minute = number * 7919 % 400_000
    account, department = f"user{person}@corp.example", DEPARTMENTS[person % 5]
    entitlement = f"{department.lower()}-role"
    said: dict[str, str | None] = {"subject": account, "entitlement": entitlement, "actor": "engine"}
    ticket = f"ACC-{number}"
    if number % 500 == 499:
        said |= {"subject": f"svc{number // 500}", "entitlement": f"credential:K{number}"}
        evidence.act(LOG, at(minute + 100_000), "rotate", system, subject=f"svc{number // 500}", entitlement=f"credential:K{number}")  # fmt: skip
    if number % 10 < 6:
        inputs = json.dumps({"department": department, "status": "active"})
        said |= {"rule": f"R-{system}-{department}", "rule_version": "1", "inputs": inputs}
    elif number % 10 < 9:
        asked: dict[str, str | None] = {"ticket": ticket, "entitlement": entitlement, "subject": account}
        evidence.act(DESK, at(minute - 2000), "request", system, actor=account, **asked)
        evidence.act(DESK, at(minute - 1000), "approve", system, actor=f"lead{SYSTEMS.index(system)}@corp.example", **asked)  # fmt: skip
        said |= {"ticket": ticket if number % 3 else None}
    evidence.act(LOG, at(minute), "grant", system, **said)
    same = {"subject": said["subject"], "entitlement": said["entitlement"]}
    evidence.act(LOG, at(minute + 60 + number % 7 * 300), "verify", system, actor="checker", **same)
    if number % 3 == 0:
        evidence.act(REVIEWS, at(minute + 60_000), "review", system, actor=f"owner{number % 20}@corp.example", decision="keep", **same)  # fmt: skip
    if number % 5 < 2:
        evidence.act(LOG, at(minute + 90_000), "revoke", system, actor="engine", **same)


def timed(path: Path) -> None:
    """Judge the case and print each stage with its time and the peak memory after it."""
    runs: list[StageRun] = []
    judge(open_case(path), ran=runs.append)
    print("| stage | s | CPU s | peak MB |\n|---|--:|--:|--:|")
    for run in runs:
        print(f"| {run.stage} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.peak_memory / 1e6:,.0f} |")
    wall, own = sum(run.seconds for run in runs), sum(run.cpu_seconds for run in runs)
    print(f"| judge | {wall:.1f} | {own:.1f} | {max(run.peak_memory for run in runs) / 1e6:,.0f} |")


def main() -> None:
    """Grow a case, then judge it in a process of its own."""
    if len(sys.argv) > 2 and sys.argv[1] == "--judge":
        timed(Path(sys.argv[2]))
        return
    grants = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.db"
        begin = time.perf_counter()
        grow(path, grants)
        print(
            f"{grants:,} grants grown in {time.perf_counter() - begin:.0f} s, {path.stat().st_size / 1e6:,.0f} MB"
        )
        subprocess.run([sys.executable, __file__, "--judge", str(path)], check=True)
        connection = open_case(path)
        for verdict, count in connection.execute(
            "SELECT verdict, count(*) FROM grants GROUP BY verdict ORDER BY verdict"
        ):
            print(f"{verdict}: {count:,}")


if __name__ == "__main__":
    main()
