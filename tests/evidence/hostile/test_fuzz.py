"""Whatever bytes a format is given, it raises nothing but stated problems, and each of its records is counted once."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.samples import folders

from tracer.case.opening import open_case
from tracer.errors import TracerError
from tracer.evidence.containers import Content, held
from tracer.evidence.formats import Piece, formats
from tracer.evidence.ingest import ingest
from tracer.sources.declarations import Declaration, declarations

QUIET = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
OPTIONS = {
    "text": {"fields": ["kv", "leef", "cef", "json"], "start": "<|\\d"},
    "git": declarations()["git-register"].options,
}


def pieces(kind: str, data: bytes) -> list[Piece]:
    said = Declaration(
        "x", "X", "audit-log", "", "", format=kind, containers=("a",), options=OPTIONS.get(kind, {})
    )
    try:
        return list(formats()[kind].pieces(Content("x", held(data)), said))
    except TracerError:
        return []


MARKS = st.sampled_from(
    [b'"', b"'", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r", b"\\", b"\\ud800", b"\0", b"\xff", b"\xef\xbb\xbf", b"=", b"|",
     b"CEF:0|", b"LEEF:2.0|", b"<Event>", b"</Event>", b"<Data Name='a'>", b"&#0;", b"&", b"resource \"a\" \"b\" {\n", b"<<A\n",
     b"/*", b"${", b"commit 0123456\nAuthor: a <b>\nDate: x\n", b"diff --git a/b b/b\n", b"a", b"1", b" ", b"x=1 ", b"1e999"]
)  # fmt: skip
TEXT = st.lists(MARKS | st.binary(max_size=4), max_size=60).map(b"".join)
BEGINNINGS = {"evtx": b"ElfFile\0", "parquet": b"PAR1", "c1z": b"C1ZF\0", "git": b"# v2 git bundle\n"}


@pytest.mark.parametrize("kind", sorted(formats()))
@QUIET
@given(data=TEXT, named=st.booleans())
def test_any_bytes(kind: str, data: bytes, named: bool) -> None:
    found = pieces(kind, BEGINNINGS.get(kind, b"") + data if named else data)
    assert [piece.ordinal for piece in found] == list(range(len(found)))
    formats()[kind].looks(Content("x", held(data)))


SMALL = [
    path
    for folder in folders()
    for path in sorted(folder.iterdir())[:1]
    if path.is_file() and path.stat().st_size < 80_000
]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some of them changed, lost, doubled or put in."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(found) + 1)
        size = chance.choice([1, 1, 4, 40, 400])
        match chance.randrange(5):
            case 0:
                found[place : place + size] = b""
            case 1:
                found[place:place] = found[place : place + size]
            case 2:
                found[place : place + 1] = bytes([chance.randrange(256)])
            case 3:
                found[place:place] = chance.choice(
                    [b'"', b"\0", b"\\ud800", b"\xff", b"{", b"]", b"\n", b"<", b"\xef\xbf\xbe"]
                )
            case _:
                found[place : place + size] = bytes(size)
    return bytes(found)


@pytest.mark.parametrize("sample", SMALL, ids=lambda path: path.parent.name)
def test_damaged_samples(sample: Path) -> None:
    chance = random.Random(str(sample.parent.name))
    data = sample.read_bytes()
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"{number}{sample.suffix}" for number in range(6)]
        for path in paths:
            path.write_bytes(damaged(data, chance))
        summary = ingest(folder / "case.db", [str(path) for path in paths])
        connection = open_case(folder / "case.db")
        wrong = "SELECT path FROM evidence WHERE records <> kept + counted + skipped + rejected"
        assert connection.execute(wrong).fetchall() == []
        faults = connection.execute(
            "SELECT reason FROM rejects WHERE reason LIKE '%fault of tracer%'"
        ).fetchall()
        assert [row["reason"] for row in faults] == []
        connection.close()
    assert len(summary.files) + len(summary.problems) >= 1
