"""What may be handed in: URLs, streams, and progress that somebody who waits can see."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.evidence.test_malformed import event, trail

from tracer.cli.main import cli
from tracer.evidence import reading
from tracer.evidence.ingest import Progress, ingest


@pytest.fixture
def store() -> str:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/a/one.json", trail(2))
    memory.pipe("/bucket/b/two.json.gz", gzip.compress(trail(3)))
    return "memory://bucket"


@pytest.mark.parametrize(
    ("tail", "kept"), [("", [2, 3]), ("/a/one.json", [2]), ("/*/*.gz", [3]), ("/a", [2])]
)
def test_urls_are_files_folders_and_patterns(tmp_path: Path, store: str, tail: str, kept: list[int]) -> None:
    summary = ingest(tmp_path / "case.db", [store + tail], workers=2)
    assert summary.problems == []
    assert [one.kept for one in summary.files] == kept
    assert all(one.path.startswith("memory://") for one in summary.files)


@pytest.mark.parametrize("url", ["memory://nowhere", "nonsense://x"])
def test_a_url_that_leads_nowhere_is_a_stated_problem(tmp_path: Path, url: str) -> None:
    pytest.importorskip("fsspec")
    (problem,) = ingest(tmp_path / "case.db", [url]).problems
    assert str(problem).startswith(url)


def test_a_url_without_the_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    (problem,) = ingest(tmp_path / "case.db", ["s3://bucket/x"]).problems
    assert "pip install 'tracer-forensics[remote]'" in str(problem)


def test_standard_input_is_evidence(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli, ["ingest", str(tmp_path / "case.db"), "-"], input=gzip.compress(trail(4))
    )
    assert "-: aws-cloudtrail, 4 records" in result.stdout
    assert result.stderr == ""


def test_progress_is_told_within_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "OFTEN", 100_000)
    path = tmp_path / "one.ndjson"
    with path.open("w") as file:
        file.writelines(json.dumps(event(number, eventName="GetUser")) + "\n" for number in range(3000))
    seen: list[Progress] = []
    ingest(tmp_path / "case.db", [path], progress=seen.append)
    assert len(seen) > 2
    assert [one.size for one in seen] == sorted({one.size for one in seen})
    assert {one.of_size for one in seen} == {path.stat().st_size}


def test_a_terminal_sees_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tracer.cli.progress import shown

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with shown(quiet=False, verbose=False) as progress:
        assert progress is not None
        progress(Progress("[red]a.json", 0, 2, 512, 1024))
    assert "1/2 [red]a.json" in terminal.getvalue()
    with shown(quiet=True, verbose=False) as progress:
        assert progress is None


def test_a_folder_of_own_declarations_is_used(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "badges.toml").write_text(
        'name = "badges"\ntitle = "Badges"\nkind = "audit-log"\nexport = "Export"\nnames = "Names"\n'
        'recognise = ["badge_event", "zone"]\nsystem = "badges"\ntime = "when"\n'
        '[[actions]]\nwhen = { badge_event = "assign" }\nverb = "grant"\nsubject = "{holder}"\nentitlement = "{zone}"\n'
    )
    line = {"badge_event": "assign", "zone": "lab", "holder": "ada", "when": "2026-03-01T10:00:00Z"}
    (tmp_path / "x.json").write_text(json.dumps(line))
    case = str(tmp_path / "case.db")
    result = CliRunner().invoke(
        cli, ["ingest", case, str(tmp_path / "x.json"), "--sources", str(tmp_path / "own")]
    )
    assert "badges, 1 records = 1 kept" in result.stdout
