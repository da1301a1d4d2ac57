"""Terraform files as data: blocks, attributes, lists, maps and plain values; what is an expression stays its text.

Only what stands in the file is read: nothing is evaluated. https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import re
from typing import Any

from tracer.limits import Limit

TOKEN = re.compile(
    r"(?P<space>[ \t\r]+|#[^\n]*|//[^\n]*|/\*(?:.*?\*/)?)|(?P<newline>\n)"
    r"|<<-?(?P<here>[A-Za-z_]\w*)[^\n]*\n|(?P<string>\"(?:[^\"\\$%]|\\.|[$%](?!\{)|[$%]\{(?:[^{}\"]|\"[^\"]*\"|\{[^{}]*\})*\})*\")"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<number>\d+(?:\.\d+)?)|(?P<mark>=>|==|!=|>=|<=|&&|\|\||\.\.\.|[-+*/%{}\[\]()=,:.?<>!])",
    re.DOTALL,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
OPEN, CLOSE = "([{", ")]}"
DEEPEST = Limit(
    60,
    "levels",
    bounds="blocks, lists and maps inside each other in a file of Terraform, and the labels of one block",
    why="configurations have ten, and whoever reads it calls itself for each",
    beyond="the block is a reject, and the others are read",
)


class Expression(str):
    """The text of an expression that only Terraform can evaluate."""

    __slots__ = ()


Token = tuple[str, str]


def read(text: str) -> dict[str, Any]:
    """The body of a file: block type -> label -> … -> body. Raises ValueError where it is no HCL."""
    reader = _Reader(_tokens(text))
    return reader.body(0)


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None or match[0] == "/*":
            raise ValueError(f"not understood at {text[place : place + 20]!r}")
        place = match.end()
        kind = match.lastgroup or ""
        if kind == "here":
            end = re.compile(rf"^[ \t]*{re.escape(match['here'])}[ \t]*$", re.M).search(text, place)
            if end is None:
                raise ValueError(f"the text that ends at {match['here']} does not end")
            found.append(("string", text[place : end.start()]))
            place = end.end()
        elif kind == "string":
            found.append(("string", re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), match[0][1:-1])))
        elif kind != "space":
            found.append((kind, match[0]))
    return found


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    def peek(self, ahead: int = 0) -> Token:
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else ("end", "")

    def take(self) -> Token:
        one = self.peek()
        self.place += 1
        return one

    def skip(self, *marks: str) -> None:
        while self.peek()[0] == "newline" or self.peek()[1] in marks:
            self.place += 1

    def body(self, depth: int) -> dict[str, Any]:
        """Attributes and blocks up to the closing brace or the end; blocks of one kind and label become a list."""
        if depth > DEEPEST:
            raise ValueError("nested too deep")
        found: dict[str, Any] = {}
        while True:
            self.skip()
            kind, text = self.take()
            if kind == "end" or text == "}":
                if (kind == "end") != (depth == 0):
                    raise ValueError("a brace is missing or too many")
                return found
            if kind not in ("name", "string"):
                raise ValueError(f"{text!r} stands where a name belongs")
            if self.peek()[1] == "=":
                self.take()
                found[text] = self.value(depth + 1)
                continue
            labels = [text]
            while self.peek()[0] in ("name", "string"):
                labels.append(self.take()[1])
            if len(labels) > DEEPEST:
                raise ValueError("nested too deep")
            if self.take()[1] != "{":
                raise ValueError(f"{text!r} is neither an attribute nor a block")
            _put(found, labels, self.body(depth + 1))

    def value(self, depth: int) -> Any:
        """A list, a map, a plain value, or the text of an expression."""
        if depth > DEEPEST:
            raise ValueError("nested too deep")
        begin = self.place
        kind, text = self.take()
        made: Any = Expression(text)
        if text == "[" and kind == "mark" and self.peek()[1] != "for":
            made = self.items(depth)
        elif text == "{" and kind == "mark" and self.peek()[1] != "for":
            made = self.pairs(depth)
        elif kind == "string":
            made = Expression(text) if "${" in text or "%{" in text else text
        elif kind == "number" or text in ("true", "false", "null"):
            made = None if text == "null" else text
        elif text in ("toset", "tolist", "tomap", "concat", "merge") and self.peek()[1] == "(":
            return self.call(text, begin, depth)
        else:
            self.place = begin
            return self.expression(begin)
        following = self.peek()
        if following[0] in ("newline", "end") or following[1] in (",", "}", "]", ")"):
            return made
        return self.expression(begin)

    def items(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while True:
            self.skip(",")
            if self.peek()[1] == "]" or self.peek()[0] == "end":
                self.take()
                return found
            found.append(self.value(depth + 1))

    def pairs(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            self.skip(",")
            kind, text = self.take()
            if text == "}" or kind == "end":
                return found
            if text == "(":
                text = str(self.expression(self.place, ")"))
                self.take()
            while self.peek()[1] not in ("=", ":") and self.peek()[0] not in ("newline", "end"):
                text += self.take()[1]
            if self.take()[1] not in ("=", ":"):
                raise ValueError(f"{text!r} has no value")
            found[text] = self.value(depth + 1)

    def call(self, name: str, begin: int, depth: int) -> Any:
        """`toset([...])` and the like are their argument; several are joined."""
        self.take()
        parts = []
        while True:
            self.skip(",")
            if self.peek()[1] == ")" or self.peek()[0] == "end":
                self.take()
                break
            parts.append(self.value(depth + 1))
        if parts and all(isinstance(part, list) for part in parts):
            return [one for part in parts for one in part]
        if parts and all(isinstance(part, dict) for part in parts):
            return {key: one for part in parts for key, one in part.items()}
        return Expression(name + "".join(text for _, text in self.tokens[begin + 1 : self.place]))

    def expression(self, begin: int, until: str = "") -> Expression:
        """Everything up to the end of the value, as text."""
        self.place = begin
        depth = 0
        while True:
            kind, text = self.peek()
            if kind == "end" or (depth == 0 and (kind == "newline" or text in (",", *CLOSE, until))):
                break
            if kind == "mark" and text in OPEN:
                depth += 1
            elif kind == "mark" and text in CLOSE:
                depth -= 1
            self.place += 1
        if self.place == begin:
            raise ValueError("a value is missing")
        return Expression("".join(text for _, text in self.tokens[begin : self.place]))


def _put(found: dict[str, Any], labels: list[str], body: dict[str, Any]) -> None:
    here = found
    for label in labels[:-1]:
        inside = here.setdefault(label, {})
        if not isinstance(inside, dict):
            raise ValueError(f"{label!r} is an attribute and a block")
        here = inside
    known = here.get(labels[-1])
    if known is None:
        here[labels[-1]] = body
    elif isinstance(known, list):
        known.append(body)
    else:
        here[labels[-1]] = [known, body]
