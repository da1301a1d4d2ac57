"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tracer.case import opening
from tracer.evidence.ingest import ingest

# A process of its own for every few files would make the tests slow: those of workers ask for them.
assert ingest.__kwdefaults__ is not None
ingest.__kwdefaults__["workers"] = 0


@pytest.fixture(scope="session", autouse=True)
def unsynced() -> Iterator[None]:
    """Case files of tests need not survive a power cut: nobody waits for the disk."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening, "SETTINGS", (*opening.SETTINGS, "synchronous = OFF"))
        yield


@pytest.fixture
def case_path(tmp_path: Path) -> Path:
    """Where a test may write its case file."""
    return tmp_path / "case.db"
