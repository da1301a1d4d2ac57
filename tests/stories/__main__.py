"""Writes every golden case to `tests/cases/`: `python -m tests.stories`."""

import shutil

from tests.stories import CASES, stories

shutil.rmtree(CASES, ignore_errors=True)
for golden in stories():
    golden.write(CASES / golden.name)
