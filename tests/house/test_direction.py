"""Stages meet only in the case file; the library neither prints nor exits; starting up loads nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "tracer"
STAGES = ("evidence", "identities", "lineage", "judgement")
ORDERING = SOURCE / "judgement" / "judge.py"
"""Puts the stages in order, and is the one module that knows them all."""


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if path != ORDERING]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_stage_imports_no_other_stage(path: Path) -> None:
    room = path.relative_to(SOURCE).parts[0]
    if room in STAGES:
        others = [stage for stage in STAGES if stage != room]
        above = ["questions", "show", "web", "cli"]
        wrong = [
            name
            for name in imports(path)
            if name.startswith(tuple(f"tracer.{one}" for one in [*others, *above]))
        ]
        assert wrong == []


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
