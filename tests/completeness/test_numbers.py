"""A number that a series of tickets lacks is a ticket that is not at hand; only of series that are whole and rise with time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.story import Story

BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
NORA = "nora.weber"


def at(day: float) -> str:
    return (BEGIN + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def given(lacking: set[int], *, number: int = 60, step: int = 1, rising: bool = True, **grant: str) -> Story:
    """A ticket a day but for those that are lacking, and access on day 40 for which there is none."""
    story = Story().person(NORA).role(approval="required")
    for day in range(number):
        if day not in lacking:
            key = 100 + step * (day if rising else day * 7 % number)
            story.ticket(
                f"ACC-{key}", "otto.kern", at(day), declined=[("grace.lindt", at(day))], entitlement="viewer"
            )
    return story.grant(at(number * 2 / 3), NORA, **grant).until(at(number))


@pytest.mark.parametrize(
    ("story", "said"),
    [
        pytest.param(given(set()), "no-decision", id="none is lacking"),
        pytest.param(given({39}), "undetermined", id="the one before it"),
        pytest.param(given({10, 50}), "no-decision", id="others, much earlier and later"),
        pytest.param(given({15}, number=24), "no-decision", id="of a handful"),
        pytest.param(given({39}, step=3), "no-decision", id="of a series of which others take numbers"),
        pytest.param(given({39}, number=59, rising=False), "no-decision", id="of numbers in no order"),
        pytest.param(given({39}, ticket="ACC-139"), "undetermined", id="the one that the log names"),
        pytest.param(
            given(set(), ticket="ACC-900"), "undetermined", id="one beyond all, which the log names"
        ),
    ],
)
def test_a_request_may_have_a_number_that_the_series_lacks_at_that_time(
    story: Story, said: str, tmp_path: Path
) -> None:
    assert story.judge(tmp_path).root(NORA) == said


def test_what_is_asked_for_are_the_lacking_tickets(tmp_path: Path) -> None:
    needs = [one["need"] for one in given({35, 39}).judge(tmp_path).why(NORA)["missing"]]
    assert any(need.startswith("ACC-135, ACC-139, which the ticket export lacks") for need in needs)
