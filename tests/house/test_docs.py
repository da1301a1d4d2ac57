"""The references say what the code says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tracer.evidence.ingest import ingest
from tracer.evidence.register_keys import KINDS, NESTED, POINTS, POLICY, SECTIONS, TICKETS
from tracer.sources.declarations import declarations

ROOT = Path(__file__).parents[2]


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


OWN_FILES = (ROOT / "docs" / "own-files.md").read_text(encoding="utf-8")


def test_the_page_on_own_files_names_every_key_and_column() -> None:
    words = set(re.findall(r"[\w-]+", OWN_FILES))
    keys = {key for kinds in (*SECTIONS.values(), *NESTED.values()) for key in kinds}
    ours = [
        declarations()[name]
        for name in ("source-data", "provisioning-log", "access-reviews", "entitlement-snapshot")
    ]
    columns = {column for one in ours for column in (*one.header, *one.optional, *one.columns)}
    assert {*SECTIONS, *keys, *POLICY, *TICKETS, *POINTS, *KINDS, *columns} - words == set()


@pytest.mark.parametrize(
    ("language", "source"), [("yaml", "register"), ("csv", "source-data"), ("json", "provisioning-log")]
)
def test_the_examples_of_own_files_are_read(tmp_path: Path, language: str, source: str) -> None:
    found = re.search(rf"```{language}\n(.*?)```", OWN_FILES, re.DOTALL)
    assert found is not None
    (tmp_path / "example").write_text(found[1], encoding="utf-8")
    summary = ingest(tmp_path / "case.db", [tmp_path / "example"], workers=0)
    assert summary.problems == []
    assert [(one.source, one.rejected, one.kept > 0) for one in summary.files] == [(source, 0, True)]
