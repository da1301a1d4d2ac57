"""A case file of which a part was overwritten or cut off: answered where that part is not read, else one sentence."""

import random
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from tracer.case.opening import open_case
from tracer.case.strange import what_is_strange
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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE defects SET severity = 'junk'", ["defects"]),
        ("UPDATE controls SET covers = '[1'", ["controls"]),
        ("UPDATE lineage SET relation = 'junk'", ["graph", "prov.json"]),
        ("UPDATE lineage SET from_kind = ''", ["graph", "graphml"]),
        ("UPDATE accounts SET name = CAST(x'ff' AS TEXT)", ["why"]),
        ("UPDATE accounts SET name = CAST(x'ff' AS TEXT)", ["assurance"]),
        ("UPDATE entitlements SET system = x'ff'", ["findings", "--json"]),
        ("UPDATE grants SET granted_at = 'junk'", ["why"]),
        ("UPDATE acts SET record_id = x'ff' WHERE rowid = 1", ["judge"]),
        ("UPDATE acts SET inputs = '[[1'", ["judge"]),
        ("UPDATE rules SET cel = x'ff'", ["replay"]),
        ("UPDATE entries SET content = '[]'", ["judge"]),
        ("UPDATE rejects SET evidence_id = 'junk'", ["judge"]),
    ],
)
def test_junk_that_somebody_wrote_into_a_case_is_told_in_one_sentence(
    case_path: Path, whole: bytes, change: str, words: list[str]
) -> None:
    case_path.write_bytes(whole)
    connection = sqlite3.connect(case_path)
    connection.execute("INSERT INTO rejects VALUES ('a', (SELECT id FROM evidence), 0, 0, 'cut', '')")
    connection.execute(change)
    connection.commit()
    connection.close()
    said = {
        "why": ["nora.weber@corp.example"],
        "replay": ["nora.weber@corp.example", "--set", "employment_type=Contractor"],
        "graph": ["nora.weber@corp.example", "-o", str(case_path.with_suffix(f".{words[-1]}"))],
    }
    result = CliRunner().invoke(cli, [words[0], str(case_path), *said.get(words[0], words[1:])])
    assert result.exception is None or isinstance(result.exception, TracerError), result.exception


def test_what_is_no_matter_of_the_case_stays_a_fault(case_path: Path, whole: bytes) -> None:
    case_path.write_bytes(whole)
    with pytest.raises(KeyError), explained(case_path):
        raise KeyError("ours")
    connection = sqlite3.connect(case_path)
    connection.execute("UPDATE defects SET severity = 'junk'")
    connection.commit()
    with pytest.raises(CaseError, match="table defects, severity is 'junk'"), explained(case_path):
        raise KeyError("ours")


def test_no_case_of_ours_is_strange(case_path: Path) -> None:
    ingest(case_path, ["samples/evidence"])
    connection = open_case(case_path)
    judge(connection)
    connection.close()
    assert what_is_strange(case_path) is None
