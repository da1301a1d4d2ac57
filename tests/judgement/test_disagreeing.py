"""Authoritative sources that say different things of one person."""

from pathlib import Path

from tests.story import Story

NORA, LEAD = "nora.weber", "rosa.lund"
SOURCES = ("workday", "payroll", "badge", "directory", "travel")


def asked_for(expression: str) -> Story:
    """Nora asked for what the catalogue allows by this expression, and Rosa approved it."""
    story = Story().role(eligible=expression, approval="required").authority(LEAD)
    story.person(NORA).person(LEAD).ticket(
        "ACC-1", NORA, "2026-02-02T08:00:00Z", [(LEAD, "2026-02-02T09:00:00Z")]
    )
    return story.grant("2026-02-02T10:00:00Z", NORA, ticket="ACC-1").until("2026-03-30T08:00:00Z")


def test_no_approver_is_accused_on_the_word_of_one_of_them(tmp_path: Path) -> None:
    story = asked_for('identity.site == "Bergen"')
    story.fact(NORA, "site", "Bergen", "2025-01-01", system="workday")
    story.fact(NORA, "site", "Oslo", "2025-01-01", system="payroll")
    judged = story.judge(tmp_path)
    assert judged.check("policy-ineligible", NORA) != "fail"
    assert judged.root(NORA) == "conflicting-sources"


def test_many_that_disagree_on_much_are_judged_all_the_same(tmp_path: Path) -> None:
    names = [f"level_{number}" for number in range(12)]
    story = asked_for(" && ".join(f'identity.{name} != "none"' for name in names))
    for name in names:
        for system in SOURCES:
            story.fact(NORA, name, f"{name} as {system} has it", "2025-01-01", system=system)
    assert story.judge(tmp_path).root(NORA) == "conforming"
