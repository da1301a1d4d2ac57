"""`tracer graph`."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.show.fakes import case_file, fake_questions

from tracer.cli.graph import command
from tracer.errors import TracerError, UsageError


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    fake_questions(monkeypatch)
    return str(case_file(tmp_path / "case.db"))


def test_dot_on_stdout_without_a_file(case: str) -> None:
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example"])
    assert result.stdout.startswith("digraph lineage {")


@pytest.mark.parametrize(("name", "start"), [("a.svg", "<svg"), ("a.dot", "digraph"), ("a.SVG", "<svg")])
def test_the_ending_decides(case: str, tmp_path: Path, name: str, start: str) -> None:
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example", "-o", str(tmp_path / name)])
    assert result.exit_code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert result.stdout == ""
    assert result.stderr.startswith("Wrote ")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.png", b"\x89PNG"),
        ("a.mmd", b"flowchart LR"),
        ("a.graphml", b"<graphml"),
        ("a.json", b"{"),
    ],
)
def test_other_forms_by_their_endings(case: str, tmp_path: Path, name: str, start: bytes) -> None:
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example", "-o", str(tmp_path / name)])
    assert result.exit_code == 0, result.exception
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_pdf_is_drawn_by_the_systems_graphviz_or_it_says_what_to_do(case: str, tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example", "-o", str(target)])
    if shutil.which("dot"):
        assert target.read_bytes().startswith(b"%PDF")
    else:
        assert isinstance(result.exception, TracerError)
        assert "install graphviz" in str(result.exception)


def test_an_unknown_ending_is_one_clear_sentence(case: str) -> None:
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example", "-o", "a.docx"])
    assert isinstance(result.exception, UsageError)
    assert result.exception.diagnostics() == (
        "a.docx: cannot draw a picture that ends in '.docx'; name a file that ends in .svg, .png, .pdf, .dot, "
        ".mmd (Mermaid), .graphml or .json (PROV-JSON)"
    )


def test_a_folder_that_cannot_be_written_is_a_stated_problem(case: str, tmp_path: Path) -> None:
    target = tmp_path / "none" / "a.dot"
    result = CliRunner().invoke(command, [case, "nora.weber@corp.example", "-o", str(target)])
    assert isinstance(result.exception, TracerError)
