"""No text, however hostile, crashes translation or evaluation, and a value is never more than a value."""

import signal
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.rules.cel import evaluate
from tracer.rules.cel_apart import Apart, apart
from tracer.rules.translate import LANGUAGES, translate

WORDS = st.sampled_from(
    [
        "user.department", "user.a", "_", "-eq", "-ne", "-in", "-any", "-all", "-not", "-and", "-or", "eq", "pr", "co", "and",
        "or", "not", "==", "!=", "&&", "||", "!", "(", ")", "[", "]", "{", "}", ",", "null", "true", "5", '"x"', "'y'", '"',
        "emails", ".value", "type", "String.len", "isMemberOfAnyGroup", "urn:a:b", "identity", "\\", "\u0000", "\ud800",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([*LANGUAGES, "cel"]), st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=40)
)
def test_any_text_translates_or_is_refused_with_a_reason(language: str, rule: str) -> None:
    done = translate(language, rule)
    assert (done.cel is None) == bool(done.refused)
    if done.cel is not None:
        found = evaluate(done.cel, {"department": "x"})
        assert found.result is not None or found.reason


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="`"), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_a_value_in_quotes_compares_as_that_value_and_nothing_else(value: str, other: str) -> None:
    quoted = {
        "entra": '"' + value.replace('"', '`"') + '"',
        "okta": "'" + value.replace("\\", "\\\\").replace("'", "''") + "'",
    }
    rules = {"entra": f"user.d -eq {quoted['entra']}", "okta": f"user.d == {quoted['okta']}"}
    for language, rule in rules.items():
        cel = translate(language, rule).cel or ""
        assert evaluate(cel, {"d": value}).result is True
        if (
            other.casefold() != value.casefold()
            and other.lower() != value.lower()
            and other.upper() != value.upper()
        ):
            assert evaluate(cel, {"d": other}).result is False


@pytest.mark.parametrize(
    "rule", ["a.matches('(')", "identity.a.matches('(a+)+$')", "[1].map(x, x)", "1/0 == 1", "identity", "'x'"]
)
def test_what_the_engine_cannot_evaluate_is_indeterminate_with_a_reason(rule: str) -> None:
    found = evaluate(rule, {"a": "a" * 30})
    assert found.result is not None or found.reason
    if rule != "identity.a.matches('(a+)+$')":
        assert found.result is None


MANY = f"[{', '.join(['1'] * 1000)}]"
HEAVY = {
    "lists over lists": f"{MANY}.map(x, {MANY}.map(y, x + y)).size() > 1",
    "a list over a list": f"{MANY}.all(x, {MANY}.exists(y, y == x + 1))",
    "texts that grow": " + ".join(["identity.a"] * 600) + ' == "b"',
    "counts over counts": 'identity.a.matches("((((a{9}){9}){9}){9}){9}")',
    "a pattern of the attribute": "identity.a.matches(identity.b)",
    "a long pattern": f'identity.a.matches("{"(a|b?)*" * 900}")',
    "quotes": '"' + '\\"' * 4000,
    "longer than any": "identity.a == " + '"' * 1_000_000,
}
"""Expressions that would take minutes or all memory where nothing bounds them."""


@pytest.mark.parametrize("rule", HEAVY.values(), ids=HEAVY)
def test_what_would_take_long_ends_and_what_comes_after_is_answered(rule: str) -> None:
    found = evaluate(rule, {"a": "ab" * 20_000, "b": "(.*.*)*" * 20})
    assert found.result is not None or found.reason
    assert evaluate("identity.a.matches(identity.b)", {"a": "ab", "b": "^a"}).result is True


@pytest.mark.parametrize(
    ("rule", "far"),
    [
        ('identity.a == "b" && identity.c != "d"', False),
        ('["a", "b"].exists(x, x == identity.a) && ["c", "d"].exists(x, x == identity.c)', False),
        (r'identity.a.matches("^\\d{4}-\\d{2}-\\d{2}$") && identity.a < "2026"', False),
        (f"{MANY}.exists(x, x == size(identity.a))", True),
        ("identity.a.matches(identity.b)", True),
        ('identity.a.matches("(a{9}){9}")', True),
        ('identity.a.matches("a{99}")', True),
        ("identity.a.matches", True),
    ],
)
def test_only_what_may_take_long_is_evaluated_apart(rule: str, far: bool) -> None:
    assert apart(rule, ()) is far
    assert apart(rule, (("a", "b" * 10_000),))


def test_an_interrupt_reaches_who_asks_and_the_next_answer_is_to_the_next_question() -> None:
    one = Apart()
    asking = threading.get_ident()
    timer = threading.Timer(0.5, lambda: signal.pthread_kill(asking, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        one.evaluate(HEAVY["lists over lists"].replace("1, 1", "1,1,1"), ())
    assert one.evaluate('identity.a == "b"', (("a", "b"),)) == (True, (), None)
