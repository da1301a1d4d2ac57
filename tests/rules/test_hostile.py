"""No text, however hostile, crashes translation or evaluation, and a value is never more than a value."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.rules.cel import evaluate
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
