"""Nothing that others wrote acts on the terminal, whichever command prints it."""

import ast
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import tracer.cli
from tracer.cli import output
from tracer.errors import TracerError

HERE = Path(tracer.cli.__file__).parent
EVIL = "\x1b[2J\x1b]0;owned\x07\u202e\u2028\ud800\nforged"


@pytest.mark.parametrize("path", sorted(HERE.glob("*.py")), ids=lambda path: path.name)
def test_every_command_prints_through_one_module(path: Path) -> None:
    if path.name == "output.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    ways = {
        "print",
        "click.echo",
        "click.secho",
        "click.echo_via_pager",
        "sys.stdout.write",
        "sys.stderr.write",
    }
    assert not calls & ways


def test_a_line_stays_one_line_without_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    output.tell(f"a{EVIL}b", err=True)
    said = capsys.readouterr().err
    assert said == "a\\x1b[2J\\x1b]0;owned\\x07\\u202e\\u2028\\ud800 forgedb\n"


def test_a_problem_is_one_line_and_its_place_buries_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.tell_problem(TracerError("no such file", where=EVIL + "x" * 100_000, todo="name another"))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip().endswith("no such file; name another")
    assert len(said) < 2000
    assert "\x1b" not in said


def test_text_keeps_our_colours_and_no_other_escape(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output.print_text("\x1b[31mred\x1b[0m\n")
    assert capsys.readouterr().out == "\\x1b[31mred\\x1b[0m\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    output.print_text("\x1b[31mred\x1b[0m \x1b[2J\x1b]0;owned\x07\n")
    assert capsys.readouterr().out == "\x1b[31mred\x1b[0m \\x1b[2J\\x1b]0;owned\\x07\n"


def test_json_is_ascii_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"a": EVIL + "\x7f", "b": float("inf"), "c": b"\xff"})
    said = capsys.readouterr().out
    assert said.isascii()
    assert said.replace("\n", "").isprintable()
    assert '"b": null' in said


@pytest.mark.parametrize(
    "args",
    [
        ["why", "case.db", EVIL],
        ["ingest", "c.db", EVIL],
        [EVIL],
        ["why", f"--{EVIL}"],
        ["who", "a", "b", EVIL],
    ],
)
def test_names_on_the_command_line_come_back_without_escapes(args: list[str], tmp_path: Path) -> None:
    """A shell puts them there: `tracer ingest case.db *` names whatever lies in the folder."""
    plain = [one.replace("\ud800", "\udc9b") for one in args]
    code = "from tracer.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *plain], cwd=tmp_path, capture_output=True, check=False
    )
    said = (done.stdout + done.stderr).decode("utf-8")
    assert done.returncode in (1, 2)
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "\nforged" not in said


def test_a_document_can_go_to_dev_stdout(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from tracer.cli.output import write_file, tell; tell('before');"
        " write_file(Path('/dev/stdout'), 'document\\n', 'it', quiet=True); tell('after')"
    )
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert piped.stdout == b"before\ndocument\nafter\n"
    with (tmp_path / "out").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "out").read_bytes() == b"before\ndocument\nafter\n"


def test_what_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        output.write_file(tmp_path / "a.html", "x\x1b\n", "it", quiet=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.html").stat().st_mode) == 0o600
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == "x\\x1b\n"


def test_an_error_that_nobody_foresaw_shows_no_escapes_either() -> None:
    code = (
        "import tracer.cli.main as m\n"
        "def broken(*_, **__): raise ValueError('\\x1b[2Jowned')\n"
        "m.cli.main = broken\n"
        "m.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"\\x1b[2Jowned" in done.stderr
    assert b"\x1b" not in done.stderr
