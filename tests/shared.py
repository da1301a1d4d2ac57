"""Where the real logs and scenario folders are: beside the checkout, and never part of it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared(relative: str) -> Path:
    """The file or folder of that name in `../shared` or `$TRACER_SHARED`; skips the test where there is none."""
    base = Path(os.environ.get("TRACER_SHARED", ROOT.parent / "shared"))
    path = base / relative
    if not path.exists():
        pytest.skip(f"needs {relative} in ../shared beside the checkout, or in $TRACER_SHARED")
    return path
