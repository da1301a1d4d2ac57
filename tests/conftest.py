"""What all tests share."""

from pathlib import Path

import pytest


@pytest.fixture
def case_path(tmp_path: Path) -> Path:
    """Where a test may write its case file."""
    return tmp_path / "case.db"
