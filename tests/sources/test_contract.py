"""What every source must keep: a valid declaration, stated gaps, golden and malformed samples, and origin to the byte."""

import hashlib
import json
from pathlib import Path

import pytest
from tests.sources.samples import HERE, folders, golden, named, samples, yielded

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge
from tracer.sources.declarations import Declaration, declarations, parse

ROOT = Path(__file__).parents[2]
ALL = list(declarations().values())


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_declaration_says_what_a_reader_needs(one: Declaration) -> None:
    text = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "ingest").glob("*.toml")}
    assert parse(text[one.name], one.name, text).name == one.name
    for said in (one.title, one.export, one.names):
        assert len(said) > 10
    assert one.cannot_tell, "say what this source cannot tell: cannot_tell = [...]"
    if not one.header and one.reader != "provisioning":
        assert one.reference.startswith("https://")
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert f"## {one.name}\n" in page


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_source_has_its_samples(one: Declaration) -> None:
    folder = HERE / one.name
    assert folder.is_dir(), "no folder of samples"
    for kind in ("sample", "malformed"):
        assert [path for path in folder.iterdir() if path.name.startswith(kind)], f"no {kind} file"


def test_every_folder_is_a_source() -> None:
    assert {folder.name for folder in folders()} <= set(declarations())


@pytest.mark.parametrize("sample", samples("sample"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_yields_what_its_golden_file_says(sample: Path) -> None:
    found = yielded(sample)
    assert found == json.loads(golden(sample).read_text(encoding="utf-8"))
    assert found["books"]["source"] == sample.parent.name
    assert found["books"]["rejected"] == 0
    assert found["books"]["kept"] > 0


@pytest.mark.parametrize("sample", samples("malformed"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_broken_record_costs_only_itself(sample: Path) -> None:
    found = yielded(sample)
    assert found == json.loads(golden(sample).read_text(encoding="utf-8"))
    assert found["books"]["rejected"] == len(found["rejects"]) > 0
    assert found["books"]["records"] > found["books"]["rejected"]


@pytest.mark.parametrize("sample", samples("sample"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_record_leads_back_to_its_bytes(sample: Path, case_path: Path) -> None:
    ingest(case_path, [str(sample)], source=named(sample))
    connection = open_case(case_path)
    rows = connection.execute(
        "SELECT r.raw, r.sha256, r.offset, e.sha256 AS file FROM records r JOIN evidence e ON e.id = r.evidence_id"
    )
    data = sample.read_bytes() if sample.is_file() else None
    for row in rows:
        raw = row["raw"] if isinstance(row["raw"], bytes) else row["raw"].encode("utf-8", "surrogatepass")
        assert hashlib.sha256(raw).hexdigest() == row["sha256"]
        if data is not None and raw in data and row["offset"] is not None:
            assert data[row["offset"] : row["offset"] + len(raw)] == raw
    if data is not None:
        assert (
            connection.execute("SELECT sha256 FROM evidence").fetchone()[0]
            == hashlib.sha256(data).hexdigest()
        )


@pytest.mark.parametrize("sample", samples("sample"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_can_be_judged(sample: Path, case_path: Path) -> None:
    ingest(case_path, [str(sample)], source=named(sample))
    connection = open_case(case_path)
    judge(connection)
    accused = connection.execute("SELECT count(*) FROM grants WHERE verdict = 'wrong-access'").fetchone()[0]
    assert accused == 0, "a log alone accuses nobody"


def test_each_kind_of_action_stands_in_a_sample() -> None:
    """A row of a table of actions that no sample reaches may as well be wrong."""
    from tests.sources.coverage import unreached

    assert unreached() == []


def test_what_a_change_of_rules_changed_stands_under_rule() -> None:
    """Whoever asks for changed rules asks one column, whichever vendor it was."""
    for declaration in ALL:
        for action in declaration.actions:
            if action.verb == "change-rule" and "entitlement" in action.values:
                assert "rule" in action.values, (declaration.name, action.when)
