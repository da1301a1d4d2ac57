"""Nothing that lies in the folder in which an analyst stands can run: no module, no program, no plug-in, no hook.

Every file here that could be run would only leave a mark.
"""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from tests.sources.git.repository import Repository, needs_git
from tests.web.asked import running

from tracer.cli.main import COMMANDS
from tracer.evidence.ingest import ingest
from tracer.limits import limits

TRACER = Path(sys.executable).parent / "tracer"
SAMPLES = Path(__file__).parents[2] / "samples" / "evidence"
PROGRAMS = (
    "cat", "dot", "env", "git", "graphviz-pure", "less", "more", "neato", "open", "pager", "python", "python3",
    "sensible-browser", "sh", "ssh", "tracer", "www-browser", "x-www-browser", "xdg-open", "xdg-settings",
)  # fmt: skip
PAGES = {
    "templates/base.html": "{{ 1/0 }}",
    "templates/index.html": "from the folder",
    "templates/table.html": "from the folder",
    "static/app.css": "from the folder",
    "metadata.json": '{"title": "from the folder"}',
    "datasette.json": '{"title": "from the folder"}',
    "datasette.yml": "title: from the folder",
    "inspect-data.json": '{"case": {"tables": {"from the folder": {"count": 1}}}}',
    "settings.json": '{"default_allow_sql": true}',
    "conftest.py": "",
    "pyproject.toml": "[tool.tracer]\nfrom = 'the folder'",
    ".pdbrc": "",
    "click.cfg": "",
    "fsspec.json": '{"file": {"from": "the folder"}}',
}

pytestmark = pytest.mark.skipif(not TRACER.exists(), reason="tracer is not installed as a command")


def names() -> set[str]:
    """Every module that tracer and its libraries may import, and those that Python imports of itself."""
    limits()  # imports all of tracer
    loaded = {name.partition(".")[0] for name in sys.modules}
    return (
        loaded
        | set(sys.stdlib_module_names)
        | set(packages_distributions())
        | {"sitecustomize", "usercustomize"}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with evidence, and with whatever some program could take for its own."""
    folder = tmp_path / "evidence"
    shutil.copytree(SAMPLES, folder)
    mark = f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__ + chr(10))\n"
    for name in names():
        (folder / f"{name}.py").write_text(mark)
    for name in PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\necho {name} >> '{tmp_path / 'ran'}'\n")
        (folder / name).chmod(0o755)
    for name, text in PAGES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "plugins").mkdir()
    (folder / "plugins" / "plugin.py").write_text(mark)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """One in which programs are looked for here first; nothing of Python's own is changed."""
    path = os.pathsep.join(["", ".", str(folder), os.environ["PATH"], ""])
    return {**os.environ, "PATH": path, "BROWSER": "", "PYTHONDONTWRITEBYTECODE": "1"}


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [TRACER, *words], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), (words, done.returncode, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def marks(folder: Path) -> str:
    ran = folder.parent / "ran"
    return ran.read_text() if ran.exists() else ""


def test_a_mark_is_seen(folder: Path) -> None:
    for command in ([sys.executable, "-c", "import colorsys"], ["dot"]):
        subprocess.run(command, cwd=folder, env=environment(folder), check=False)
    assert marks(folder) == "colorsys\ndot\n"


def test_no_command_runs_what_lies_in_the_folder(folder: Path) -> None:
    evidence = sorted(path.name for path in SAMPLES.iterdir())
    run(folder, "ingest", "two.db", *evidence, "--workers", "2")
    run(folder, "ingest", "case.db", *evidence)
    run(folder, "judge", "case.db")
    found: list[dict[str, Any]] = json.loads(run(folder, "findings", "case.db", "--json"))
    finding, who = str(found[0]["id"]), "lovisa.engdahl"
    (folder / "rule.cel").write_text('identity.department == "Finance"')
    called = [
        ["demo", "out", "--open"],
        ["sources", "aws-cloudtrail"],
        ["why", "case.db", who],
        ["who", "case.db", "AdministratorAccess"],
        ["blast", "case.db", finding],
        ["controls", "case.db"],
        ["assurance", "case.db"],
        ["checks"],
        ["findings", "case.db"],
        ["defects", "case.db"],
        ["mark", "case.db", finding, "--as", "confirmed", "--because", "seen", "--by", "me"],
        ["replay", "case.db", who],
        ["replay", "case.db", who, "--rule", "rule.cel"],
        ["graph", "case.db", who, "-o", "a.svg"],
        ["graph", "case.db", who, "-o", "a.png"],
        ["report", "case.db", "-o", "a.html"],
    ]
    for words in called:
        run(folder, *words)
    assert {words[0] for words in called} == set(COMMANDS) - {"ingest", "judge", "serve"}
    assert marks(folder) == ""


def test_everything_in_the_folder_is_read_and_nothing_runs(folder: Path) -> None:
    run(folder, "ingest", "case.db", ".", "-q", "--workers", "2")
    assert marks(folder) == ""


def test_pages_are_made_of_nothing_in_the_folder(folder: Path) -> None:
    case = folder.parent / "case.db"
    ingest(case, [SAMPLES])
    with running(case, folder=folder, **environment(folder)) as served:
        for page in ("/", "/case", "/case/findings", "/-/static/app.css"):
            status, text = served.get(page)
            assert status in (200, 302, 403) and "from the folder" not in text
    assert marks(folder) == ""


@needs_git
def test_a_repository_runs_none_of_its_hooks_and_settings(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "code")
    repository.commit({"main.tf": "resource {}", "a.txt": "x", "CODEOWNERS": "* @ada"}, "Begin")
    repository.bundle(tmp_path / "all.bundle")
    mark = f"touch '{tmp_path / 'ran'}'"
    hooks = repository.folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "post-checkout",
        "pre-commit",
        "reference-transaction",
        "fsmonitor",
        "update",
        "post-index-change",
    ):
        (hooks / name).write_text(f"#!/bin/sh\n{mark}\n")
        (hooks / name).chmod(0o755)
    with (repository.folder / ".git" / "config").open("a") as config:
        for section, key in (
            ("core", "fsmonitor"), ("core", "sshCommand"), ("core", "pager"), ("core", "editor"), ("core", "askPass"),
            ("core", "gitProxy"), ("diff", "external"), ("credential", "helper"), ('filter "f"', "smudge"),
            ('filter "f"', "clean"), ('filter "f"', "process"), ('diff "f"', "textconv"), ('merge "f"', "driver"), ("gpg", "program"),
        ):  # fmt: skip
            config.write(f'[{section}]\n\t{key} = "{mark}"\n')
    (repository.folder / ".gitattributes").write_text("* filter=f diff=f merge=f\n")
    summary = ingest(tmp_path / "case.db", [repository.folder, tmp_path / "all.bundle"], workers=1)
    assert [one.source for one in summary.files if one.records] != []
    assert not (tmp_path / "ran").exists()
