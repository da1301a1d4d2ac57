"""The chain of a grant, as all ways of showing it take it."""

from tests.show.examples import CONFORMING, UNDETERMINED, WEAKNESS, WRONG, link

from tracer.show.steps import FAIL, NEUTRAL, NONE, PASS, UNKNOWN, steps_of


def test_every_control_point_has_a_step_in_the_order_in_which_access_comes_and_goes() -> None:
    labels = [step.label for step in steps_of(CONFORMING)]
    assert labels == [
        *("source data", "rule", "request", "approval", "exception"),
        *("provisioning", "verification", "use", "review", "revocation"),
    ]


def test_the_link_that_the_evidence_of_a_failure_names_is_marked() -> None:
    marks = {step.label: (step.mark, step.modes) for step in steps_of(WRONG)}
    assert marks["source data"] == (FAIL, ("wrong-attribute",))
    assert marks["review"] == (FAIL, ("review-kept-wrong-access",))
    assert marks["rule"] == (PASS, ())
    assert marks["request"] == (NONE, ())
    assert marks["use"] == (NEUTRAL, ())


def test_of_several_links_only_the_failing_one_is_marked() -> None:
    answer = WRONG | {
        "lineage": WRONG["lineage"]
        | {"reviews": [link(None, "kept", "a.csv", 1), *WRONG["lineage"]["reviews"]]}
    }
    reviews = [step.mark for step in steps_of(answer) if step.label == "review"]
    assert reviews == [NEUTRAL, FAIL]


def test_a_failure_without_a_link_is_a_step_all_the_same() -> None:
    [step] = [step for step in steps_of(WEAKNESS) if step.label == "verification"]
    assert (step.mark, step.modes, step.present) == (FAIL, ("not-verified",), False)


def test_what_checks_came_to_decides_the_mark_where_it_is_known() -> None:
    marks = {
        step.label: step.mark for step in steps_of(UNDETERMINED, {"request": UNKNOWN, "logging": UNKNOWN})
    }
    assert marks["request"] == UNKNOWN
    assert marks["logging"] == UNKNOWN


def test_an_answer_with_nothing_in_it_still_has_a_chain() -> None:
    assert len(steps_of({})) == 10


def test_a_time_within_what_happened_is_written_like_every_other() -> None:
    until = link(None, "exception EX-1 until 2026-12-02T00:00:00.000Z", "a.csv", 0)
    answer = CONFORMING | {"lineage": CONFORMING["lineage"] | {"exception": until}}
    (step,) = [step for step in steps_of(answer) if step.point == "exception"]
    assert step.what == "exception EX-1 until 2026-12-02 00:00Z"
