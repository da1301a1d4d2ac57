"""Stages meet only in the case file; the library neither prints nor exits; starting up loads nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from docs.generate import ROOMS

SOURCE = Path(__file__).parents[2] / "src" / "tracer"
STREET = ("errors", "limits", *ROOMS, "__main__")
"""The rooms in the order in which data flows: each knows those before it, and none behind it."""

APART = ("evidence", "events", "identities", "lineage")
"""Rooms that meet only in the case file: none imports another of them."""


def room(module: str) -> str:
    """The room that a module (`evidence.reading`) stands in."""
    return max((one for one in STREET if f"{module}.".startswith(f"{one}.")), key=len, default="")


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if path != SOURCE / "__init__.py"]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_knows_only_those_before_it(path: Path) -> None:
    own = room(".".join(path.relative_to(SOURCE).with_suffix("").parts))
    assert own, "a module that stands in no room of the street"
    known = {room(name.removeprefix("tracer.")) for name in imports(path) if name.startswith("tracer.")}
    behind = [other for other in known if other and STREET.index(other) > STREET.index(own)]
    beside = [other for other in known if own in APART and other in APART and other != own]
    assert behind + beside == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_library_never_prints_or_exits(path: Path) -> None:
    if path.relative_to(SOURCE).parts[0] in ("cli", "__main__.py"):
        return
    calls = [
        node.func
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    names = [call.id for call in calls if isinstance(call, ast.Name)]
    assert not {"print", "exit", "quit"} & set(names)
    assert not [call for call in calls if isinstance(call, ast.Attribute) and ast.unparse(call) == "sys.exit"]


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, tracer.cli.main; print([m for m in ('networkx','datasette','jinja2','sqlite_utils','cel','yaml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
