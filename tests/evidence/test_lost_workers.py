"""A file that ends the process that reads it costs nothing but itself, and the books say what was lost and why."""

import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from tests.evidence.test_malformed import trail
from tests.evidence.test_workers import dump
from tests.limits.lowered import lowered

from tracer.case.opening import open_case
from tracer.errors import CaseError
from tracer.evidence import workers
from tracer.evidence.ingest import IngestSummary, ingest

READER = """
import os, signal
from pathlib import Path
from tracer.evidence import ingest, reading, workers

def ends(path):
    name = Path(path).name
    if "killed" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    elif "unlucky" in name and not Path("..", name).exists():
        Path("..", name).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    elif "memory" in name:
        bytearray(8 << 30)
    elif "hangs" in name:
        while True:
            pass
    elif "crashes" in name:
        os.abort()
    elif "babbles" in name:
        os.write(4, b"what is this" * 9)
        while True:
            pass

class Reading(reading.Reading):
    def messages(self, *given):
        told = 0
        for message in super().messages(*given):
            yield message
            told += isinstance(message, reading.Rows)
            if told == 1:
                ends(self.content.path)

def contents(one):
    if "opening" in one.path:
        os.abort()
    yield from opened(one)

reading.Reading, opened, ingest.contents = Reading, ingest.contents, contents
work = workers.work
"""

HOW = {
    "killed": "signal 9",
    "memory": "more than 1 GiB of memory",
    "hangs": "no further for 1 s of processor time",
    "crashes": "signal 6",
    "babbles": "no message",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three files of evidence, read by processes that do what the name of a file says."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "reader_of_a_test.py").write_text(READER)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.setattr(workers, "READER", "reader_of_a_test")
    (tmp_path / "evidence").mkdir()
    monkeypatch.chdir(tmp_path / "evidence")
    for number, name in enumerate(("a", "c", "e")):
        Path(f"{name}.json").write_bytes(trail(2 + number))
    return tmp_path


def read(folder: Path, name: str = "case.db", count: int = 1) -> IngestSummary:
    with lowered("evidence.workers.MEMORY", 1 << 30), lowered("evidence.workers.NO_PROGRESS", 1):
        return ingest(folder / name, ["."], workers=count)


@pytest.mark.parametrize("what", HOW)
def test_a_file_that_ends_its_reader_costs_itself(folder: Path, what: str) -> None:
    lost = f"b-{what}.json"
    Path(lost).write_bytes(trail(9))
    summary = read(folder)
    assert [(one.path, one.kept, one.rejected) for one in summary.files] == [
        ("a.json", 2, 0), (lost, 0, 1), ("c.json", 3, 0), ("e.json", 4, 0),
    ]  # fmt: skip
    (problem,) = summary.problems
    assert problem.where == lost and HOW[what] in problem.what and "parts" in problem.todo
    connection = open_case(folder / "case.db")
    row = connection.execute(
        "SELECT e.records, e.source, e.kind, e.bytes, r.reason FROM evidence e JOIN rejects r ON r.evidence_id = e.id"
    ).fetchone()
    assert tuple(row)[:4] == (1, "aws-cloudtrail", "audit-log", len(trail(9)))
    assert HOW[what] in row["reason"]
    connection.close()
    again = read(folder)
    assert again.problems == [] and all(one.known for one in again.files)


def test_a_reader_that_was_ended_from_outside_is_tried_again(folder: Path) -> None:
    Path("b-unlucky.json").write_bytes(trail(9))
    summary = read(folder)
    assert summary.problems == []
    assert [one.kept for one in summary.files] == [2, 9, 3, 4]
    ingest(folder / "whole.db", ["."])
    assert dump(folder / "case.db") == dump(folder / "whole.db")


def test_the_members_before_and_behind_are_read(folder: Path) -> None:
    with tarfile.open("b.tar", "w") as archive:
        for number, name in enumerate(("1", "2-crashes", "3", "4-hangs", "5-unlucky", "6")):
            data = trail(10 + number)
            member = tarfile.TarInfo(f"{name}.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    summary = read(folder)
    assert [one.kept for one in summary.files] == [2, 10, 0, 12, 0, 14, 15, 3, 4]
    assert [problem.where for problem in summary.problems] == ["b.tar!2-crashes.json", "b.tar!4-hangs.json"]
    again = read(folder)
    assert again.problems == [] and [one.known for one in again.files] == [True] * 9


def test_a_file_that_cannot_be_opened_is_lost_whole_and_not_opened_again(folder: Path) -> None:
    Path("b-opening.json").write_bytes(trail(9))
    summary = read(folder)
    assert [(one.path, one.source, one.rejected) for one in summary.files] == [
        ("a.json", "aws-cloudtrail", 0), ("b-opening.json", None, 1), ("c.json", "aws-cloudtrail", 0), ("e.json", "aws-cloudtrail", 0),
    ]  # fmt: skip
    assert len(summary.problems) == 1
    again = read(folder)
    assert again.problems == [] and all(one.known for one in again.files)


def test_the_case_is_the_same_however_many_read(folder: Path) -> None:
    for name in ("b-crashes", "b-hangs", "b-opening", "d-killed", "d-unlucky"):
        Path(f"{name}.json").write_bytes(trail(20 + len(name)))
    Path("x.json").write_bytes(Path("b-crashes.json").read_bytes())
    one = read(folder, "one.db", 1)
    Path("..", "d-unlucky.json").unlink()
    many = read(folder, "many.db", 4)
    assert many.files == one.files
    assert [str(problem) for problem in many.problems] == [str(problem) for problem in one.problems]
    assert dump(folder / "many.db") == dump(folder / "one.db")


def test_a_reader_that_cannot_start_loses_nothing(folder: Path) -> None:
    with lowered("evidence.workers.MEMORY", 1 << 20), pytest.raises(CaseError, match="can be started"):
        ingest(folder / "case.db", ["."], workers=1)
    connection = open_case(folder / "case.db")
    assert connection.execute("SELECT count(*) FROM evidence").fetchone()[0] == 0
    connection.close()
    assert len(read(folder).files) == 3


def test_names_and_texts_that_are_no_unicode_arrive(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    name = os.fsdecode(b"caf\xe9.json")
    try:
        (folder / name).write_bytes(trail(2))
    except OSError:
        pytest.skip("this file system takes no such name")
    event = json.loads(trail(1))["Records"][0]
    event["requestParameters"]["userName"] = "half \ud83d"
    (folder / "z.json").write_text(json.dumps({"Records": [event]}))
    apart = ingest(tmp_path / "apart.db", [folder], workers=1)
    here = ingest(tmp_path / "here.db", [folder], workers=0)
    assert apart == here
    assert dump(tmp_path / "apart.db") == dump(tmp_path / "here.db")
