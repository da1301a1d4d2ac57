"""What all tests share."""

from pathlib import Path

import pytest

from tracer.evidence.ingest import ingest

# A process of its own for every few files would make the tests slow: those of workers ask for them.
assert ingest.__kwdefaults__ is not None
ingest.__kwdefaults__["workers"] = 0


@pytest.fixture
def case_path(tmp_path: Path) -> Path:
    """Where a test may write its case file."""
    return tmp_path / "case.db"
