"""Entra ID dynamic membership rules.

https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership: strings and patterns compare without regard
to case; operators may stand without their hyphen; null is an attribute without a value.
"""

import re

from tracer.rules.parse import Operators, Parser
from tracer.rules.tree import Condition, Not, RefusedError, each

COMPARE = {
    "eq": ("eq", False), "ne": ("eq", True), "in": ("in", False), "notin": ("in", True),
    "startswith": ("starts", False), "notstartswith": ("starts", True),
    "endswith": ("ends", False), "notendswith": ("ends", True),
    "contains": ("contains", False), "notcontains": ("contains", True),
    "match": ("match", False), "notmatch": ("match", True),
    "le": ("le", False), "ge": ("ge", False), "lt": ("lt", False), "gt": ("gt", False),
}  # fmt: skip
LOGIC = {"and": "and", "or": "or", "not": "not"}
COLLECTIONS = ("proxyaddresses", "othermails")
"""Attributes that hold several values, compared one by one also without -any."""


def _unescape(quoted: str) -> str:
    """Double quotes are escaped by a backtick, single ones by doubling them."""
    inner = quoted[1:-1]
    return inner.replace("''", "'") if quoted[0] == "'" else re.sub(r"`(.)", r"\1", inner, flags=re.DOTALL)


def _hyphened(table: dict[str, tuple[str, bool]]) -> dict[str, tuple[str, bool]]:
    return table | {f"-{name}": meaning for name, meaning in table.items()}


class Entra(Parser):
    """Reads one dynamic membership rule."""

    operators = Operators(
        name="Entra",
        logic=LOGIC | {f"-{name}": meaning for name, meaning in LOGIC.items()},
        compare=_hyphened(COMPARE),
        word=r"[-–]?[A-Za-z0-9_$][\w.:$+-]*",
        quotes=r'"(?:`.|[^"`])*"|' + r"'(?:''|[^'])*'",
        unescape=_unescape,
        exact=lambda _: False,
        nothing=("null", "$null"),
        always=frozenset({"objectid", "id", "userprincipalname", "upn", "login", "displayname"}),
    )
    element: str | None = None
    """While the condition on one value of a collection is read: the collection."""

    def attribute_name(self) -> str:
        """`user.department`, or `_` inside a condition on each value."""
        token = self.take()
        name = token.value
        if token.kind != "word":
            self.here -= token.kind != "end"
            raise self.unexpected("an attribute")
        if self.element is not None:
            if name == "_" or (name.casefold() == "group.objectid" and self.element == "memberOf"):
                return self.named("group_ids" if self.element == "memberOf" else self.element)
            raise RefusedError(f"the parts of one value of user.{self.element} ({name[:40]})")
        scope, _, rest = name.partition(".")
        if scope.casefold() == "device":
            raise RefusedError(
                f"an attribute of a device ({name[:40]}): no source data of an identity holds it"
            )
        if name.casefold() == "direct":
            raise RefusedError("direct reports: who reports to whom is not followed")
        if scope.casefold() != "user" or not rest:
            self.here -= 1
            raise self.unexpected("an attribute such as user.department")
        return re.sub(r"^extension_[0-9A-Fa-f]+_", "", rest)

    def comparison(self) -> Condition:
        """Also -any and -all, whose condition is on each value."""
        vendor = self.attribute_name()
        quantifier = self.next.value.casefold().replace("–", "-").removeprefix("-")
        if self.next.kind == "word" and quantifier in ("any", "all") and self.element is None:
            self.take()
            return self._each(vendor, quantifier)
        operator = self.operator()
        if operator is None:
            raise self.unexpected("an operator")
        inside = self.element is not None
        found = self.compared(vendor if inside else self.named(vendor), *operator)
        if vendor.casefold() in COLLECTIONS and not inside:
            positive = found.inner if isinstance(found, Not) else found
            many = each(positive, "any")
            return Not(many) if isinstance(found, Not) else many
        return found

    def _each(self, vendor: str, many: str) -> Condition:
        self.element = "memberOf" if vendor.casefold() == "memberof" else vendor
        if self.skip("("):
            inner = self.either()
            self.need(")")
        else:
            inner = self.negated()
        self.element = None
        return each(inner, many)

    def check(self, name: str, op: str, values: tuple[str, ...]) -> None:
        """Patterns on each value of a collection do not translate."""
        super().check(name, op, values)
        if op == "match" and self.element is not None:
            raise RefusedError(f"-match on each value of {self.element}")

    def value(self) -> tuple[tuple[str, ...] | None, bool]:
        """`system.now` is the time of evaluation, which no replay can know."""
        if self.next.kind == "word" and self.next.value.casefold() == "system.now":
            raise RefusedError("system.now: the time of evaluation")
        return super().value()
