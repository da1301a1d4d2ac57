"""A translation of records is read only when its source is named: beside the records it would count twice."""

from pathlib import Path

from tests.sources.samples import HERE

from tracer.evidence.ingest import ingest

SAMPLE = str(HERE / "ocsf" / "sample.jsonl")


def test_a_translation_is_not_recognised_by_itself(case_path: Path) -> None:
    (one,) = ingest(case_path, [SAMPLE]).files
    assert one.source is None
    assert one.kept == 0


def test_a_translation_that_is_named_is_read(case_path: Path) -> None:
    (one,) = ingest(case_path, [SAMPLE], source="ocsf").files
    assert one.source == "ocsf"
    assert one.kept > 0
