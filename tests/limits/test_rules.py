"""Limits of rules: at the limit they are evaluated, one beyond they are indeterminate, with the reason."""

from tests.limits.lowered import lowered

from tracer.rules.cel import evaluate


def test_text_of_an_expression() -> None:
    expression = 'identity.a == "b"'
    with lowered("rules.cel.LONGEST", len(expression)):
        assert evaluate(expression, {"a": "b"}).result is True
        beyond = evaluate(expression + " ", {"a": "b"})
    assert beyond.result is None and "long" in str(beyond.reason)


def test_brackets_inside_each_other() -> None:
    with lowered("rules.cel.DEEPEST", 3):
        assert evaluate('((("b" == identity.a)))', {"a": "b"}).result is True
        beyond = evaluate('(((("b" == identity.a))))', {"a": "b"})
    assert beyond.result is None and "nest" in str(beyond.reason)


def test_operations_over_lists() -> None:
    one = '["a", "b"].exists(x, x == identity.a)'
    with lowered("rules.cel.LIST_OPERATIONS", 1):
        assert evaluate(one, {"a": "b"}).result is True
        beyond = evaluate(f"{one} || {one}", {"a": "b"})
    assert beyond.result is None and beyond.reason
