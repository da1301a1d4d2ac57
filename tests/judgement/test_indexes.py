"""A case whose ingest was killed is judged as quickly as any other."""

from pathlib import Path

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'acts'"


def test_judging_makes_the_indexes_that_a_killed_ingest_left_out(case_path: Path) -> None:
    ingest(case_path, ["samples/evidence/provisioning"])
    connection = open_case(case_path)
    made = {row[0] for row in connection.execute(INDEXES)}
    for name in made:
        connection.execute(f'DROP INDEX "{name}"')
    judge(connection)
    assert made
    assert {row[0] for row in connection.execute(INDEXES)} == made
