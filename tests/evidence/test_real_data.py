"""Real logs published by others: the books balance, nothing crashes, what is no evidence is not taken for it."""

import json
from pathlib import Path

import pytest
from tests.shared import shared

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.why import why


@pytest.mark.parametrize("folder", ["aws_cloudtrail", "okta", "github"])
def test_books_balance_and_only_broken_records_are_rejected(folder: str, case_path: Path) -> None:
    summary = ingest(case_path, [str(shared(f"data/{folder}"))])
    assert summary.problems == []
    assert any(one.kept for one in summary.files)
    for one in summary.files:
        assert one.records == one.kept + one.counted + one.skipped + one.rejected
        name = Path(one.path).name
        assert (one.source is None) == (name.endswith(("provenance.csv", ".ocsf")))
        assert one.source is not None or one.records == 0
    for row in open_case(case_path).execute("SELECT reason, raw FROM rejects"):
        assert row["reason"] == "no time" or not sound(row["raw"])


def sound(raw: str) -> bool:
    """Whether a rejected record is JSON after all."""
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def test_nothing_in_the_whole_collection_stops_a_run(case_path: Path) -> None:
    summary = ingest(case_path, [str(shared("data"))])
    connection = open_case(case_path)
    judge(connection)
    bad = connection.execute(
        "SELECT path FROM evidence WHERE records <> kept + counted + skipped + rejected"
    ).fetchall()
    assert bad == []
    assert len(summary.files) > 100


def test_an_attack_says_who_did_it_and_that_tickets_are_missing(case_path: Path) -> None:
    ingest(case_path, [str(shared("data/aws_cloudtrail"))])
    connection = open_case(case_path)
    judge(connection)
    row = connection.execute(
        """SELECT g.identity_id, e.name, g.granted_at FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
           WHERE g.identity_id LIKE '%stratus%' AND e.name = 'AdministratorAccess' ORDER BY g.granted_at LIMIT 1"""
    ).fetchone()
    (answer,) = why(connection, row["identity_id"], row["name"])
    assert answer["verdict"] == "undetermined"
    assert answer["root"] is None
    assert answer["lineage"]["executor"]["started_by"]
    need = next(one for one in answer["missing"] if "ticket" in one["need"])
    assert need["period"] == [row["granted_at"], row["granted_at"]]
