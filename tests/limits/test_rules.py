"""Limits of rules: at the limit they are evaluated, one beyond they are indeterminate, with the reason."""

from tests.limits.lowered import lowered

from tracer.rules.cel import evaluate
from tracer.rules.cel_apart import Apart


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


def many(number: int) -> str:
    return f"[{','.join(['1'] * number)}]"


ENDLESS = f"{many(1500)}.map(x, {many(1500)}.map(y, y)).size() > 1"
GROWING = f"{many(100)}.map(x, {many(100)}.map(y, identity.a + string(x) + string(y))).size() > 1"


def test_the_time_of_an_expression() -> None:
    one = Apart()
    with lowered("rules.cel_apart.SECONDS", 1):
        assert one.evaluate('identity.a == "b"', (("a", "b"),))[0] is True
        result, _, reason = one.evaluate(ENDLESS, ())
        assert result is None and "1 s" in str(reason)
        assert one.evaluate('identity.a == "b"', (("a", "b"),))[0] is True


def test_the_memory_of_an_expression() -> None:
    one = Apart()
    with lowered("rules.cel_apart.MEMORY", 128 * 1024 * 1024):
        assert one.evaluate(GROWING, (("a", "b"),))[0] is True
        result, _, reason = one.evaluate(GROWING, (("a", "b" * 100_000),))
        assert result is None and "128 MiB" in str(reason)
        assert one.evaluate(GROWING, (("a", "b"),))[0] is True


def test_how_often_an_expression_may_meet_its_limits() -> None:
    one = Apart()
    with lowered("rules.cel_apart.SECONDS", 1), lowered("rules.cel_apart.FAILURES", 1):
        assert "processor time" in str(one.evaluate(ENDLESS, (("a", "b"),))[2])
        assert "before" in str(one.evaluate(ENDLESS, (("a", "c"),))[2])
        assert one.evaluate("1 == 1", ())[0] is True


def test_the_time_of_all_expressions() -> None:
    one = Apart()
    with lowered("rules.cel_apart.SECONDS", 1), lowered("rules.cel_apart.TOGETHER", 1):
        assert one.evaluate(ENDLESS, ())[0] is None
        assert one.evaluate("1 == 1", ())[0] is True
        one.evaluate(ENDLESS, (("a", "b"),))
        assert "before" in str(one.evaluate("1 == 1", ())[2])


def test_the_attributes_of_an_expression() -> None:
    with lowered("rules.cel_apart.LONGEST", 5000):
        assert evaluate("identity.a != identity.b", {"a": "a" * 5000}).result is True
        beyond = evaluate("identity.a != identity.b", {"a": "a" * 5001})
    assert beyond.result is None and "5000 characters" in str(beyond.reason)
