"""What Windows writes is read as what it says: in UTF-16 and with byte order marks, and origin stays that of the file."""

import codecs
import gzip
import hashlib
import io
import json
from pathlib import Path

import pytest
from tests.sources.samples import golden, named, samples, yielded

from tracer.case.opening import open_case
from tracer.evidence.containers import Content, held, unpack
from tracer.evidence.encoding import Places, encoding_of, transcoded
from tracer.evidence.ingest import ingest

ENCODINGS = {
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-16-le-unmarked": b"",
}
SUFFIXES = (".json", ".jsonl", ".csv", ".xml", ".log", ".txt")
TEXTS = [path for path in samples("sample") + samples("malformed") if path.suffix in SUFFIXES]


def in_encoding(data: bytes, name: str) -> bytes:
    mark, codec = ENCODINGS[name], name.removesuffix("-sig").removesuffix("-unmarked")
    return mark + data.decode("utf-8-sig").encode(codec)


@pytest.mark.parametrize("sample", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_sample_says_the_same_in_the_encodings_of_windows(sample: Path, tmp_path: Path) -> None:
    try:
        data = sample.read_bytes()
        data.decode()
    except UnicodeDecodeError:
        pytest.skip("no text in any encoding")
    wanted = json.loads(golden(sample).read_text(encoding="utf-8"))
    for name in ("utf-8-sig", "utf-16-le"):
        folder = tmp_path / name / sample.parent.name
        folder.mkdir(parents=True)
        (folder / sample.name).write_bytes(in_encoding(data, name))
        assert yielded(folder / sample.name) == wanted, name


@pytest.mark.parametrize("name", list(ENCODINGS))
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "source", ["windows-security-xml", "m365-audit-csv", "github-audit-log", "linux-auth-log"]
)
def test_records_lead_back_to_the_bytes_of_the_file(
    source: str, packed: bool, name: str, tmp_path: Path
) -> None:
    sample = next(path for path in TEXTS if path.parent.name == source)
    data = in_encoding(sample.read_bytes().replace(b"example", "beispiel\u00e4\U0001d11e".encode()), name)
    path = tmp_path / "export"
    path.write_bytes(gzip.compress(data) if packed else data)
    ingest(tmp_path / "case.db", [str(path)], source=named(sample))
    rows = open_case(tmp_path / "case.db").execute("SELECT raw, sha256, offset FROM records").fetchall()
    codec = name.removesuffix("-sig").removesuffix("-unmarked")
    assert rows
    for row in rows:
        raw = row["raw"].encode(codec)
        assert data[row["offset"] : row["offset"] + len(raw)] == raw
        assert hashlib.sha256(raw).hexdigest() == row["sha256"]


def test_a_broken_record_of_utf_16_is_a_reject_at_its_place(tmp_path: Path) -> None:
    sample = next(path for path in samples("malformed") if path.parent.name == "github-audit-log")
    data = in_encoding(sample.read_bytes(), "utf-16-le")
    (tmp_path / "export.json").write_bytes(data)
    ingest(tmp_path / "case.db", [str(tmp_path / "export.json")])
    rows = open_case(tmp_path / "case.db").execute("SELECT raw, offset FROM rejects").fetchall()
    assert rows
    for row in rows:
        assert data[row["offset"] :].startswith(row["raw"].encode("utf-16-le"))


def test_a_text_that_ends_within_a_character_is_read_up_to_there() -> None:
    data = codecs.BOM_UTF16_LE + '{"a": 1}\n'.encode("utf-16-le")
    (content,) = unpack("x", held(data + b"{"))
    assert content.read() == b'{"a": 1}\n'
    assert content.problem is not None
    assert "in the middle of a character" in content.problem


def test_halves_of_characters_stay_what_they_are() -> None:
    data = codecs.BOM_UTF16_LE + '"\ud800"'.encode("utf-16-le", "surrogatepass")
    (content,) = unpack("x", held(data))
    assert content.read() == b'"\xed\xa0\x80"'
    assert content.as_handed_in(content.read()) == data[2:]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b'{"a": 1}', None),
        (b"\x00" * 64, None),
        (bytes(range(64)), None),
        (b"ElfFile\x00\x00\x00\x00\x00\x00\x00\x00\x00", None),
        (b"", None),
        ("{ \u00e4 ".encode("utf-16-le"), None),
        ("a,b,c,d\r\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_only_text_is_taken_for_text(head: bytes, encoding: str | None) -> None:
    assert encoding_of(head) == encoding


def test_places_may_be_asked_in_any_order() -> None:
    text = "a\u00e4\u20ac\U0001d11e" * 100_000
    data = text.encode("utf-16-le")
    places = Places("utf-16-le", lambda: io.BytesIO(data))
    utf8 = text.encode()
    for place in (utf8.rindex(b"a"), 0, 1, 3, 6, 10):
        assert places.of(place) == len(utf8[:place].decode().encode("utf-16-le"))
    places.close()


def test_a_long_text_comes_out_whole() -> None:
    text = "a\u00e4\u20ac\U0001d11e" * 200_000
    with transcoded("utf-16-be", lambda: io.BytesIO(text.encode("utf-16-be")), lambda _: None) as stream:
        assert stream.read() == text.encode()


def test_the_type_line_of_powershell_is_no_header(tmp_path: Path) -> None:
    sample = next(path for path in TEXTS if path.parent.name == "m365-audit-csv")
    folder = tmp_path / "m365-audit-csv"
    folder.mkdir()
    line = b"#TYPE Deserialized.Microsoft.Exchange.Data.AuditRecord\r\n"
    (folder / sample.name).write_bytes(
        codecs.BOM_UTF8 + line + sample.read_bytes().removeprefix(codecs.BOM_UTF8)
    )
    assert yielded(folder / sample.name) == json.loads(golden(sample).read_text(encoding="utf-8"))
    assert Content("x", held(line)).head == line
