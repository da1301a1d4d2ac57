"""Hands a simulation's files to tracer and reads every grant's verdict and root from the case file."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.accuracy.exports.books import File


@dataclass(frozen=True)
class Judged:
    """One grant as tracer judged it; all findings' modes are in `also`."""

    id: str
    system: str
    account: str
    entitlement: str
    given: str | None
    verdict: str
    cause: str | None
    mode: str | None
    owner: str | None
    wrong_since: str | None
    confidence: float | None
    because: str | None
    also: frozenset[str]


def write(files: Iterable[File], folder: Path) -> None:
    """The files as they would lie in a folder of evidence."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def judge(files: Iterable[File], keep: Path | None = None) -> tuple[list[Judged], float]:
    """The judged grants, and the seconds that ingest and judging took together."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        case = folder / "case.db"
        shutil.rmtree(folder / "evidence", ignore_errors=True)
        case.unlink(missing_ok=True)
        write(files, folder / "evidence")
        begun = time.perf_counter()
        tracer = [sys.executable, "-c", "from tracer.cli.main import main; main()"]
        for command in (["ingest", str(case), str(folder / "evidence")], ["judge", str(case)]):
            done = subprocess.run([*tracer, *command, "-q"], capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"tracer {command[0]}: exit {done.returncode}\n{done.stderr[-2000:]}")
        taken = time.perf_counter() - begun
        return read(case), taken


def read(case: Path) -> list[Judged]:
    """Every grant of a case file but what is held through groups, which has the verdict of its weakest link."""
    connection = sqlite3.connect(f"file:{case}?mode=ro", uri=True)
    also: dict[str, set[str]] = {}
    for grant, mode in connection.execute("SELECT grant_id, mode FROM findings"):
        also.setdefault(grant, set()).add(mode)
    rows = connection.execute(
        """SELECT g.id, e.system, a.name, e.name, g.granted_at, g.verdict, f.class, f.mode, f.owner, f.wrong_since, f.confidence,
             f.because
           FROM grants g JOIN accounts a ON a.id = g.account_id JOIN entitlements e ON e.id = g.entitlement_id
           LEFT JOIN findings f ON f.id = g.root_finding_id
           WHERE g.via IS NULL"""
    ).fetchall()
    connection.close()
    names = [each.name for each in fields(Judged)]
    return [Judged(**dict(zip(names, (*row, frozenset(also.get(row[0], ()))), strict=True))) for row in rows]
