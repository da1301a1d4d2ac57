"""A condition on one identity as a tree, and its CEL text.

Vendors compare without regard to case where CEL cannot, and hold several values in one attribute where source data
hold text: both become regular expressions. Several values of one attribute stand in its text with `;` between them.
"""

import json
import re
from dataclasses import dataclass

RESERVED = {
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
    "namespace", "null", "package", "return", "true", "var", "void", "while",
}  # fmt: skip
"""Words of CEL that are no name."""

SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
BARE = r"^\d{4}-\d{2}-\d{2}$"
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


class RefusedError(Exception):
    """A vendor's text that does not translate; the message is the reason in words."""


@dataclass(frozen=True)
class Compare:
    """One attribute against values: `op` is eq (any of the values), starts, ends, contains, match, lt, le, gt or ge.

    `exact` regards case. `many`, where the attribute holds several values, says whether `any` or `all` of them must.
    """

    attribute: str
    op: str
    values: tuple[str, ...]
    exact: bool
    number: bool = False
    many: str = ""


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    inner: "Condition"


@dataclass(frozen=True)
class Joined:
    """Conditions of which all (`&&`) or any (`||`) must hold."""

    mark: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Always:
    """A condition that does not depend on the identity."""

    value: bool


Condition = Compare | Not | Joined | Always


def each(inner: Condition, many: str) -> Condition:
    """The condition `inner` on `any` or `all` values of one attribute. Raises RefusedError where flat text cannot say it."""
    match inner:
        case Compare():
            return Compare(inner.attribute, inner.op, inner.values, inner.exact, inner.number, many)
        case Not():
            return Not(each(inner.inner, "all" if many == "any" else "any"))
        case Joined():
            if (inner.mark == "||") != (many == "any"):
                raise RefusedError(f"several conditions on {many} one value of an attribute that holds many")
            return Joined(inner.mark, tuple(each(part, many) for part in inner.parts))
        case Always():
            return inner


def cel(condition: Condition) -> str:
    """The condition in CEL."""
    match condition:
        case Always():
            return "true" if condition.value else "false"
        case Not():
            return _negated(condition.inner)
        case Joined():
            parts = [cel(part) for part in condition.parts]
            wrapped = [
                f"({text})" if isinstance(part, Joined) else text
                for part, text in zip(condition.parts, parts, strict=True)
            ]
            return f" {condition.mark} ".join(wrapped)
        case Compare():
            return _compare(condition)


def _negated(inner: Condition) -> str:
    """The opposite, without a bracket where CEL has a word for it."""
    match inner:
        case Always():
            return cel(Always(not inner.value))
        case Not():
            return cel(inner.inner)
        case Compare(op="eq", exact=True, many="", values=(value,)):
            return f"{path(inner.attribute)} != {text(value)}"
        case Compare(op="eq", exact=False, many="", values=(value,)) if value.lower() == value.upper():
            return f"{path(inner.attribute)} != {text(value)}"
        case Compare():
            return f"!{cel(inner)}"
        case _:
            return f"!({cel(inner)})"


def path(attribute: str) -> str:
    """How CEL reads an attribute of the identity."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", attribute) and attribute not in RESERVED:
        return f"identity.{attribute}"
    return f"identity[{text(attribute)}]"


def text(value: str) -> str:
    """A text literal of CEL. Raises RefusedError for a text that no encoding can hold."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedError("a text with half a character") from None
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def pattern(value: str) -> str:
    """A regular expression that matches this text and no other."""
    return SPECIAL.sub(r"\\\g<0>", value)


def _compare(one: Compare) -> str:
    if one.op in ("lt", "le", "gt", "ge"):
        return _ordered(one)
    if one.op == "match":
        flag = "" if one.exact else "(?i)"
        return f"{path(one.attribute)}.matches({text(flag + one.values[0])})"
    if one.many:
        return _of_many(one)
    if one.exact or not any(value.lower() != value.upper() for value in one.values):
        return _exact(one)
    body = "|".join(pattern(value) for value in one.values)
    body = body if len(one.values) == 1 else f"(?:{body})"
    shape = {"eq": f"^{body}$", "starts": f"^{body}", "ends": f"{body}$", "contains": body}[one.op]
    return f"{path(one.attribute)}.matches({text('(?is)' + shape)})"


def _exact(one: Compare) -> str:
    where = path(one.attribute)
    if one.op == "eq" and len(one.values) == 1:
        return f"{where} == {text(one.values[0])}"
    if one.op == "eq":
        return f"({where} in [{', '.join(text(value) for value in one.values)}])"
    name = {"starts": "startsWith", "ends": "endsWith", "contains": "contains"}[one.op]
    return f"{where}.{name}({text(one.values[0])})"


def _of_many(one: Compare) -> str:
    """A regular expression over values with `;` between them; no value at all satisfies `all`, and never `any`."""
    if any(";" in value for value in one.values):
        raise RefusedError("a value with a semicolon in an attribute that holds many")
    if one.op == "eq" and one.values == ("",):
        return f'({path(one.attribute)} == "")' if one.many == "all" else "false"
    body = "|".join(pattern(value) for value in one.values)
    before = "[^;]*" if one.op in ("ends", "contains") else ""
    after = "[^;]*" if one.op in ("starts", "contains") else ""
    item = rf"\s*{before}(?:{body}){after}\s*"
    flags = "(?s)" if one.exact else "(?is)"
    shape = rf"(?:^|;){item}(?:;|$)" if one.many == "any" else rf"^\s*$|^{item}(?:;{item})*$"
    return f"{path(one.attribute)}.matches({text(flags + shape)})"


def _ordered(one: Compare) -> str:
    """Greater or less: as numbers, as times, else as text; an attribute without a value is neither."""
    mark = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}[one.op]
    where, value = path(one.attribute), one.values[0]
    if one.many:
        raise RefusedError("greater or less in an attribute that holds many values")
    if one.number:
        compared = f"double({where}) {mark} {float(value)!r}"
    elif DATE.fullmatch(value) or TIME.fullmatch(value):
        moment = value if "T" in value else value + "T00:00:00Z"
        # Source data write most days without a time; a bare date is midnight UTC.
        day = f'{where}.matches({text(BARE)}) ? {where} + "T00:00:00Z" : {where}'
        compared = f"timestamp({day}) {mark} timestamp({text(moment)})"
    elif one.exact or value.lower() == value.upper():
        compared = f"{where} {mark} {text(value)}"
    else:
        raise RefusedError("greater or less of words without regard to case")
    return f'({where} != "" && {compared})'
