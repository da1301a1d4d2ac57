"""Defects: what they cost, and how many of those hit are no people."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import Story

from tracer.questions.defects import defects


def found(folder: Path, *prices: dict[str, Any] | None) -> dict[str, Any]:
    """The one defect of grants without a decision, one for each price: the first of a person, the others of a bot."""
    story = Story().person("nora.weber").identity("bot", "workload", owner="ida@corp.example",
                                                  accounts=[{"system": "erp", "name": "bot@corp.example"}])  # fmt: skip
    story.ticket_export("2026-01-01T08:00:00Z", "2026-03-31T08:00:00Z")
    for number, price in enumerate(prices):
        story.role(f"licence-{number}", cost=price, approval="required")
        story.grant("2026-02-01T00:00:00Z", "bot" if number else "nora.weber", f"licence-{number}")
    connection = story.until("2026-03-03T00:00:00Z").judge(folder).connection
    [defect] = [row for row in defects(connection) if row["mode"] == "no-decision"]
    return defect


def test_a_defect_costs_what_its_licences_cost_from_the_failure_on(tmp_path: Path) -> None:
    monthly, once = {"amount": 40, "currency": "EUR", "per": "P1M"}, {"amount": "7.5", "currency": "EUR"}
    defect = found(tmp_path, monthly, once, None)
    assert (defect["cost"], defect["currency"]) == (47.5, "EUR")


@pytest.mark.parametrize(
    "prices",
    [
        [{"amount": 40, "currency": "EUR"}, {"amount": 40, "currency": "SEK"}],
        [{"amount": "much", "currency": "EUR"}],
        [None],
    ],
)
def test_prices_that_do_not_add_up_are_no_cost(prices: list[dict[str, Any] | None], tmp_path: Path) -> None:
    defect = found(tmp_path, *prices)
    assert (defect["cost"], defect["currency"]) == (None, None)


def test_the_share_that_hit_no_people_is_a_share(tmp_path: Path) -> None:
    assert found(tmp_path, None, None)["non_human"] == 0.5
