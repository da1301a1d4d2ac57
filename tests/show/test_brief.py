"""The chain in short: at most one line per control point that did not fail."""

from typing import Any

from tests.show.examples import WRONG, link

from tracer.show.brief import brief_steps
from tracer.show.steps import FAIL, Answer


def fact(attribute: str, value: str, system: str, reading: str, ordinal: int) -> dict[str, Any]:
    return link(
        "2026-01-12T08:00:00.000Z", f"{system}: {attribute} = {value} ({reading})", "hr.csv", ordinal,
        attribute=attribute, value=value, system=system, reading=reading, recorded_at="2026-02-02T08:00:00.000Z",
    )  # fmt: skip


FACTS = [
    fact("department", "Finance", "erp", "logged", 1),
    fact("department", "Finance", "workday", "known-then", 2),
    fact("kind", "FTE", "erp", "logged", 1),
    fact("kind", "FTE", "workday", "known-then", 3),
    fact("kind", "Contractor", "workday", "known-now", 4),
    fact("status", "", "erp", "logged", 1),
]


def answer(attribute: str | None, **lineage: Any) -> Answer:
    root = WRONG["root"] | {"attribute": attribute, "evidence": [{"file": "hr.csv", "ordinal": 1}]}
    return WRONG | {
        "root": root if attribute else None,
        "contributing": [],
        "lineage": {"source_data": FACTS} | lineage,
    }


def of(point: str, answered: Answer) -> list[tuple[str, str]]:
    return [(step.mark, step.what) for step in brief_steps(answered) if step.point == point]


def test_the_attribute_that_failed_tells_its_readings_and_the_others_share_a_line() -> None:
    steps = of("source-data", answer("kind"))
    assert [text for mark, text in steps if mark == FAIL] == [
        "kind: the decision used FTE; workday held FTE then; workday now says Contractor, entered 2026-02-02 08:00Z"
    ]
    assert [text for mark, text in steps if mark != FAIL] == ["department = Finance, status = (none)"]


def test_source_data_that_did_not_fail_is_one_line_with_all_its_evidence() -> None:
    [step] = [one for one in brief_steps(answer(None)) if one.point == "source-data"]
    assert step.what == "department = Finance, kind = FTE, status = (none)"
    assert [item["ordinal"] for item in step.evidence] == [1, 2, 3, 4]


def test_links_that_passed_are_folded_and_counted() -> None:
    reviews = [link(f"2026-0{n}-01T00:00:00.000Z", f"review {n}", "r.csv", n) for n in range(1, 6)]
    [(_, text)] = of("review", answer(None, reviews=reviews))
    assert text == "review 3; review 4; review 5 (and 2 before)"


def test_every_other_point_has_one_line() -> None:
    steps = brief_steps(answer(None))
    assert len({step.point for step in steps}) == len(steps)
