"""`tracer sources`: what can be read, and what a declaration of one's own makes of a sample."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from tracer.case.opening import open_case
from tracer.cli.main import cli
from tracer.errors import EXIT_STRICT, DeclarationError, TracerError
from tracer.sources.declarations import declarations

DOCS = Path(__file__).parents[2] / "docs" / "declaring-a-source.md"
RECORDS = [
    {"badge_event": "zone.assign", "event_id": "1", "when": "2026-03-01T08:00:00Z", "result": "ok",
     "operator": {"mail": "ada.moreau@tidewater.example"}, "holders": [{"mail": "lev.arden@tidewater.example"}],
     "zones": [{"name": "vault"}, {"name": "lobby"}], "valid_until": "2026-04-01"},
    {"badge_event": "door.open", "event_id": "2", "when": "2026-03-01T08:10:00Z", "door": "vault", "result": "ok",
     "operator": {"mail": "lev.arden@tidewater.example"}},
    {"badge_event": "zone.assign", "event_id": "3", "result": "ok", "zone": "x"},
]  # fmt: skip


@pytest.fixture
def badge(tmp_path: Path) -> Path:
    """The declaration that the documentation shows, with a sample beside it."""
    text = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    (tmp_path / "badge-audit.toml").write_text(text[1], encoding="utf-8")
    (tmp_path / "export.jsonl").write_text(
        "".join(json.dumps(one) + "\n" for one in RECORDS), encoding="utf-8"
    )
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    if isinstance(result.exception, TracerError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_declaration_of_the_documentation_reads_its_sample(badge: Path) -> None:
    found = json.loads(
        run("sources", "--check", str(badge / "badge-audit.toml"), str(badge / "export.jsonl"), "--json")
    )
    assert [(one["subject"], one["entitlement"], one["expires_at"]) for one in found["acts"]] == [
        ("lev.arden@tidewater.example", "vault", "2026-04-01T00:00:00.000Z"),
        ("lev.arden@tidewater.example", "lobby", "2026-04-01T00:00:00.000Z"),
    ]
    assert found["books"] == {"records": 3, "kept": 1, "counted": 1, "skipped": 0, "rejected": 1}
    assert found["rejects"] == [{"record": 2, "reason": "no time"}]
    assert found["unmet_rows"] == []
    assert "result_text" in found["unmet_paths"]
    assert "holder.mail" not in found["unmet_paths"]


def test_a_row_that_meets_nothing_is_named(badge: Path) -> None:
    file = badge / "badge-audit.toml"
    file.write_text(
        file.read_text() + '\n[[actions]]\nwhen = { badge_event = "zone.take" }\nverb = "revoke"\n'
    )
    out = run("sources", "--check", str(file), str(badge / "export.jsonl"))
    assert "revoke when badge_event = zone.take" in out
    assert "record 2 is rejected: no time" in out


def test_a_source_of_ones_own_is_listed_and_read(badge: Path, tmp_path: Path) -> None:
    assert "badge-audit" in run("sources", "--sources", str(badge))
    out = run("ingest", str(tmp_path / "case.db"), str(badge / "export.jsonl"), "--sources", str(badge))
    assert "badge-audit, 3 records = 1 kept + 1 counted + 0 skipped + 1 rejected" in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('kind = "magic"', "kind 'magic'"),
        ('colour = "red"', "colour"),
        ('hook = "nothing"', "nothing"),
        ('[[actions]]\nwhen = { a = "b" }\nverb = "bestow"', "'bestow'"),
        ('[[actions]]\nwhen = { a = { like = "b" } }\nverb = "grant"', "'like'"),
        ('[[actions]]\nwhen = { a = "b" }\nverb = "grant"\nsubject = "{x|shout}"', "'shout'"),
    ],
)
def test_a_declaration_that_is_wrong_says_what_is(badge: Path, line: str, said: str) -> None:
    file = badge / "badge-audit.toml"
    text = file.read_text()
    file.write_text(
        text.replace('kind = "audit-log"', line)
        if line.startswith("kind")
        else text + "\n" + line
        if line[0] == "["
        else line + "\n" + text
    )
    with pytest.raises(DeclarationError, match=said):
        run("sources", "--check", str(file), str(badge / "export.jsonl"))


def test_a_source_says_what_it_cannot_tell() -> None:
    out = run("sources", "kubernetes-audit")
    assert "cannot tell" in out
    assert "ClusterRole" in out


def test_a_sample_that_is_not_there_is_named(badge: Path) -> None:
    with pytest.raises(TracerError, match=r"nowhere\.jsonl: cannot be read"):
        run("sources", "--check", str(badge / "badge-audit.toml"), str(badge / "nowhere.jsonl"))


def test_a_declaration_that_is_no_text_is_one_sentence(badge: Path) -> None:
    (badge / "badge-audit.toml").write_bytes(b"\xff\xfe\x00")
    for arguments in (["--check", str(badge / "badge-audit.toml"), "x"], ["--sources", str(badge)]):
        with pytest.raises(DeclarationError, match=r"badge-audit\.toml: this declaration is no UTF-8 text"):
            run("sources", *arguments)


def test_the_nearest_source_is_named_for_one_that_is_unknown() -> None:
    with pytest.raises(TracerError, match=r"did you mean 'okta-system-log'\?"):
        run("sources", "okta-systemlog")
    with pytest.raises(TracerError, match="list them with: tracer sources"):
        run("sources", "zzz")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_nothing_recognised_is_read_once_there_is_a_declaration(badge: Path, workers: str) -> None:
    case, export = str(badge / "case.db"), str(badge / "export.jsonl")
    for _ in range(2):
        result = CliRunner().invoke(cli, ["ingest", case, export, "--strict", "--workers", workers])
        assert "export.jsonl: not recognised (no source recognises these records)" in result.stdout
        assert result.exit_code == EXIT_STRICT
    told = run("ingest", case, export, "--sources", str(badge), "--workers", workers)
    assert "badge-audit, 3 records = 1 kept + 1 counted + 0 skipped + 1 rejected" in told
    assert "already in the case" in run("ingest", case, export, "--workers", workers)


def test_handing_in_again_what_nothing_recognises_leaves_the_case_judged(badge: Path) -> None:
    case, export = badge / "case.db", str(badge / "export.jsonl")
    run("ingest", str(case), export)
    run("judge", str(case))
    before = case.read_bytes()
    run("ingest", str(case), export)
    with closing(open_case(case)) as connection:
        assert connection.execute("SELECT value FROM meta WHERE name = 'stale'").fetchone()[0] == "0"
        assert connection.execute("SELECT count(*) FROM evidence").fetchone()[0] == 1
    assert len(case.read_bytes()) == len(before)


def test_a_broken_declaration_of_ones_own_costs_no_evidence(badge: Path) -> None:
    case, export = str(badge / "case.db"), str(badge / "export.jsonl")
    good = (badge / "badge-audit.toml").read_bytes()
    for broken in (b"\xff", b"name = "):
        (badge / "badge-audit.toml").write_bytes(broken)
        with pytest.raises(DeclarationError):
            run("ingest", case, export, "--sources", str(badge))
    declarations.cache_clear()
    (badge / "badge-audit.toml").write_bytes(good)
    assert "1 kept" in run("ingest", case, export, "--sources", str(badge))
