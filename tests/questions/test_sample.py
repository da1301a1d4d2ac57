"""The reading questions on the sample organisation: all of them answer, agree with each other, and hostile names do not break them."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.case.opening import open_case
from tracer.errors import TracerError
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.questions.assurance import assurance
from tracer.questions.controls import controls
from tracer.questions.names import finding_named
from tracer.questions.who import who
from tracer.questions.why import why


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("sample") / "sample.db"
    ingest(path, [str(Path(__file__).parents[2] / "samples" / "evidence")])
    connection = open_case(path)
    judge(connection)
    return connection


def test_who_and_why_know_the_same_grants(case: sqlite3.Connection) -> None:
    names = case.execute(
        "SELECT DISTINCT e.system, e.name FROM grants g JOIN entitlements e ON e.id = g.entitlement_id"
    )
    for system, name in names.fetchall():
        for row in who(case, name, system=system):
            [answer] = why(case, row["grant_id"])
            assert (answer["verdict"], answer["grant"]["still_open"]) == (row["verdict"], row["still_open"])
            assert answer["grant"]["identity"] == row["identity"]


def test_controls_count_every_finding_once(case: sqlite3.Connection) -> None:
    counted = sum(row["failed"] for row in controls(case))
    [named] = case.execute("SELECT count(*) FROM findings WHERE control IS NOT NULL").fetchone()
    assert counted == named


def test_every_key_of_the_evidence_is_answered_or_said_to_lead_nowhere(case: sqlite3.Connection) -> None:
    keys = [row[0] for row in case.execute("SELECT DISTINCT session FROM events WHERE session IS NOT NULL")]
    keys += [
        row[0] for row in case.execute("SELECT DISTINCT session FROM counted WHERE session <> '' LIMIT 5")
    ]
    assert len(keys) > 8
    for key in keys:
        try:
            answers = why(case, key)
        except TracerError as error:
            assert f"{key} leads to no grant in evidence: " in str(error)
        else:
            assert answers[0]["asked"]["identities"]
            made = [one for one in answers if one["asked"]["relation"] == "granted with it"]
            executors = {one["lineage"]["executor"]["started_by"] for one in made}
            assert executors <= {*answers[0]["asked"]["identities"], None}


def test_every_identity_that_is_no_person_is_asked_about(case: sqlite3.Connection) -> None:
    [known] = case.execute(
        "SELECT count(*) FROM identities WHERE kind IN ('service-account', 'workload', 'api-key', 'ai-agent', 'vendor')"
    ).fetchone()
    assert len(assurance(case)) == known > 0


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.text(max_size=12), st.sampled_from(["%", "_", "'", "\x00", "*", "a' OR 1=1 --", "\ud800", " ", ""])
    )
)
def test_whatever_is_asked_the_answer_is_an_answer_or_a_stated_problem(
    case: sqlite3.Connection, name: str
) -> None:
    for question in (lambda: why(case, name), lambda: who(case, name), lambda: finding_named(case, name)):
        try:
            question()
        except TracerError as error:
            assert str(error)
