"""Every command in the README and the docs runs, in order, in a fresh folder."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^[ ]*```console\n(.*?)^[ ]*```", re.DOTALL | re.MULTILINE)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(page: Path) -> list[str]:
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [
        line.strip()[2:] for block in blocks for line in block.splitlines() if line.strip().startswith("$ ")
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_the_page_run(page: Path, tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    shutil.copytree(ROOT / "samples" / "evidence", tmp_path / "samples" / "evidence")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands(page):
        done = subprocess.run(
            shlex.split(command),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-500:]}{done.stderr[-1500:]}"


def test_the_readme_shows_commands() -> None:
    assert len(commands(ROOT / "README.md")) > 8


def test_the_readme_names_every_mode_that_is_not_built() -> None:
    from tracer.judgement.checks.files import unchecked

    limits = (ROOT / "README.md").read_text(encoding="utf-8").partition("## What it cannot do")[2]
    assert [mode for mode in unchecked() if mode not in limits] == []
    assert ("failure modes are judged" in limits) == (unchecked() == [])


def test_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test", "lint", "format", "docs", "clean"} <= targets
