"""Patterns of declarations: those that some text would make run for ever are refused when the declaration is read."""

import pytest

from tracer.errors import DeclarationError
from tracer.sources.declarations import declarations, parse
from tracer.sources.patterns import compiled

ENDLESS = [
    "(a+)+$",
    r"(\w+\s*)+x",
    "(?:(?:a*)*)*",
    "((a{1,50}){1,50})",
    r"(?:\d+|\w)*x",
    "(.*,?)*x",
    "x(?:y(?:[ab]+)*)*z",
]
WELL = [
    r"(?:\w+,)*",
    r"(?:\d{2}:)+",
    "(?:a++)*",
    "(.*) to (.*)",
    r"(?:\s\w+)*",
    "(?:a|b)*",
    "(?>a+)*",
    r"(?P<a>x)?(?:\.\w+)*",
]
DECLARED = """
name = "own"
title = "Own"
export = "by hand"
names = "own"
kind = "audit-log"
format = "text"
[options]
fields = "regex"
{0}
"""


@pytest.mark.parametrize("pattern", ENDLESS)
def test_what_can_be_divided_in_too_many_ways(pattern: str) -> None:
    with pytest.raises(ValueError, match="divided"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", WELL)
def test_what_can_be_divided_in_few_ways(pattern: str) -> None:
    assert compiled(pattern).pattern == pattern


@pytest.mark.parametrize("pattern", ["(", "(" * 5000, "a{99999999999}", "(?P<a", "*"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no pattern"):
        compiled(pattern)


@pytest.mark.parametrize("said", ["patterns = ['(a+)+$']", "start = '(a+)+$'", "patterns = ['(']"])
def test_a_declaration_with_such_a_pattern_is_refused(said: str) -> None:
    with pytest.raises(DeclarationError, match=r"own\.toml.*pattern"):
        parse(DECLARED.format(said), "own.toml")


def test_our_own_declarations_have_none() -> None:
    assert len(declarations()) > 50
