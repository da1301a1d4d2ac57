"""A case file of which a part was overwritten or cut off: answered where that part is not read, else one sentence."""

import random
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from tracer.case.opening import open_case
from tracer.case.troubles import explained, trouble
from tracer.cli.main import cli
from tracer.errors import CaseError, TracerError
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a judged case."""
    case = tmp_path_factory.mktemp("whole") / "case.db"
    ingest(case, ["tests/cases/wrong-attribute/evidence"])
    connection = open_case(case)
    judge(connection)
    connection.close()
    return case.read_bytes()


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with single bytes, a stretch of a page, or its end gone wrong."""
    kind, found = chance.randrange(3), bytearray(content)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    start, length = chance.randrange(len(content) // PAGE) * PAGE, chance.choice([8, 100, PAGE])
    places = range(start, start + length) if kind == 1 else chance.sample(range(len(content)), 20)
    for place in places:
        found[place] = chance.randrange(256)
    return bytes(found)


@pytest.mark.parametrize("seed", range(12))
def test_damage_is_told_in_one_sentence_or_does_not_matter(case_path: Path, whole: bytes, seed: int) -> None:
    case_path.write_bytes(damaged(whole, random.Random(seed)))
    for words in (
        ["findings", str(case_path), "--all"],
        ["defects", str(case_path)],
        ["judge", str(case_path)],
    ):
        error = CliRunner().invoke(cli, words).exception
        assert error is None or isinstance(error, TracerError), error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "no room"),
        (sqlite3.SQLITE_IOERR_WRITE, "a quota"),
        (sqlite3.SQLITE_IOERR_GETTEMPPATH, "temporary"),
        (sqlite3.SQLITE_BUSY, "another process"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "cannot be written"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "broken"),
    ],
)
def test_what_sqlite_cannot_do_says_what_to_do(code: int, words: str) -> None:
    error = sqlite3.OperationalError("so it said")
    error.sqlite_errorcode = code
    problem = trouble(error, "case.db")
    assert problem is not None
    assert words in problem.what and "so it said" in problem.what and problem.todo


def test_text_that_is_none_is_damage(case_path: Path) -> None:
    connection = open_case(case_path, create=True)
    connection.execute("INSERT INTO meta VALUES ('a', CAST(x'ff' AS TEXT))")
    with pytest.raises(CaseError, match="broken"), explained(case_path):
        connection.execute("SELECT value FROM meta").fetchone()


def test_a_mistake_of_ours_is_not_called_one_of_the_file(case_path: Path) -> None:
    connection = open_case(case_path, create=True)
    with pytest.raises(sqlite3.OperationalError), explained(case_path):
        connection.execute("SELECT nothing FROM nowhere")
