"""XML records, such as Windows events: one after another, or inside one root.

Option `element` names the element that is a record (default `Event`). A record becomes the dict that other exports of
Windows events have: attributes under `#attributes`, text beside them under `#text`, `<Data Name="X">` as the key `X`,
repeated elements as a list; all values are text. Entities other than XML's own five and document types are refused.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from tracer.evidence.containers import Content
from tracer.evidence.declarations import Declaration
from tracer.evidence.formats import Piece
from tracer.evidence.formats._blocks import blocks

LARGEST = 16 << 20
"""Bytes of one record after which its end is no longer looked for."""

DEEPEST = 200


def looks(content: Content) -> bool:
    """Whether the first mark is one that opens an element."""
    return content.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """Every element that is a record, whatever stands around it."""
    name = re.escape(str(declaration.options.get("element", "Event"))).encode()
    opening = re.compile(rb"<(?:[\w.-]+:)?" + name + rb"(?=[\s/>])")
    closing = re.compile(rb"</(?:[\w.-]+:)?" + name + rb"\s*>")
    for ordinal, (offset, raw, whole) in enumerate(blocks(content, opening, closing, LARGEST)):
        if not whole:
            yield Piece(ordinal, offset, raw, "the record is cut off: it has no end")
            continue
        try:
            yield Piece(ordinal, offset, raw, None, as_dict(raw))
        except (expat.ExpatError, ValueError) as error:
            yield Piece(ordinal, offset, raw, f"the record is no XML ({error})"[:300])


def as_dict(raw: bytes) -> dict[str, Any]:
    """One element as `{its name: content}`. Raises ValueError or ExpatError where it cannot be read as one."""
    root: dict[str, Any] = {}
    builder = _Builder(root)
    parser = expat.ParserCreate(encoding="utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refused
    parser.Parse(_undeclared(raw), True)
    return root


PREFIX = re.compile(rb"(</?)[\w.-]+:(?=[\w.-]+[\s/>])")


def _undeclared(raw: bytes) -> bytes:
    """Without prefixes, whose name spaces may be declared outside the record."""
    return PREFIX.sub(rb"\1", raw) if PREFIX.match(raw) else raw


def _refused(*_: Any) -> None:
    raise ValueError("a document type is refused")


class _Builder:
    """Makes nested dicts of what the parser sees."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.stack: list[tuple[str, dict[str, Any], list[str]]] = [("", root, [])]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) > DEEPEST:
            raise ValueError("it is nested too deep")
        attributes = {key: value for key, value in attributes.items() if not key.startswith("xmlns")}
        self.stack.append((name, {"#attributes": attributes} if attributes else {}, []))

    def text(self, text: str) -> None:
        self.stack[-1][2].append(text)

    def end(self, name: str) -> None:
        _, found, texts = self.stack.pop()
        parent = self.stack[-1][1]
        text = "".join(texts).strip()
        value: Any = found
        if name == "Data" and set(found) == {"#attributes"} and "Name" in found["#attributes"]:
            # What Windows names its values by; of a name that stands twice, as in other lists, both are kept.
            name, value = found["#attributes"]["Name"], text or None
        elif not found:
            value = text or None
        elif text:
            found["#text"] = text
        if name in parent:
            before = parent[name]
            parent[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            parent[name] = value
