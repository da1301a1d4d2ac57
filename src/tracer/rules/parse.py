"""One parser for the rule languages of vendors: a table of operators says how they differ.

Tokens become a tree of `or`, `and`, `not` and comparisons, in that order of binding; what is special to a language
(functions, brackets) it adds itself. Whatever it does not know it refuses by name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tracer.rules.names import attribute
from tracer.rules.tree import Always, Compare, Condition, Joined, Not, RefusedError

LONGEST = 8192
DEEPEST = 64
"""Bytes of a rule, and depth of its brackets, beyond which it is refused."""


@dataclass(frozen=True)
class Token:
    """`kind` is text, word, mark or end; `value` of a text is without its quotes."""

    kind: str
    value: str
    at: int


@dataclass(frozen=True)
class Operators:
    """What a language calls its operators (case-folded), and how it writes text."""

    name: str
    logic: Mapping[str, str]
    compare: Mapping[str, tuple[str, bool]]
    word: str
    quotes: str
    unescape: Callable[[str], str]
    exact: Callable[[str], bool]
    nothing: tuple[str, ...] = ("null",)
    marks: str = r"[()\[\],]"
    always: frozenset[str] = field(default_factory=frozenset)


class Parser:
    """Reads one rule; `known` are the names of attributes that source data hold."""

    operators: Operators

    def __init__(self, source: str, known: Iterable[str]) -> None:
        self.known = list(known)
        self.tokens = tokens(source, self.operators)
        self.here = 0
        self.depth = 0

    def whole(self) -> Condition:
        """The condition that the whole text says."""
        found = self.either()
        if self.next.kind != "end":
            raise self.unexpected("the end of the rule")
        return found

    @property
    def next(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.here]

    def take(self) -> Token:
        """That token, stepping over it."""
        token = self.next
        self.here += token.kind != "end"
        return token

    def skip(self, mark: str) -> bool:
        """Whether this mark comes next, stepping over it."""
        if self.next.kind == "mark" and self.next.value == mark:
            self.here += 1
            return True
        return False

    def need(self, mark: str) -> None:
        """Step over this mark, which must come next."""
        if not self.skip(mark):
            raise self.unexpected(f"{mark!r}")

    def unexpected(self, wanted: str) -> RefusedError:
        """What is wrong here, in words."""
        token = self.next
        said = "the end" if token.kind == "end" else f"{token.value[:40]!r}"
        return RefusedError(f"{said} at character {token.at + 1} where {wanted} should stand")

    def logic(self, meaning: str) -> bool:
        """Whether the logical operator of this meaning comes next, stepping over it."""
        token = self.next
        if (
            token.kind in ("word", "mark")
            and self.operators.logic.get(token.value.casefold().replace("–", "-")) == meaning
        ):
            self.here += 1
            return True
        return False

    def either(self) -> Condition:
        """Conditions with `or` between them."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise RefusedError(f"brackets more than {DEEPEST} deep")
        parts = [self.both()]
        while self.logic("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Joined("||", tuple(parts))

    def both(self) -> Condition:
        """Conditions with `and` between them."""
        parts = [self.negated()]
        while self.logic("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else Joined("&&", tuple(parts))

    def negated(self) -> Condition:
        """A condition with any number of `not` before it."""
        times = 0
        while self.logic("not"):
            times += 1
        found = self.single()
        return Not(found) if times % 2 else found

    def single(self) -> Condition:
        """A condition in brackets, or one comparison."""
        if self.skip("("):
            found = self.either()
            self.need(")")
            return found
        return self.comparison()

    def comparison(self) -> Condition:
        """An attribute, an operator and a value."""
        name = self.attribute_name()
        operator = self.operator()
        if operator is None:
            raise self.unexpected("an operator")
        return self.compared(name, *operator)

    def operator(self) -> tuple[str, bool] | None:
        """The operator that comes next and whether it is negated, stepping over it."""
        token = self.next
        if token.kind not in ("word", "mark"):
            return None
        found = self.operators.compare.get(token.value.casefold().replace("–", "-"))
        if found is not None:
            self.here += 1
        return found

    def attribute_name(self) -> str:
        """The attribute that comes next, by the name of source data."""
        if self.next.kind != "word":
            raise self.unexpected("an attribute")
        return self.named(self.take().value)

    def named(self, vendor: str) -> str:
        """The name in source data of what the vendor calls so."""
        return attribute(vendor, self.known)

    def compared(self, name: str, op: str, negative: bool) -> Condition:
        """The comparison of an attribute with what follows the operator."""
        values, number = self.values() if op == "in" else self.value()
        if values is None:
            found = self.without(name, op)
        else:
            self.check(name, op, values)
            found = Compare(name, "eq" if op == "in" else op, values, self.operators.exact(name), number)
        return Not(found) if negative else found

    def check(self, name: str, op: str, values: tuple[str, ...]) -> None:
        """Refuse what this language's operators do not take."""
        if op == "match":
            pattern_of(values[0])

    def without(self, name: str, op: str) -> Condition:
        """Whether an attribute has no value; some always have one."""
        if op != "eq":
            raise RefusedError(f"a comparison of {name} with no value other than equal")
        if name.casefold().replace("_", "") in self.operators.always:
            return Always(False)
        return Compare(name, "eq", ("",), True)

    def value(self) -> tuple[tuple[str, ...] | None, bool]:
        """The one value that comes next (None for no value), and whether it is a number."""
        token = self.take()
        if token.kind == "text":
            return (token.value,), False
        if token.kind != "word":
            self.here -= token.kind != "end"
            raise self.unexpected("a value")
        word = token.value.casefold()
        if word in self.operators.nothing:
            return None, False
        if re.fullmatch(r"-?\d+(\.\d+)?", word):
            return (token.value,), True
        if word in ("true", "false") or re.fullmatch(r"\d{4}-\d\d-\d\d(t[\d:.]+(z|[+-]\d\d:\d\d)?)?", word):
            return (token.value if word[0].isdigit() else word,), False
        self.here -= 1
        raise self.unexpected("a value")

    def values(self) -> tuple[tuple[str, ...], bool]:
        """The list of values that comes next."""
        self.need("[")
        found: list[str] = []
        while not self.skip("]"):
            one, _ = self.value()
            found.extend(one if one is not None else ("",))
            if not self.skip(",") and not (self.next.kind == "mark" and self.next.value == "]"):
                raise self.unexpected("',' or ']'")
        if not found:
            raise RefusedError("a list without values")
        return tuple(found), False


def tokens(source: str, operators: Operators) -> list[Token]:
    """The tokens of a rule, with an end. Raises RefusedError where something is no token."""
    if len(source.encode("utf-8", "surrogatepass")) > LONGEST:
        raise RefusedError(f"a rule longer than {LONGEST} bytes")
    one = re.compile(
        rf"\s+|(?P<text>{operators.quotes})|(?P<word>{operators.word})|(?P<mark>{operators.marks})", re.DOTALL
    )
    found, at = [], 0
    while at < len(source):
        match = one.match(source, at)
        if match is None or match.end() == at:
            raise RefusedError(f"{source[at]!r} at character {at + 1}")
        if match["text"] is not None:
            found.append(Token("text", operators.unescape(match["text"]), at))
        elif match["word"] is not None:
            found.append(Token("word", match["word"], at))
        elif match["mark"] is not None:
            found.append(Token("mark", match["mark"], at))
        at = match.end()
    return [*found, Token("end", "", at)]


def pattern_of(value: str) -> None:
    """Refuse what a regular expression of a vendor may say and ours may not: looking around, and back."""
    if re.search(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|\\k", value):
        raise RefusedError("a regular expression that looks around or back")
