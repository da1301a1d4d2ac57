"""A case full of hostile text: every command and every format shows it as text, and every format is what it claims to be."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from tests.show.hostile_case import EVIL, FILE, GRANTED, NAME, PERSON, RAW, hostile_case

from tracer.case.opening import open_case
from tracer.cli.main import cli

ROOT = Path(__file__).parents[2]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_case(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def ids(case: Path) -> dict[str, str]:
    """The grant with the most hostile names and the finding of its root."""
    connection = open_case(case)
    grant, finding = connection.execute(
        "SELECT f.grant_id, f.id FROM findings f JOIN grants g ON g.id = f.grant_id "
        "JOIN entitlements e ON e.id = g.entitlement_id WHERE f.is_root AND e.name = ?",
        (GRANTED,),
    ).fetchone()
    connection.close()
    return {"grant": grant, "finding": finding}


def run(*args: str, colour: bool = False) -> Result:
    env = {"FORCE_COLOR": "1"} if colour else {}
    return CliRunner().invoke(cli, list(args), env=env)


def acting(text: str) -> list[str]:
    """What of the text would act on a terminal or not be seen, or is a secret or a forged line."""
    found = [one for one in RAW if one in COLOUR.sub("", text)]
    return [ascii(one) for one in found] + re.findall(r"hunter2|^# forged|^forged", text, re.MULTILINE)


TYPED = EVIL.replace("\x00", "")
"""What an argument may hold: the system passes none with a NUL."""

QUESTIONS = [
    ("why", "{case}", "{grant}"),
    ("why", "{case}", "{grant}", "-v"),
    ("who", "{case}", "=gl-poster"),
    ("findings", "{case}", "--all"),
    ("defects", "{case}"),
    ("controls", "{case}"),
    ("assurance", "{case}"),
    ("assurance", "{case}", "-v"),
    ("blast", "{case}", "{finding}"),
    ("replay", "{case}", "{grant}"),
    ("replay", "{case}", "{grant}", "--set", "department=x"),
    ("mark", "{case}", "{finding}", "--as", "accepted", "--because", TYPED, "--by", TYPED),
    ("checks",),
    ("sources",),
]


@pytest.mark.parametrize(
    "args", QUESTIONS, ids=lambda args: " ".join(args)[:40].encode("ascii", "replace").decode()
)
@pytest.mark.parametrize("way", ["text", "colour", "json"])
def test_every_answer_is_only_text(args: tuple[str, ...], way: str, case: Path, ids: dict[str, str]) -> None:
    given = [one.format(case=case, **ids) if one.startswith("{") else one for one in args]
    if way == "json" and "-v" in given:
        pytest.skip("JSON says all anyway")
    result = run(*given, *(["--json"] if way == "json" else []), colour=way == "colour")
    assert result.exception is None, result.exception
    assert acting(result.stdout) == []
    assert acting(result.stderr) == []
    if way == "json":
        assert result.stdout.isascii()
        json.loads(result.stdout)


@pytest.mark.parametrize(
    "args",
    [
        ("why", "{case}", "nora"),
        ("why", "{case}", "weber", "poster"),
        ("graph", "{case}", "nora"),
        ("blast", "{case}", "x"),
    ],
)
def test_an_error_is_one_line_of_text(args: tuple[str, ...], case: Path) -> None:
    """Among them: the candidates where a name is more than one identity."""
    code = "from tracer.cli.main import main; main()"
    given = [str(case) if one == "{case}" else one for one in args]
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, check=False)
    said = done.stderr.decode("utf-8")
    assert done.returncode in (1, 2)
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    assert acting(said) == []


def test_reading_it_shows_file_names_as_text(case: Path, tmp_path: Path) -> None:
    evidence = str(case.parent / "evidence")
    for more in ((), ("-v",), ("--json",)):
        result = run("ingest", str(tmp_path / f"other{len(more)}.db"), evidence, *more)
        assert acting(result.stdout) == []
        assert acting(result.stderr) == []
        assert "gpj." in result.stdout


def test_progress_on_a_terminal_is_text() -> None:
    ours, theirs = pty.openpty()
    code = (
        "import sys, time\nfrom tracer.cli.progress import shown\nfrom tracer.evidence.ingest import Progress\n"
        "from tests.show.hostile_case import FILE\n"
        "with shown(quiet=False, verbose=False) as show:\n"
        "  show(Progress(path=FILE[:30], files=0, of_files=2, size=1, of_size=2)); time.sleep(0.5)"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    said = b""
    try:
        while data := os.read(ours, 65_536):
            said += data
    except OSError:
        pass  # The terminal is gone when the command ends.
    os.close(ours)
    assert running.wait(timeout=60) == 0
    shown = said.decode("utf-8")
    assert "gpj." in shown
    assert "\u202e" not in shown
    assert "\x1b[2J" not in shown


class Strict(HTMLParser):
    """What a page consists of: its elements in order, those that stay open, and addresses."""

    EMPTY = ("meta", "link", "br", "img", "hr", "input", "polygon", "path", "ellipse", "polyline")

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag


def written(case: Path, tmp_path: Path, command: str, *args: str, ending: str) -> bytes:
    file = tmp_path / f"out{ending}"
    result = run(command, str(case), *args, "-o", str(file))
    assert result.exception is None, result.exception
    assert acting(result.stderr) == []
    data = file.read_bytes()
    if ending not in (".png", ".pdf"):
        assert acting(data.decode("utf-8")) == []
    return data


def test_the_report_in_html_has_our_elements_only(case: Path, tmp_path: Path) -> None:
    text = written(case, tmp_path, "report", ending=".html").decode("utf-8")
    parsed = Strict()
    parsed.feed(text)
    parsed.close()
    assert parsed.open == []
    assert not parsed.tags & {"script", "img", "iframe", "object", "a"}
    assert not [name for name in parsed.attributes if name.startswith("on")]
    assert parsed.addresses == []
    assert "svg" in parsed.tags, "names that XML cannot hold must not cost the picture"


def test_the_report_in_markdown_has_no_markup_of_theirs(case: Path, tmp_path: Path) -> None:
    text = written(case, tmp_path, "report", ending=".md").decode("utf-8")
    assert "<" not in text
    assert "](javascript" not in text
    assert not re.search(r"^# forged", text, re.MULTILINE)


def test_the_report_as_csv_runs_no_formula(case: Path, tmp_path: Path) -> None:
    text = written(case, tmp_path, "report", ending=".csv").decode("utf-8")
    rows = list(csv.reader(io.StringIO(text), strict=True))
    assert len({len(row) for row in rows}) == 1
    assert any("gl-poster" in cell for row in rows for cell in row)
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_the_report_as_json_is_json(case: Path, tmp_path: Path) -> None:
    text = written(case, tmp_path, "report", ending=".json").decode("utf-8")
    assert text.isascii()
    assert json.loads(text)["grants"]


@pytest.mark.parametrize("ending", [".svg", ".graphml"])
def test_pictures_and_graphs_are_xml_without_scripts(
    ending: str, case: Path, ids: dict[str, str], tmp_path: Path
) -> None:
    root = ElementTree.fromstring(written(case, tmp_path, "graph", ids["grant"], ending=ending))
    names = {str(one.tag).rpartition("}")[2] for one in root.iter()}
    assert not names & {"script", "a", "image", "foreignObject", "style", "img"}
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name]
    assert any("gl-poster" in "".join(one.itertext()) for one in root.iter())


def test_other_forms_of_the_lineage_hold_together(case: Path, ids: dict[str, str], tmp_path: Path) -> None:
    from tracer.show.picture import drawn

    assert written(case, tmp_path, "graph", ids["grant"], ending=".png").startswith(b"\x89PNG")
    prov = json.loads(written(case, tmp_path, "graph", ids["grant"], ending=".json"))
    assert prov["entity"]
    dot = written(case, tmp_path, "graph", ids["grant"], ending=".dot").decode("utf-8")
    assert b"<svg" in drawn(dot, "svg")
    assert not re.search(r"label=<", dot)
    mermaid = written(case, tmp_path, "graph", ids["grant"], ending=".mmd").decode("utf-8")
    line = re.compile(
        r'flowchart LR|  subgraph lane-[\w-]+\["[a-z ]+"\]|    [\w-]+\["[^"<>`\\%]*(?:<br/>[^"<>`\\%]*)*"\]|  end'
        r"|  [\w-]+ --> [\w-]+|  class [\w,-]+ \w+|  classDef .*"
    )
    assert [one for one in mermaid.splitlines() if not line.fullmatch(one)] == []


def test_secrets_are_shown_to_whom_asks_for_them(case: Path, ids: dict[str, str]) -> None:
    for args in (
        ("why", str(case), ids["grant"]),
        ("assurance", str(case), "-v"),
        ("why", str(case), ids["grant"], "--json"),
    ):
        assert "hunter2" not in run(*args).stdout
        assert "masked" in run(*args).stdout
        assert "hunter2" in run(*args, "--show-secrets").stdout


def test_names_in_the_case_file_stay_as_they_were_handed_in(case: Path) -> None:
    connection = open_case(case)
    names = {row[0] for row in connection.execute("SELECT name FROM accounts")}
    assert {PERSON, NAME} <= names
    assert any(FILE in row[0] for row in connection.execute("SELECT path FROM evidence"))
    connection.close()
