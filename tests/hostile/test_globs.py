"""Globs that people who write tickets can make as bad as they like: each is answered at once, and as it always was.

None of these tests measures time: with a matcher that goes back on its steps each would take hours.
"""

import re
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracer.case.globs import matches, wider

GLOB = st.text("ab.*?\n[ßİ", max_size=8)
TEXT = st.text("abs.\n[ßİ", max_size=9)
SCOPE = st.lists(st.text("ab**??", max_size=5), min_size=1, max_size=3).map(",".join)
TEXTS = ["".join(chars) for length in range(7) for chars in product("abz", repeat=length)]
"""Every text of up to six letters: two that globs name, and one that stands for all others."""


@settings(max_examples=500)
@given(GLOB, TEXT)
@example("*a*", "A")
@example("a*a", "a")
def test_a_glob_means_what_its_regular_expression_means(glob: str, text: str) -> None:
    words = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in glob.casefold())
    assert matches(glob, text) is bool(re.fullmatch("".join(words), text.casefold(), re.DOTALL))


@settings(max_examples=300, deadline=None)
@given(SCOPE, SCOPE)
@example("*", ",?,??*")
@example("a*b,b", "a*b,a*,?")
def test_a_scope_is_wider_exactly_if_it_matches_a_text_that_the_decided_one_does_not(
    delivered: str, decided: str
) -> None:
    def texts(scope: str) -> set[str]:
        globs = [one for one in scope.split(",") if one] or ["*"]
        return {text for text in TEXTS if any(matches(glob, text) for glob in globs)}

    found = wider(delivered, decided)
    if texts(delivered) - texts(decided):
        assert found is True
    elif max(map(len, [*delivered.split(","), *decided.split(",")])) < 3:
        assert found is False


@pytest.mark.parametrize(
    ("glob", "text"),
    [
        ("*a" * 10_000 + "b", "a" * 100_000),
        ("*" * 10_000 + "b", "a" * 100_000),
        ("*a?" * 3_000 + "b", "a" * 100_000),
        ("?" * 99_999, "a" * 100_000),
        ("*" + "?" * 400 + "b*c", "ac" * 50_000),
    ],
)
def test_a_glob_that_nearly_matches_everywhere(glob: str, text: str) -> None:
    assert not matches(glob, text)


@pytest.mark.parametrize(
    ("delivered", "decided", "answer"),
    [
        ("*a????????????", "*a????????????????????????", True),
        ("*b*a*a*a*a*a*a*a*a*a*a", "*a*a?*a??*a???*a", True),
        ("a*" * 13, "a?*" * 13, True),
        ("a*" * 26, "*" + "a?*a*" * 6, False),
        ("a?*" * 26, "a*" * 26, False),
        (",".join(f"x{n}-*" for n in range(2_000)), ",".join(f"x{n}*" for n in range(2_000)), False),
        (",".join(f"x{n}" for n in range(90_000)), ",".join(f"x{n}" for n in range(90_001)), False),
        (",".join(f"x{n}" for n in range(90_001)), ",".join(f"x{n}" for n in range(90_000)), True),
    ],
)
def test_a_scope_of_many_asterisks(delivered: str, decided: str, answer: bool) -> None:
    assert wider(delivered, decided) is answer


def test_a_text_with_a_nul_is_one_text() -> None:
    assert matches("a\0*", "A\0b")
    assert wider("a\0b", "a,b") and wider("?", "a\0*,*\0") and not wider("a\0b", "a\0*,b")
