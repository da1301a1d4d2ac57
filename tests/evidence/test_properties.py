"""What must hold for any records: borders, order, times, globs."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.test_malformed import event

from tracer.case.globs import matches, wider
from tracer.case.opening import open_case
from tracer.evidence.containers import Content, held
from tracer.evidence.formats import Piece
from tracer.evidence.formats._json_windows import BORDERS
from tracer.evidence.formats.json import windows
from tracer.evidence.ingest import ingest
from tracer.sources.clock import utc
from tracer.sources.declarations import Declaration


def records(data: bytes, containers: tuple[str, ...], step: int | None = None) -> list[Piece]:
    """All pieces of a JSON file that is read `step` bytes at a time."""
    said = Declaration("x", "X", "audit-log", "", "", containers=containers)
    found: list[Piece] = []
    for one in windows(Content("x", held(data)), said, BORDERS, step):
        found += [one] if isinstance(one, Piece) else one.pieces()
    return found


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(min_size=1, max_size=6), VALUES, min_size=1, max_size=4)


@given(st.lists(OBJECTS, max_size=6), st.booleans(), st.sampled_from(["", " ", "\n", "\t \n"]))
def test_records_of_a_document_are_its_elements_at_their_offsets(
    items: list[object], ascii_only: bool, gap: str
) -> None:
    inner = f",{gap}".join(json.dumps(item, ensure_ascii=ascii_only) for item in items)
    data = f'{{"before": {{"Records": [1]}},{gap}"Records": [{gap}{inner}{gap}]}}'.encode()
    found = records(data, ("Records",))
    assert [json.loads(piece.raw) for piece in found] == items
    assert [piece.ordinal for piece in found] == list(range(len(items)))
    assert all(data[piece.offset : piece.offset + len(piece.raw)] == piece.raw for piece in found)


@given(st.lists(OBJECTS, min_size=1, max_size=6), st.integers(0, 5))
def test_a_broken_element_leaves_the_others_whole(items: list[object], place: int) -> None:
    parts = [json.dumps(item) for item in items]
    parts.insert(min(place, len(parts)), '{"a" 1}')
    data = ("[" + ",".join(parts) + "]").encode()
    found = [piece.raw.decode() for piece in records(data, ())]
    assert found == parts


@given(st.lists(OBJECTS, min_size=2, max_size=6), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_are_records_at_their_offsets(items: list[object], end: str) -> None:
    data = end.join(json.dumps(item) for item in items).encode()
    found = records(data, ("Records",))
    assert [json.loads(piece.raw) for piece in found] == items
    assert all(data[piece.offset :].startswith(piece.raw) for piece in found)


@settings(max_examples=200)
@given(
    st.lists(OBJECTS, min_size=1, max_size=8),
    st.sampled_from(["[%s]", '{"n": [1], "Records": [%s], "z": {}}', '{"a":1}\n%s', "[%s]\n[{}]"]),
    st.sampled_from([",", ", ", ",\n", "\n"]),
    st.sampled_from(["", '"', ":", "{", "}", "]", ",", "\\"]),
    st.integers(0, 300),
    st.integers(1, 40),
)
def test_the_pieces_are_the_same_however_the_stream_is_cut(
    items: list[object], around: str, gap: str, damage: str, place: int, step: int
) -> None:
    text = around.replace("%s", gap.join(json.dumps(item, ensure_ascii=False) for item in items))
    place = min(place, len(text))
    data = (text[:place] + damage + text[place:]).encode()
    found = records(data, ("Records",), step)
    assert found == records(data, ("Records",))
    assert all(data[piece.offset : piece.offset + len(piece.raw)] == piece.raw for piece in found)
    assert [piece.ordinal for piece in found] == list(range(len(found)))


@given(st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_one_instant_is_one_text_in_every_zone_and_form(moment: datetime, minutes: int) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    want = utc(moment.isoformat())
    assert want is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", want)
    assert utc(there.isoformat()) == want
    assert utc(there.strftime("%Y-%m-%dT%H:%M:%S.%f%z")) == want
    assert utc(moment.replace(tzinfo=None).isoformat(sep=" ")) == want


@given(st.text(max_size=30) | st.integers() | st.floats() | VALUES)
def test_what_is_no_time_is_none_and_never_an_error(value: object) -> None:
    found = utc(value)
    assert found is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found)


GLOB = st.text("ab.*?", max_size=6)


@settings(max_examples=300)
@given(GLOB, GLOB, st.text("abc.", max_size=6))
def test_a_text_that_only_the_delivered_scope_matches_makes_it_wider(
    delivered: str, decided: str, text: str
) -> None:
    if delivered and decided and matches(delivered, text) and not matches(decided, text):
        assert wider(delivered, decided)


@given(GLOB)
def test_no_scope_is_wider_than_itself_or_than_everything(scope: str) -> None:
    assert not wider(scope, scope)
    assert not wider(scope, "*")
    assert not wider(scope, None)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)), st.integers(1, 5))
def test_order_and_splitting_of_files_change_nothing_but_the_books(order: list[int], cut: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        whole, parts = folder / "whole.json", [folder / "b.json", folder / "a.json"]
        whole.write_text(json.dumps({"Records": [event(n) for n in range(6)]}))
        parts[0].write_text(json.dumps({"Records": [event(n) for n in order[:cut]]}))
        parts[1].write_text(json.dumps({"Records": [event(n) for n in order[cut:]]}))
        ingest(folder / "one.db", [str(whole)])
        ingest(folder / "two.db", [str(part) for part in parts])
        acts = []
        for case in ("one.db", "two.db"):
            connection = open_case(folder / case)
            acts.append(
                [
                    tuple(row)
                    for row in connection.execute(
                        "SELECT act, at, verb, actor, subject, entitlement FROM acts ORDER BY act"
                    )
                ]
            )
        assert acts[0] == acts[1]
        assert len(acts[0]) == 6
