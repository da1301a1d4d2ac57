"""Many globs at once: those that are looked up are those that match, and many of them take no long."""

from hypothesis import given
from hypothesis import strategies as st

from tracer.case.glob_index import GlobIndex, PairIndex
from tracer.case.globs import matches

GLOB = st.text("abAB*?", max_size=5) | st.text("ab*", min_size=24, max_size=30)
TEXT = st.text("abAB", max_size=5) | st.text("ab", min_size=24, max_size=30)


@given(st.lists(GLOB, max_size=12), TEXT)
def test_what_is_looked_up_is_what_matches(globs: list[str], text: str) -> None:
    assert sorted(GlobIndex(globs).of(text)) == [n for n, glob in enumerate(globs) if matches(glob, text)]


@given(
    st.lists(st.tuples(st.none() | GLOB, st.none() | GLOB), max_size=12),
    TEXT,
    st.lists(TEXT, min_size=1, max_size=3),
)
def test_pairs_match_by_system_and_any_name(
    pairs: list[tuple[str | None, str | None]], system: str, names: list[str]
) -> None:
    found = [
        place
        for place, (one, other) in enumerate(pairs)
        if matches(one or "*", system) and any(matches(other or "*", name) for name in names)
    ]
    assert PairIndex(pairs).of(system, names) == found


def test_a_hundred_thousand_globs_are_not_tried_one_by_one() -> None:
    """Ten thousand texts: ten billion trials would take an hour."""
    many = range(100_000)
    index = PairIndex([(f"app{n % 50}", f"role-{n}" if n % 2 else f"role-{n}-*") for n in many])
    for number in many[::10]:
        assert index.of(f"APP{number % 50}", [f"role-{number}-x"]) == [number]
