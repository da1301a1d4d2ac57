"""A value of another kind than the vendor writes, anywhere in any record of any source, stops nothing."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sources.samples import samples

from tracer.evidence.formats import unwrapped
from tracer.evidence.inputs import map_record
from tracer.sources.declarations import declarations

ODD: list[Any] = [
    None,
    7,
    True,
    "x",
    "",
    [],
    {},
    [None],
    [7, {"value": []}],
    {"value": {"value": None}},
    [["x"]],
]
MOST = 25
"""Places in one record that are tried, spread over the whole of it."""

JSON = [path for path in samples("sample") if path.suffix in (".json", ".jsonl", ".ndjson")]


def records(sample: Path) -> Iterator[dict[str, Any]]:
    """The records of a sample, whatever document they lie in."""
    text = sample.read_text(encoding="utf-8-sig")
    try:
        found = json.loads(text)
    except ValueError:
        found = []
        for line in text.splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    if isinstance(found, dict):
        inner = [value for value in found.values() if isinstance(value, list) and value]
        found = [*inner[0], found] if inner else [found]
    yield from (one for one in found if isinstance(one, dict))


def places(node: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield from places(value, (*here, key))


def put(node: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    node = copy.copy(node)
    node[place[0]] = put(node[place[0]], place[1:], value)
    return node


@pytest.mark.parametrize("sample", JSON, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_odd_values_stop_nothing(sample: Path) -> None:
    declaration = declarations()[sample.parent.name]
    tried = 0
    for record in records(sample):
        found = list(places(record))[1:]
        for place in found[:: max(1, len(found) // MOST)]:
            for value in ODD:
                try:
                    one = unwrapped(put(record, place, value), declaration)
                except ValueError:
                    continue  # a field that must hold JSON and does not: a reject that says so
                told = map_record(declaration, one, b"")
                assert "fault of tracer" not in (told.reject or "")
                assert told.reject is None or told.reject
                tried += 1
    assert tried
