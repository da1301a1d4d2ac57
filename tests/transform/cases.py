"""The cases that are transformed: the shared ones, named by their flips, and our own."""

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.shared import shared

FLIPS = Path(__file__).parent / "flips"
OWN = Path(__file__).parent.parent / "cases"


@dataclass(unsafe_hash=True)
class Case:
    """One scenario folder; asking for anything in a shared one skips the test where the folder is absent."""

    name: str
    own: bool

    @cached_property
    def folder(self) -> Path:
        """The folder with `evidence/` and `expected.json`."""
        return OWN / self.name if self.own else shared(f"cases/{self.name}")

    @property
    def evidence(self) -> Path:
        """The folder of evidence files."""
        return self.folder / "evidence"

    @cached_property
    def expected(self) -> dict[str, Any]:
        """The expected answer."""
        return dict(json.loads((self.folder / "expected.json").read_text()))

    @cached_property
    def flip(self) -> dict[str, Any]:
        """The one change that has to change the answer."""
        path = self.folder / "flip.json" if self.own else FLIPS / f"{self.name}.json"
        return dict(json.loads(path.read_text()))


CASES = [Case(path.stem, False) for path in sorted(FLIPS.glob("*.json"))] + [
    Case(path.parent.name, True) for path in sorted(OWN.glob("*/expected.json"))
]


def copy_of(case: Case, folder: Path) -> Path:
    """A copy of the case's evidence that a test may change."""
    return Path(shutil.copytree(case.evidence, folder / "evidence"))
