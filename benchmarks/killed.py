"""Killing tracer at random moments: run again it goes on, and the case equals that of a run that nobody disturbed.

Each job is started as a process of its own, ended at a moment drawn from its usual duration, and run again. `--signal TERM`
and `--signal INT` ask it to end instead. For example: python -m benchmarks.killed --moments 200
"""

import argparse
import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tracer.case.opening import open_case
from tracer.case.schema import TABLES
from tracer.cli.main import main as tracer
from tracer.errors import CaseError
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

ROOT = Path(__file__).parents[1]
OLDER = ROOT / "tests" / "case" / "older" / "schema-2.sql.gz"
WHEN = {"evidence": {"read_at", "path"}, "dispositions": {"at"}}
"""Table -> its columns that say when and where something was done."""

LISTENS = 0.05
"""Seconds after which a run listens to signals; before, they end it as SIGKILL does."""

STEP = 0.0005
"""Seconds between two looks at a run."""

Dump = dict[str, list[tuple[object, ...]]]


class Job(NamedTuple):
    """What is run and killed: how its case begins, its arguments, and whether a worker is killed, not the run itself."""

    prepare: Callable[[Path], None]
    words: tuple[str, ...]
    worker: bool = False


@dataclass
class Outcome:
    """What came of one job: how many runs were cut off, and what was found wrong."""

    killed: int = 0
    wrong: list[str] = field(default_factory=list)


class Harness:
    """The jobs, and a folder in which they run."""

    def __init__(self, folder: Path, evidence: Path, sign: signal.Signals) -> None:
        self.folder, self.sign = folder, sign
        self.case, self.temporary, self.said = folder / "run" / "case.db", folder / "tmp", folder / "said"
        self.temporary.mkdir()
        os.environ["TMPDIR"] = os.environ["SQLITE_TMPDIR"] = tempfile.tempdir = str(self.temporary)
        self.some, self.read, self.judged = (folder / name for name in ("some.db", "read.db", "judged.db"))
        parts = sorted(one for one in evidence.iterdir() if one.name != "README.md")
        ingest(self.some, parts[::2])
        self._judge(self.some)
        ingest(self.read, [evidence])
        shutil.copy(self.read, self.judged)
        (finding,) = self._judge(self.judged)
        case, whole, nothing = str(self.case), str(evidence), folder / "nothing"
        nothing.mkdir()
        self.jobs = {
            "first ingest": Job(lambda path: None, ("ingest", case, whole, "-q", "--workers", "1")),
            "second ingest": Job(_copy(self.some), ("ingest", case, whole, "-q", "--workers", "1")),
            "judge": Job(_copy(self.read), ("judge", case, "-q")),
            "mark": Job(
                _copy(self.judged),
                ("mark", case, finding, "--as", "confirmed", "--because", "b", "--by", "c"),
            ),
            "migration": Job(_older, ("ingest", case, str(nothing), "-q")),
            "worker": Job(lambda path: None, ("ingest", case, whole, "-q", "--workers", "2"), worker=True),
        }

    def _judge(self, case: Path) -> tuple[str]:
        connection = open_case(case)
        judge(connection)
        found: tuple[str] = tuple(connection.execute("SELECT min(id) FROM findings").fetchone())
        connection.close()
        return found

    def trial(self, job: Job, usual: float, chance: random.Random, expected: Dump, outcome: Outcome) -> None:
        """Run the job, end it at some moment (every third time twice), run it again, and compare."""
        self._begin(job)
        moments = [chance.uniform(0, usual) for _ in range(1 + (chance.random() < 1 / 3))]
        for moment in moments:
            told = self._cut(job, moment, outcome)
            self._look(told, outcome)
        at = ", ".join(f"{moment:.4f} s" for moment in moments)
        process = self._start(job.words)
        if (code := os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])) != 0:
            outcome.wrong.append(f"after {at}: exit {code}: {self.said.read_text()[-300:]}")
            return
        if (found := dump(self.case)) != expected:
            tables = [name for name in expected if found.get(name) != expected[name]]
            outcome.wrong.append(f"after {at}: {', '.join(tables)} differ")
        if beside := [path.name for path in self.case.parent.iterdir() if path != self.case]:
            outcome.wrong.append(f"after {at}: {', '.join(beside)} is left")
        if temporary := [path.name for path in self.temporary.iterdir()]:
            outcome.wrong.append(f"after {at}: {', '.join(temporary)} is left in the temporary folder")

    def undisturbed(self, job: Job) -> tuple[float, Dump]:
        """How long the job takes, and the case that comes of it."""
        taken = []
        for _ in range(3):
            self._begin(job)
            begun = time.monotonic()
            code = os.waitstatus_to_exitcode(os.waitpid(self._start(job.words), 0)[1])
            assert code == 0, self.said.read_text()
            taken.append(time.monotonic() - begun)
        return min(taken), dump(self.case)

    def _begin(self, job: Job) -> None:
        for folder in (self.case.parent, self.temporary):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        job.prepare(self.case)

    def _start(self, words: tuple[str, ...]) -> int:
        """A process that has loaded everything, so that each moment falls into its work."""
        self.said.write_text("")
        process = os.fork()
        if process:
            # Here and there: whichever comes first.
            with suppress(OSError):
                os.setpgid(process, process)
            return process
        code = 70
        try:
            with suppress(OSError):
                os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            with self.said.open("w") as said:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
            sys.argv[1:] = words
            tracer()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _cut(self, job: Job, moment: float, outcome: Outcome) -> str:
        """Start the job, end it at that moment, and return what it said; meanwhile nobody else may read the case."""
        process, until, ended = self._start(job.words), time.monotonic() + moment, False
        while not ended and time.monotonic() < until:
            time.sleep(STEP)
            ended = os.waitpid(process, os.WNOHANG)[0] != 0
            self._private(outcome)
        if ended:
            return self.said.read_text()
        if job.worker:
            if workers := _children(process):
                os.kill(workers[0], signal.SIGKILL)
                outcome.killed += 1
        else:
            if self.sign == signal.SIGKILL:
                os.killpg(process, signal.SIGKILL)
            else:
                os.kill(process, self.sign)
            outcome.killed += 1
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        said = self.said.read_text()
        ends = (0, 128 + self.sign, *([-self.sign] if moment < LISTENS else []))
        if not job.worker and self.sign != signal.SIGKILL and code not in ends:
            outcome.wrong.append(f"exit {code} on {self.sign.name} after {moment:.4f} s: {said[-300:]}")
        return said

    def _private(self, outcome: Outcome) -> None:
        for path in self.case.parent.iterdir():
            try:
                mode = stat.S_IMODE(path.lstat().st_mode)
            except FileNotFoundError:
                continue
            if mode != 0o600:
                outcome.wrong.append(f"{path.name} has mode {mode:o}")

    def _look(self, said: str, outcome: Outcome) -> None:
        """What a run that was cut off says and leaves: no traceback, and a case of which each part is whole."""
        if "Traceback" in said:
            outcome.wrong.append(f"traceback: {said[-300:]}")
        self._private(outcome)
        wrong = "SELECT count(*) FROM evidence WHERE records <> kept + counted + skipped + rejected"
        try:
            connection = open_case(self.case)
        except CaseError as error:
            if not any(words in str(error) for words in ("no such case file", "was begun")):
                outcome.wrong.append(f"a reader is told: {error}")
            return
        if connection.execute(wrong).fetchone()[0]:
            outcome.wrong.append("half a file is in the case")
        connection.close()


def _copy(case: Path) -> Callable[[Path], None]:
    def copy(path: Path) -> None:
        shutil.copy(case, path)

    return copy


def _older(path: Path) -> None:
    older(OLDER, path)


def older(stored: Path, path: Path) -> None:
    """Make the case file that an earlier version left, from its stored SQL."""
    path.touch(0o600)
    connection = sqlite3.connect(path)
    connection.executescript(gzip.decompress(stored.read_bytes()).decode())
    connection.close()


def _children(process: int) -> list[int]:
    """The processes that a process has started (on Linux)."""
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def dump(case: Path) -> Dump:
    """Every table in the order of its key, without when and where it was read; a mark that came twice is one."""
    connection = open_case(case)
    found: Dump = {}
    for name, table in TABLES.items():
        wanted = ", ".join(column for column in table.types() if column not in WHEN.get(name, ()))
        rows = {tuple(row) for row in connection.execute(f"SELECT {wanted} FROM {name}")}
        found[name] = sorted(rows, key=repr)
    connection.close()
    return found


def main() -> int:
    """Kill each job as often as was asked for, and print what came of it; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200, help="how often each job is cut off")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--signal", choices=["KILL", "TERM", "INT"], default="KILL")
    parser.add_argument("--job", action="append", help="only this job")
    parser.add_argument("--evidence", type=Path, default=ROOT / "samples" / "evidence")
    asked = parser.parse_args()
    chance, wrong = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        harness = Harness(Path(folder), asked.evidence, signal.Signals[f"SIG{asked.signal}"])
        for name in asked.job or harness.jobs:
            job, outcome = harness.jobs[name], Outcome()
            usual, expected = harness.undisturbed(job)
            for _ in range(asked.moments):
                harness.trial(job, usual, chance, expected, outcome)
            wrong += len(outcome.wrong)
            told = {
                "job": name,
                "seconds": round(usual, 3),
                "trials": asked.moments,
                "killed": outcome.killed,
            }
            print(
                json.dumps(told | {"wrong": len(outcome.wrong), "such as": outcome.wrong[:3]}),
                flush=True,
            )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
