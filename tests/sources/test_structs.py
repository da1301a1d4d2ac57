"""Structures that Trino writes without quotes are read as far as they can be told apart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.sources.structs import structure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{type=Root, arn=null, name=}", {"type": "Root", "arn": None, "name": ""}),
        ("{a={b={c=1, d=x}, e=null}, f=2}", {"a": {"b": {"c": "1", "d": "x"}, "e": None}, "f": "2"}),
        ("[{a=1}, {a=2}]", [{"a": "1"}, {"a": "2"}]),
        ("{a=[x, y], b=[], c={}}", {"a": ["x", "y"], "b": [], "c": {}}),
        ("{session=role/a=b,c, at=2026-03-02 09:01:00.000}", {"session": "role/a=b,c", "at": "2026-03-02 09:01:00.000"}),
        ('{policy={"a":"x, b=c}"}, user=u}', {"policy": {"a": "x, b=c}"}, "user": "u"}),
        ("{agent=curl (x; {y}), well, and so on, user=u}", {"agent": "curl (x; {y}), well, and so on", "user": "u"}),
        ("{a=1, a=1}", {"a": "1"}),
    ],
)  # fmt: skip
def test_a_structure_is_read(text: str, said: Any) -> None:
    assert structure(text) == said


@pytest.mark.parametrize(
    "text", ["", "plain", "{}", "[]", '{"a": 1}', "{a=b", "{a={b=c}", "{a=b} and more", "[x, y]"]
)
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert structure(text) == text


def test_a_name_with_two_values_is_refused() -> None:
    with pytest.raises(ValueError, match="the name 'user' stands twice"):
        structure("{note=hello, user=eve, user=ada}")


def test_a_deep_one_is_left_alone() -> None:
    text = "{a=" * 5_000 + "x" + "}" * 5_000
    assert structure(text) == text


@given(st.text(alphabet='{}[]=,ab "null', max_size=40))
def test_any_text_is_read_or_left_or_refused(text: str) -> None:
    try:
        structure(text)
    except ValueError as error:
        assert "stands twice" in str(error)
