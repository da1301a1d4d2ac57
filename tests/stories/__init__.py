"""The golden cases, told as stories: `python -m tests.stories` writes them to `tests/cases/`.

One module per class of failure. Each yields the case of a mode, `<mode>` (a second one is `<mode>-through-<what>`), and its
look-alikes, `<mode>-lookalike-<what>`: the same outward picture with another cause, or with none. What came out when a case was written is never copied into
`expected`: it is what the model demands.
"""

import importlib
import json
import pkgutil
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.story import SYSTEM, Story, mail

CASES = Path(__file__).parent.parent / "cases"


@dataclass(frozen=True)
class Golden:
    """One case: its story, the question, what has to come out, and the one change that has to change it."""

    name: str
    tells: str
    story: Story
    identity: str
    verdict: str
    reasoning: str
    flip: dict[str, Any]
    mode: str | None = None
    klass: str | None = None
    owner: str | None = None
    owner_basis: str | None = "register"
    entitlement: str = "gl-poster"
    includes: Iterable[str] = ()
    excludes: Iterable[str] = ()
    since: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def expected(self) -> dict[str, Any]:
        """The content of `expected.json`."""
        root = {
            "class": self.klass,
            "mode": self.mode,
            "owner": self.owner,
            "owner_basis": self.owner_basis,
        }
        found = {
            "story": self.tells,
            "query": {"identity": mail(self.identity), "entitlement": self.entitlement, "system": SYSTEM},
            "verdict": self.verdict,
            "root": root if self.mode else None,
            "contributing_includes": sorted(self.includes),
            "contributing_excludes": sorted(self.excludes),
            **({"wrong_since": [self.since]} if self.since else {}),
            "reasoning": self.reasoning,
        }
        return found | self.more

    def write(self, folder: Path) -> None:
        """Write the case into `folder`, which is emptied first."""
        shutil.rmtree(folder, ignore_errors=True)
        self.story.write(folder / "evidence")
        for name, content in (("expected", self.expected()), ("flip", self.flip)):
            (folder / f"{name}.json").write_text(
                json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )


def change(
    why: str,
    *edits: dict[str, Any],
    verdict: str,
    mode: str | None = None,
    owner: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A flip; see `tests/transform/README.md`."""
    expect = {"verdict": verdict, "mode": mode} | ({"owner": owner} if owner else {})
    return {"why": why, "edits": list(edits), "expect": expect, **more}


def stories() -> Iterator[Golden]:
    """All golden cases of all modules, by module and in their order."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        if not module.name.startswith("_"):
            yield from importlib.import_module(f"{__name__}.{module.name}").cases()
