"""1/(1+k), k the fewest other controls to mend before mending this one alone would have prevented the access."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.story import Story

from tracer.judgement.verdicts.responsibility import FOREVER, Edge, others

T = "target"


def way(grant: str, tail: str, head: str, *controls: str, since: str = "1", until: str = FOREVER) -> Edge:
    return Edge(grant, tail, head, since, until, set(controls))


CASES = [
    # ways, the grant and control asked about, k
    ([way("g", "me", T, "A")], ("g", "A"), 0),
    ([way("g", "me", T, "A", "B")], ("g", "B"), 0),
    ([way("g", "me", T, "A"), way("h", "me", T, "B")], ("g", "A"), 1),
    ([way("g", "me", T, "A"), way("h", "me", T, "B"), way("i", "too", T, "C", "D")], ("g", "A"), 2),
    # one control failed on both ways: mending it prevents both
    ([way("g", "me", T, "A"), way("h", "me", T, "A")], ("g", "A"), 0),
    ([way("g", "me", T, "A", "C"), way("h", "me", T, "A")], ("g", "C"), 1),
    # the others share one control: one mending is enough
    ([way("g", "me", T, "A"), way("h", "me", T, "B"), way("i", "me", T, "B")], ("g", "A"), 1),
    # never open together
    ([way("g", "me", T, "A", until="3"), way("h", "me", T, "B", since="3")], ("g", "A"), 0),
    # a way that is right all along is no wrong access
    ([way("g", "me", T, "A"), way("h", "me", T)], ("g", "A"), 0),
    # through a group: wrong membership, right grant of the group
    ([way("g", "me", T, "A"), way("m", "me", "x", "B"), way("x1", "x", T)], ("g", "A"), 1),
    # through two groups that meet: one cut where they meet
    (
        [way("g", "me", T, "A"), way("m", "me", "x", "B"), way("n", "me", "y", "C"), way("xz", "x", "z"),
         way("yz", "y", "z"), way("z1", "z", T, "D")],
        ("g", "A"), 1,
    ),
    (
        [way("g", "me", T, "A"), way("m", "me", "x", "B"), way("n", "me", "y", "C"), way("x1", "x", T), way("y1", "y", T)],
        ("g", "A"), 2,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("ways", "asked", "k"), CASES, ids=range(len(CASES)))
def test_k_is_the_fewest_others(ways: list[Edge], asked: tuple[str, str], k: int) -> None:
    of = next(one for one in ways if one.grant == asked[0])
    assert others(of, ways, asked[1], {"me", "too"}) == k


def test_eighteen_layers_are_cut_and_not_enumerated() -> None:
    ways = [way("g", "me", T, "A")]
    ways += [way(f"me-{side}", "me", f"0{side}", f"M{side}") for side in "ab"]
    ways += [
        way(f"{n}{one}{two}", f"{n}{one}", f"{n + 1}{two}", f"C{n}{one}{two}")
        for n in range(17) for one in "ab" for two in "ab"
    ]  # fmt: skip
    ways += [way(f"17{side}-t", f"17{side}", T, f"E{side}") for side in "ab"]
    assert others(ways[0], ways, "A", {"me"}) == 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.sampled_from("ABCDE"), min_size=1, max_size=2), min_size=1, max_size=5))
def test_k_is_at_most_the_number_of_other_ways(failed: list[set[str]]) -> None:
    ways = [way(f"g{n}", "me", T, *sorted(names)) for n, names in enumerate(failed)]
    for one in ways:
        for control in one.controls:
            k = others(one, ways, control, {"me"})
            assert 0 <= k <= len([other for other in ways if control not in other.controls])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.frozensets(st.sampled_from("ABCDE"), max_size=3), st.sampled_from("123"), st.sampled_from("3456")),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_single_grants_need_no_graph(ways: list[tuple[frozenset[str], str, str]]) -> None:
    direct = [
        way(f"g{n}", "me", T, *names, since=since, until=until)
        for n, (names, since, until) in enumerate(ways)
    ]
    aside = way("m", "me", "a group that gives nothing")
    for one in direct:
        for control in one.controls:
            assert others(one, direct, control, {"me"}) == others(one, [*direct, aside], control, {"me"})


def test_two_ways_by_different_controls_share_and_by_one_control_do_not(tmp_path: Path) -> None:
    told = Story().person("nora.weber").ticket_export("2026-01-01T08:00:00Z", "2026-04-30T08:00:00Z")
    told.grant("2026-02-02T08:00:00Z", "nora.weber").grant("2026-02-03T08:00:00Z", "nora.weber")
    judged = told.until("2026-04-30T08:00:00Z").judge(tmp_path)
    assert judged.finding("nora.weber", "no-decision")["responsibility"] == 1.0
