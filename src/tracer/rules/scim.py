"""SCIM filters (RFC 7644, section 3.4.2.2).

Names and operators are read without regard to case; text compares so too, unless the attribute is case-exact in
RFC 7643. Brackets hold a condition on one value of an attribute that has many: `emails[type eq "work" and value ew "@a"]`
is read as the attribute `emails.work`.
"""

import json
import re

from tracer.rules.names import folded, same
from tracer.rules.parse import Operators, Parser
from tracer.rules.tree import Compare, Condition, Joined, Not, RefusedError, each

COMPARE = {
    "eq": ("eq", False), "ne": ("eq", True), "co": ("contains", False), "sw": ("starts", False),
    "ew": ("ends", False), "pr": ("present", False), "gt": ("gt", False), "ge": ("ge", False),
    "lt": ("lt", False), "le": ("le", False),
}  # fmt: skip
EXACT = {"id", "externalid", "meta.version", "meta.resourcetype", "meta.location", "schemas"}
MANY = {
    "emails",
    "phonenumbers",
    "groups",
    "roles",
    "entitlements",
    "addresses",
    "ims",
    "x509certificates",
    "schemas",
}
"""Attributes that hold several values (RFC 7643, section 4.1.2)."""
GROUP_IDS = "groups.value"
"""What stands for the ids of groups, where source data have them."""

WHOLE = {"value", "display"}
"""Parts of such a value that stand for it."""


def _unescape(quoted: str) -> str:
    """Text is written as in JSON."""
    try:
        found = json.loads(quoted, strict=False)
    except ValueError:
        raise RefusedError(f"a text that is no JSON ({quoted[:40]})") from None
    return str(found)


class Scim(Parser):
    """Reads one filter."""

    operators = Operators(
        name="SCIM",
        logic={"and": "and", "or": "or", "not": "not"},
        compare=COMPARE,
        word=r"\.?[A-Za-z0-9_$-][\w.:$+-]*",
        quotes=r'"(?:\\.|[^"\\])*"',
        unescape=_unescape,
        exact=lambda name: folded(name) in EXACT,
        always=frozenset({"id", "username", "login"}),
    )
    element: str | None = None
    """While the condition in brackets is read: the attribute before them."""

    def named(self, vendor: str) -> str:
        """SCIM's `userType` is the kind of employment, unless source data have a `user_type` themselves."""
        if folded(vendor) == "usertype" and same(vendor, self.known) is None:
            return (
                super().named("employee_type") if same("employee_type", self.known) else super().named(vendor)
            )
        return super().named("group_ids" if vendor == GROUP_IDS else vendor)

    def attribute_name(self) -> str:
        """The attribute without its schema URN; in brackets, the part of the value."""
        if self.next.kind != "word":
            raise self.unexpected("an attribute")
        name = self.take().value
        if name.casefold().startswith("urn:"):
            name = re.sub(r"^.*:", "", name)
        vendor, dot, part = name.rpartition(".")
        return self.part(vendor, part) if self.element is None and dot and _stands(vendor, part) else name

    def part(self, vendor: str, part: str) -> str:
        """An attribute by a part of its values: what stands for the whole of them is the attribute itself.

        The value of a group is its id, where source data have ids of groups at all.
        """
        if folded(vendor) == "groups" and part.casefold() == "value" and same("group_ids", self.known):
            return GROUP_IDS
        return vendor if part.casefold() in WHOLE else f"{vendor}.{part}"

    def comparison(self) -> Condition:
        """Also brackets, and `pr`."""
        vendor = self.attribute_name()
        if self.element is None and self.skip("["):
            return self._brackets(vendor)
        operator = self.operator()
        if operator is None:
            raise self.unexpected("an operator")
        if self.element is not None:
            return self._compared(vendor, vendor, *operator)
        many = "any" if vendor.casefold().partition(".")[0] in MANY else ""
        return self._compared(self.named(vendor), vendor, *operator, many=many)

    def _compared(self, name: str, vendor: str, op: str, negative: bool, many: str = "") -> Condition:
        if op == "present":
            return Not(self.without(name, "eq"))
        at = self.here
        found = self.compared(name, op, False)
        if isinstance(found, Compare):
            found = Compare(
                found.attribute, found.op, found.values, self.operators.exact(vendor), found.number
            )
            if op in ("gt", "ge", "lt", "le") and self.tokens[at].kind == "word" and not found.number:
                raise RefusedError(f"greater or less of {self.tokens[at].value[:40]}")
            if many and found.values != ("",) and op not in ("gt", "ge", "lt", "le"):
                found = each(found, many)
        return Not(found) if negative else found

    def _brackets(self, vendor: str) -> Condition:
        """A condition on one value of an attribute that has many."""
        self.element = vendor
        inner = self.either()
        self.need("]")
        self.element = None
        label, conditions = _label(inner)
        parts = {part for one in conditions for part in _parts(one)}
        suffix = self._suffix()
        if suffix is not None:
            if conditions or label is None:
                raise RefusedError(f"a condition on {vendor}{suffix} of some values of {vendor} only")
            operator = self.operator()
            if operator is None:
                raise self.unexpected("an operator")
            of_value = "" if suffix.casefold().removeprefix(".") in WHOLE else suffix
            return self._compared(self.named(f"{vendor}.{label}{of_value}"), vendor, *operator)
        if not conditions:
            return Not(Compare(self.named(f"{vendor}.{label}"), "eq", ("",), True))
        if len(parts) > 1 or (label is not None and not parts <= WHOLE):
            raise RefusedError(
                f"a condition on several parts of one value of {vendor} ({', '.join(sorted(parts))})"
            )
        part = next(iter(parts), "value")
        whole = self.part(vendor, part)
        name = self.named(whole if label is None else f"{vendor}.{label}")
        joined = conditions[0] if len(conditions) == 1 else Joined("&&", tuple(conditions))
        renamed = _renamed(joined, name)
        return renamed if label is not None else each(renamed, "any")

    def _suffix(self) -> str | None:
        """`.value`, or another part, after brackets."""
        if self.next.kind == "word" and self.next.value.startswith("."):
            return self.take().value
        return None


def _stands(vendor: str, part: str) -> bool:
    """Whether `vendor.part` stands for `vendor`: its value does, and of several values what is shown of them."""
    return part.casefold() == "value" or (part.casefold() == "display" and folded(vendor) in MANY)


def _label(inner: Condition) -> tuple[str | None, list[Condition]]:
    """Which of the values is meant (`type eq "work"`, `primary eq true`), and the conditions on it."""
    parts = list(inner.parts) if isinstance(inner, Joined) and inner.mark == "&&" else [inner]
    label, rest = None, []
    for part in parts:
        if isinstance(part, Compare) and part.op == "eq" and label is None:
            which = part.attribute.casefold()
            if which == "type" or (which == "primary" and part.values == ("true",)):
                label = part.values[0] if which == "type" else "primary"
                continue
        rest.append(part)
    return label, rest


def _parts(inner: Condition) -> set[str]:
    match inner:
        case Compare():
            return {inner.attribute.casefold()}
        case Not():
            return _parts(inner.inner)
        case Joined():
            return {name for part in inner.parts for name in _parts(part)}
    return set()


def _renamed(inner: Condition, name: str) -> Condition:
    match inner:
        case Compare():
            return Compare(name, inner.op, inner.values, inner.exact, inner.number)
        case Not():
            return Not(_renamed(inner.inner, name))
        case Joined():
            return Joined(inner.mark, tuple(_renamed(part, name) for part in inner.parts))
    return inner
