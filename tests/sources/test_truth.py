"""Real logs against the truth that was written by eye: at least 98 of 100 access changes found, and as few invented."""

import json

import pytest
from benchmarks.sources.__main__ import TRUTH, expected, found
from tests.shared import shared

FOLDERS = sorted(path.stem for path in TRUTH.glob("*.json"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_real_logs_tell_is_found_and_nothing_else(folder: str) -> None:
    data = shared(f"data/{folder}").parent
    files = set(json.loads((TRUTH / f"{folder}.json").read_text(encoding="utf-8")))
    wanted, got = set(expected(folder)), set(found(data, folder, files))
    assert len(wanted & got) >= 0.98 * len(wanted)
    assert len(wanted & got) >= 0.98 * len(got)
