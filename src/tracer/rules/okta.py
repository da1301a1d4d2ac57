"""Okta group rules (https://developer.okta.com/docs/reference/okta-expression-language/).

Text compares with regard to case, as the language does. Membership of groups is read as the attributes `group_ids` and
`groups`.
"""

import re

from tracer.rules.parse import Operators, Parser
from tracer.rules.tree import Always, Compare, Condition, Joined, Not, RefusedError, each, pattern

COMPARE = {
    "==": ("eq", False), "!=": ("eq", True), "eq": ("eq", False), "ne": ("eq", True),
    "<": ("lt", False), "<=": ("le", False), ">": ("gt", False), ">=": ("ge", False),
    "lt": ("lt", False), "le": ("le", False), "gt": ("gt", False), "ge": ("ge", False),
    "matches": ("match", False),
}  # fmt: skip

TESTS = {
    "string.stringcontains": "contains",
    "string.startswith": "starts",
    "string.endswith": "ends",
}
"""Functions that compare an attribute with a text."""

GROUPS = {
    "ismemberofgroup": ("group_ids", "eq"),
    "ismemberofanygroup": ("group_ids", "eq"),
    "ismemberofgroupname": ("groups", "eq"),
    "ismemberofgroupnamestartswith": ("groups", "starts"),
    "ismemberofgroupnamecontains": ("groups", "contains"),
}
"""Functions on the groups of a user: the attribute that holds them, and how its values compare."""

CASES = ("string.tolowercase", "string.touppercase")
"""Functions that put an attribute into one case."""

CHANGED = (
    *CASES,
    "string.substringafter",
    "string.substringbefore",
    "string.len",
)
"""Functions whose result is compared."""


def _unescape(quoted: str) -> str:
    """A quote in a text is doubled, or escaped by a backslash."""
    inner = quoted[1:-1].replace(quoted[0] * 2, quoted[0])
    return re.sub(r"\\([\"'\\])", r"\1", inner)


class Okta(Parser):
    """Reads one expression."""

    operators = Operators(
        name="Okta",
        logic={"and": "and", "&&": "and", "or": "or", "||": "or", "not": "not", "!": "not"},
        compare=COMPARE,
        word=r"[A-Za-z0-9_$][\w.$-]*|-\d[\d.]*",
        quotes=r'"(?:\\.|""|[^"\\])*"|' + r"'(?:\\.|''|[^'\\])*'",
        unescape=_unescape,
        exact=lambda _: True,
        marks=r"==|!=|<=|>=|&&|\|\||[()\[\]{},<>!]",
        always=frozenset({"id", "login", "username"}),
    )

    def comparison(self) -> Condition:
        """An attribute or a function, alone or compared."""
        token = self.next
        name = token.value.casefold()
        if token.kind != "word":
            raise self.unexpected("an attribute or a function")
        if self.tokens[min(self.here + 1, len(self.tokens) - 1)].value == "(":
            return self._function(name)
        vendor = self.attribute_name()
        if vendor in ("true", "false"):
            return Always(vendor == "true")
        operator = self.operator()
        if operator is None:
            return _true(self.named(vendor))
        return self._against(self.named(vendor), *operator)

    def attribute_name(self) -> str:
        """`user.department`."""
        name = self.take().value
        if name.casefold() in ("true", "false"):
            return name.casefold()
        scope, _, rest = name.partition(".")
        rest = rest.removeprefix("profile.")
        if scope.casefold() != "user" or not rest or "." in rest:
            raise RefusedError(f"{name[:40]}, which is no attribute of a user")
        return rest

    def _against(self, name: str, op: str, negative: bool) -> Condition:
        if self.next.kind == "word" and self.next.value.casefold() in ("true", "false"):
            wanted = self.take().value.casefold()
            if op != "eq":
                raise RefusedError(f"greater or less of {wanted}")
            found: Condition = Compare(name, "eq", (wanted,), False)
            return Not(found) if negative else found
        return self.compared(name, op, negative)

    def compared(self, name: str, op: str, negative: bool) -> Condition:
        """`matches` is of the whole text."""
        found = super().compared(name, op, negative)
        if isinstance(found, Compare) and found.op == "match":
            return Compare(name, "match", (f"^(?:{found.values[0]})$",), True)
        return found

    def _function(self, name: str) -> Condition:
        self.take()
        name = name.removeprefix("user.") if name.removeprefix("user.") in GROUPS else name
        if name in TESTS:
            return self._test(TESTS[name])
        if name in GROUPS:
            where, op = GROUPS[name]
            values = tuple(self._texts())
            found = [Compare(self.named(where), op, (value,), True) for value in values]
            if op == "eq":
                return each(Compare(self.named(where), "eq", values, True), "any")
            return each(found[0] if len(found) == 1 else Joined("||", tuple(found)), "any")
        if name == "arrays.contains":
            attribute, value = self._attribute_and_text()
            return each(Compare(attribute, "eq", (value,), True), "any")
        if name == "arrays.isempty":
            self.need("(")
            attribute = self.named(self.attribute_name())
            self.need(")")
            return Compare(attribute, "eq", ("",), True)
        if name in CHANGED:
            return self._changed(name)
        raise RefusedError(f"the function {self.tokens[self.here - 1].value[:60]}")

    def _test(self, op: str) -> Condition:
        """`(user.attribute, "text")`, where the attribute may be put into one case first."""
        case = self.tokens[self.here + 1].value.casefold() if self.here + 1 < len(self.tokens) else ""
        if case not in CASES:
            attribute, value = self._attribute_and_text()
            return Compare(attribute, op, (value,), True)
        self.need("(")
        self.take()
        self.need("(")
        attribute = self.named(self.attribute_name())
        self.need(")")
        self.need(",")
        if self.next.kind != "text":
            raise self.unexpected("a text")
        value = self.take().value
        self.need(")")
        return _cased(case, attribute, op, value)

    def _attribute_and_text(self) -> tuple[str, str]:
        """`(user.attribute, "text")`."""
        self.need("(")
        attribute = self.named(self.attribute_name())
        self.need(",")
        values, _ = self.value()
        self.need(")")
        if values is None:
            raise RefusedError("a function of no value")
        return attribute, values[0]

    def _texts(self) -> list[str]:
        """`("text", "text")`, also as a list in braces."""
        self.need("(")
        braces = self.skip("{")
        found = []
        while True:
            if self.next.kind != "text":
                raise self.unexpected("a text")
            found.append(self.take().value)
            if not self.skip(","):
                break
        if braces:
            self.need("}")
        self.need(")")
        return found

    def _changed(self, name: str) -> Condition:
        """A function of an attribute compared with a text: what the attribute itself must be."""
        spelled = self.tokens[self.here - 1].value
        separator = None
        if name.startswith("string.substring"):
            attribute, separator = self._attribute_and_text()
        else:
            self.need("(")
            attribute = self.named(self.attribute_name())
            self.need(")")
        operator = self.operator()
        if operator is None:
            raise self.unexpected("an operator")
        op, negative = operator
        values, number = self.value()
        if values is None or (name != "string.len" and (number or op != "eq")):
            raise RefusedError(f"{spelled[:40]} compared with anything but equal to a text")
        found = _result(name, attribute, op, values[0], separator, number)
        return Not(found) if negative else found


def _true(name: str) -> Condition:
    return Compare(name, "eq", ("true",), False)


def _result(name: str, attribute: str, op: str, value: str, separator: str | None, number: bool) -> Condition:
    if name == "string.len":
        return _length(attribute, op, value, number)
    if separator is not None:
        if len(separator) != 1:
            raise RefusedError("a part before or after a text of several characters")
        if name.endswith("after"):
            body = f"^[^{pattern(separator)}]*{pattern(separator)}{pattern(value)}$"
        elif separator in value:
            return Always(False)
        else:
            body = f"^{pattern(value)}{pattern(separator)}"
        return Compare(attribute, "match", ("(?s)" + body,), True)
    return _cased(name, attribute, "eq", value)


def _cased(function: str, attribute: str, op: str, value: str) -> Condition:
    """An attribute in one case against a text, which it can only be where the text is in that case itself."""
    changed = value.lower() if function.endswith("lowercase") else value.upper()
    return Compare(attribute, op, (value,), False) if changed == value else Always(False)


def _length(attribute: str, op: str, value: str, number: bool) -> Condition:
    """The number of characters as a pattern."""
    if not number or "." in value or not 0 <= int(value) <= 1000:
        raise RefusedError("a length that is no number up to 1000")
    size = int(value)
    if op == "lt" and size == 0:
        return Always(False)
    shape = {
        "eq": f"{{{size}}}",
        "ge": f"{{{size},}}",
        "gt": f"{{{size + 1},}}",
        "le": f"{{0,{size}}}",
        "lt": f"{{0,{size - 1}}}",
    }.get(op)
    if shape is None:
        raise RefusedError("a length compared in this way")
    return Compare(attribute, "match", (f"(?s)^.{shape}$",), True)
