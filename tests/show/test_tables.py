"""Findings and defects as tables."""

import json

from tests.show.examples import UNDETERMINED, WRONG, hostile
from tests.show.fakes import DEFECT

from tracer.show.tables import defects_text, findings_text
from tracer.show.terminal import Terminal
from tracer.show.text import cells


def test_a_finding_is_one_line() -> None:
    row = WRONG["root"] | {"grant": "a1" * 10, "is_root": True, "verdict": "wrong-access"}
    text = findings_text([row], Terminal(), cut=False)
    [line] = [line for line in text.splitlines() if "wrong-attribute" in line]
    assert line.startswith("✗  0f0f0f0f0f  wrong-attribute  source-data  created  hr-ops@corp.example  HR-01")
    assert text.endswith("1 finding, 1 root.\n")


def test_a_grant_without_a_finding_says_its_verdict_and_what_is_missing() -> None:
    row = {"grant": UNDETERMINED["grant"], "verdict": "undetermined", "missing": UNDETERMINED["missing"]}
    text = findings_text([row], Terminal(), cut=False)
    assert text.splitlines()[1].split()[:2] == ["?", "undetermined"]
    assert "tickets that cover aws" in text


def test_on_a_terminal_lines_are_cut_to_its_width() -> None:
    row = hostile()["root"] | {"grant": "a1" * 10, "is_root": False}
    text = findings_text([row, row], Terminal(80), cut=True)
    assert max(cells(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text


def test_on_a_narrow_terminal_what_has_no_room_in_its_row_stands_below_it() -> None:
    row = WRONG["root"] | {"grant": WRONG["grant"], "is_root": True, "verdict": "wrong-access"}
    lines = findings_text([row], Terminal(80), cut=True).splitlines()
    assert lines[0].split() == ["finding", "mode", "class", "part", "owner"]
    below = " ".join(line.strip() for line in lines[2:])
    assert "control: HR-01; access: " in below
    assert WRONG["grant"]["identity"] in below
    assert f"because: {WRONG['root']['because'][:20]}" in below


def test_nothing_found_is_said() -> None:
    assert findings_text([], Terminal(), cut=False) == "No findings.\n"
    assert defects_text([], Terminal(), cut=False) == "No defects.\n"


def test_a_defect_says_how_often_and_who() -> None:
    text = defects_text([DEFECT], Terminal(), cut=False)
    assert "10% (4% to 23%)" in text
    assert "hr-ops@corp.example" in text
    assert json.dumps(DEFECT)


def test_a_defect_is_compared_with_elsewhere_and_says_what_it_costs_and_what_was_said_of_it() -> None:
    row = DEFECT | {
        "elsewhere_rate": 0.004,
        "cost": 1240.5,
        "currency": "EUR",
        "disputed": 2,
        "note": "5 runs are too few",
    }
    text = defects_text([row], Terminal(), cut=False)
    for expected in (
        "0.4%",
        "1,240.50 EUR",
        "2 disputed",
        "10%* (4%",
        "1 rate marked * rest on too few runs",
    ):
        assert expected in text


def test_a_finding_shows_the_disposition_that_stands_and_whose_access_it_is() -> None:
    kept = [{"disposition": "accepted", "because": "x", "by": "y", "at": "z"}]
    row = WRONG["root"] | {
        "grant": "a1" * 10,
        "is_root": True,
        "verdict": "wrong-access",
        "dispositions": kept,
    }
    text = findings_text(
        [row | {"identity": "nora", "system": "erp", "entitlement": "gl"}], Terminal(), cut=False
    )
    assert "accepted" in text
    assert "nora: gl in erp" in text
