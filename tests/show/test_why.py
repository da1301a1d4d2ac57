"""`why` on a terminal."""

import io
import re

from tests.show.examples import CONFORMING, UNDETERMINED, WEAKNESS, WRONG, hostile

from tracer.show.terminal import Terminal
from tracer.show.text import cells
from tracer.show.why import why_text


def test_root_and_owner_come_first() -> None:
    lines = why_text([WRONG], Terminal(width=200)).splitlines()
    assert lines[0].startswith("Root     wrong-attribute (source-data, created it): HR held")
    assert lines[1].startswith("Owner    hr-ops@corp.example (Head of HR operations) — owned control HR-01")


def test_everything_else_follows_with_its_evidence() -> None:
    text = why_text([WRONG], Terminal())
    for expected in (
        "✗ source data",
        "✓ rule",
        "– request",
        "hr/workday.csv:12",
        "[idm/log.jsonl.gz:118]",
        "Also failed",
        "ask\n    erp-apps@corp.example",
        "3 more grants of 2 identities with the same cause",
        "on 48 of 50 checks; not built yet: sod-conflict, stale-rule",
        "people@corp.example",
        "still open",
    ):
        assert expected in text


def test_undetermined_says_what_is_missing_and_whom_to_ask_first() -> None:
    lines = why_text([UNDETERMINED], Terminal()).splitlines()
    assert lines[0].startswith("Verdict  undetermined:")
    assert lines[1] == "Ask      access-process@corp.example"
    assert any("tickets that cover aws for 2026-01-01 00:00Z to" in line for line in lines)


def test_conforming_and_weakness_have_their_own_words() -> None:
    assert why_text([CONFORMING], Terminal()).startswith("Verdict  conforming:")
    text = why_text([WEAKNESS], Terminal())
    assert text.startswith("Weakness not-verified")
    assert "Owner    nobody: the control had no owner — no control of the register covers this." in text


def test_of_many_grants_the_worst_is_told_in_full_and_the_rest_in_lines() -> None:
    text = why_text([WRONG, WRONG, WEAKNESS, *[CONFORMING] * 97], Terminal())
    assert text.startswith(
        "nora.weber@corp.example: 100 grants, 2 wrong access, 1 control weakness, 97 conforming."
    )
    assert text.count("\nChain\n") == 1
    assert text.count("Root     ") == 2
    assert len(text.splitlines()) < 150


def test_lines_fit_the_width() -> None:
    for width in (60, 80, 100):
        assert (
            max(cells(line) for line in why_text([WRONG, WEAKNESS], Terminal(width)).splitlines()[3:40])
            <= width
        )


def test_no_colour_and_no_control_character_in_a_pipe() -> None:
    text = why_text([hostile(), hostile()], Terminal())
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) is None


def test_colour_only_where_it_is_shown() -> None:
    assert "\x1b[31m" in why_text([WRONG], Terminal(colour=True))
    coloured = why_text([hostile()], Terminal(colour=True))
    assert re.sub(r"\x1b\[\d+m", "", coloured).count("\x1b") == 0


def test_a_stream_without_unicode_gets_ascii() -> None:
    text = why_text([WRONG | {"grant": WRONG["grant"] | {"identity": "Łucja"}}], Terminal(encoding="ascii"))
    assert text.isascii()
    assert "x source data" in text
    assert "\\u0141ucja" in text


class Tty(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_environment_has_its_usual_say() -> None:
    assert Terminal.of(Tty(), {"COLUMNS": "70"}) == Terminal(70, True)
    assert Terminal.of(Tty(), {"COLUMNS": "70", "NO_COLOR": "1"}) == Terminal(70, False)
    assert Terminal.of(Tty(), {"COLUMNS": "70", "TERM": "dumb"}) == Terminal(70, False)
    assert Terminal.of(io.StringIO(), {}) == Terminal(100, False)
    assert Terminal.of(io.StringIO(), {"FORCE_COLOR": "1", "COLUMNS": "nonsense"}) == Terminal(100, True)


def test_a_folder_that_all_files_share_is_said_once() -> None:
    far = {"file": "/srv/evidence/2026/hr.csv", "ordinal": 1, "sha256": "00"}
    answer = CONFORMING | {
        "lineage": {"rule": {"at": None, "what": "R-1", "basis": "explicit", "evidence": [far]}}
    }
    text = why_text([answer], Terminal())
    assert "[hr.csv:1]" in text
    assert "Files are in /srv/evidence/2026/" in text


def test_today_says_whether_it_is_open_who_responds_and_who_owns_the_control_now() -> None:
    text = " ".join(why_text([WRONG], Terminal(width=120)).split())
    assert (
        "Today the access is still open; hr-desk@corp.example responds for HR-01; people@corp.example now owns HR-01."
        in text
    )
    ended = WRONG | {"grant": WRONG["grant"] | {"still_open": False, "ended_at": "2026-04-01T00:00:00.000Z"}}
    said = " ".join(why_text([ended], Terminal(width=120)).split())
    assert "wrong from the start, ended 2026-04-01 00:00Z." in said
    assert "Today hr-desk@corp.example responds for HR-01;" in said


def test_what_weakens_the_statement_is_said_in_words_and_what_does_not_is_not() -> None:
    root = WRONG["root"] | {"responsibility": 0.5, "confidence": 0.8}
    text = " ".join(why_text([WRONG | {"root": root}], Terminal(width=120)).split())
    assert "Share 0.5: 1 other path would have given the same access" in text
    assert "Sure 0.8 of 1" in text
    sure = WRONG | {"root": WRONG["root"] | {"responsibility": 1.0, "confidence": 1.0}}
    assert "Share " not in why_text([sure], Terminal())
    assert "Sure " not in why_text([sure], Terminal())


def test_a_disposition_stands_below_the_owner() -> None:
    kept = {
        "disposition": "disputed",
        "because": "HR was right",
        "by": "grc",
        "at": "2026-05-01T00:00:00.000Z",
    }
    lines = why_text([WRONG | {"root": WRONG["root"] | {"dispositions": [kept]}}], Terminal(120)).splitlines()
    assert "Marked   disputed by grc at 2026-05-01 00:00Z: HR was right." in lines


def test_a_key_is_explained_before_its_grants() -> None:
    told = [
        {
            "what": "opens ci in aws, ended 2026-01-01T00:00:00.000Z",
            "at": None,
            "evidence": [{"file": "a", "ordinal": 3}],
        }
    ]
    asked = {
        "kind": "access key",
        "name": "AKIA1",
        "identities": ["ci"],
        "relation": "granted with it",
        "told": told,
    }
    lines = why_text([WRONG | {"asked": asked}], Terminal(120)).splitlines()
    assert lines[0] == "Asked    AKIA1 (access key) is of ci."
    assert lines[1] == "         opens ci in aws, ended 2026-01-01 00:00Z. [a:3]"
    assert lines[2] == "Leads to 1 grant that was granted with it; 1 wrong access."


def test_whom_the_evidence_names_for_what_they_did_is_not_said_to_own_the_control() -> None:
    root = WRONG["root"] | {"owner_role": "approver", "owner": "ann@corp.example", "control": "APP-01"}
    text = why_text([WRONG | {"root": root}], Terminal(120))
    assert "ann@corp.example (approver) — acted at control APP-01." in text
    assert "owned control APP-01" not in text


def test_others_tell_what_failed_alike_from_what_only_shares_the_cause() -> None:
    def others(**radius: int) -> str:
        [line] = [
            one
            for one in why_text([WRONG | {"blast_radius": radius}], Terminal(120)).splitlines()
            if one.startswith("Others")
        ]
        return line

    assert (
        others(grants=2, identities=2, failed=2)
        == "Others   2 more grants of 2 identities failed in the same way."
    )
    assert "no other grant failed in this way; 1 shares what caused it" in others(
        grants=1, identities=1, failed=0
    )
    assert "2 more grants failed in the same way; 3 others share what caused it" in others(
        grants=5, identities=4, failed=2
    )


def test_of_a_long_path_only_the_file_is_named_and_verbose_shows_every_link() -> None:
    far = {
        "file": "AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/trail-20260428.json.gz",
        "ordinal": 15,
        "sha256": "00",
    }
    links = [
        {"at": f"2026-0{n}-01T00:00:00.000Z", "what": f"review {n}", "basis": "explicit", "evidence": [far]}
        for n in (1, 2)
    ]
    answer = CONFORMING | {"lineage": {"reviews": links}}
    text = why_text([answer, UNDETERMINED], Terminal(120))
    assert "review 1; review 2" in text
    assert "…/trail-20260428.json.gz:15]" in text
    assert "review 1; review 2" not in why_text([answer], Terminal(120), verbose=True)
