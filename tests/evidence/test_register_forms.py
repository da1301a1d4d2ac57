"""A register is read however YAML lets it be written: in blocks, in braces, as JSON, with anchors, aliases and merges."""

import json
import sqlite3
from pathlib import Path

import pytest

from tracer.case.opening import open_case
from tracer.evidence.ingest import IngestSummary, ingest

SEAT = "{owner: ada@corp.example, role: Desk, from: 2024-01-01, to: null}"
CONTENT = {
    "id": "REQ-01",
    "owners": [{"from": "2024-01-01T00:00:00.000Z", "owner": "ada@corp.example", "role": "Desk"}],
    "point": "request",
}
FORMS = {
    "in blocks": f"controls:\n- id: REQ-01\n  point: request\n  owners:\n  - {SEAT}\n",
    "in braces": f"{{controls: [{{id: REQ-01, point: request, owners: [{SEAT}]}}]}}\n",
    "in braces behind a comment": f"# ours\n---\n{{controls: [{{id: REQ-01, point: request, owners: [{SEAT}]}}]}}\n",
    "as JSON": json.dumps({"controls": [CONTENT]}),
    "with an alias": f"controls: [{{id: REQ-01, point: request, owners: &ada [{SEAT}]}}, {{id: X, point: review, owners: *ada}}]\n",
    "with a merge": f"controls: [&one {{id: X, point: review, owners: [{SEAT}]}}, {{<<: *one, id: REQ-01, point: request}}]\n",
}
TOO_MANY = "".join(
    f"  - {{id: R{n}, expression: x, tested_at: 2026-01-01, grants: &g{n} [{', '.join([f'*g{n - 1}'] * 20) if n else 'x'}]}}\n"
    for n in range(9)
)


def read(folder: Path, text: str) -> tuple[IngestSummary, sqlite3.Connection]:
    (folder / "register").write_text(text)
    summary = ingest(folder / "case.db", [str(folder / "register")])
    return summary, open_case(folder / "case.db")


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_says_the_same(tmp_path: Path, text: str) -> None:
    summary, connection = read(tmp_path, text)
    assert summary.problems == []
    found = connection.execute("SELECT content FROM entries WHERE key = 'REQ-01'").fetchall()
    assert [json.loads(row[0]) for row in found] == [CONTENT]


@pytest.mark.parametrize("text", ["controls: &a [*a]\n", f"rules:\n{TOO_MANY}"], ids=["itself", "too many"])
def test_aliases_that_grow_without_bound_are_refused(tmp_path: Path, text: str) -> None:
    summary, _ = read(tmp_path, text)
    assert len(summary.problems) == 1 and "values" in str(summary.problems[0])


def test_a_record_of_some_vendor_that_begins_alike_is_none(tmp_path: Path) -> None:
    summary, _ = read(tmp_path, json.dumps({"policy": {"name": "x"}, "etag": "y"}))
    assert (summary.problems, summary.files[0].source) == ([], None)
