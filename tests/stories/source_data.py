"""Golden cases of the source-data class."""

from collections.abc import Iterator

from tests.stories import Golden, change
from tests.story import HIRED, Story, owner_of

RULE = 'identity.department == "Finance" && identity.employment_type == "FTE"'
INPUTS = {"department": "Finance", "employment_type": "FTE"}


def _granted_by_rule(inputs: dict[str, str] | None = None) -> Story:
    story = Story().rule(RULE).role(eligible=RULE)
    story.grant("2026-02-02T08:00:00Z", "nora.weber", rule="R-ERP", rule_version=1, inputs=inputs or INPUTS)
    return story.until("2026-04-30T08:00:00Z")


def cases() -> Iterator[Golden]:
    """The cases, each followed by its look-alikes."""
    story = _granted_by_rule().person("nora.weber")
    story.fact("nora.weber", "employment_type", "Contractor", HIRED, "2026-04-10T09:00:00Z")
    yield Golden(
        "wrong-attribute",
        "HR had entered a contractor as employee; corrected in April, for the same effective date.",
        story,
        "nora.weber",
        "wrong-access",
        "Rule 2: delivered as decided; the corrected value would have gone the other way.",
        change(
            "The value was never corrected.",
            {"file": "source-data.csv", "where": {"value": "Contractor"}, "drop": True},
            verdict="conforming",
        ),
        mode="wrong-attribute",
        klass="source-data",
        owner=owner_of("source-data"),
        excludes=["late-update", "stale-copy", "rule-overgrants"],
        since="2026-02-02T08:00:00.000Z",
    )
