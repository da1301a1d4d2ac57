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
from tracer.evidence.formats import Piece
from tracer.evidence.formats._blocks import blocks
from tracer.evidence.formats._lines import too_long
from tracer.limits import Limit
from tracer.sources.characters import text
from tracer.sources.declarations import Declaration

DEEPEST = Limit(
    200,
    "levels",
    bounds="elements inside each other in one record of XML",
    why="Windows events have five",
    beyond="the record is a reject, and the others are read",
)
MOST_ELEMENTS = Limit(
    1_000_000,
    "elements",
    bounds="the elements and attributes of one record of XML",
    why="events have some dozens; each element takes a hundred bytes of memory, however few it has in the file",
    beyond="the record is a reject, and the others are read",
)


def looks(content: Content) -> bool:
    """Whether the first mark is one that opens an element."""
    return content.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """Every element that is a record, whatever stands around it."""
    mark = rb"(?:[\w.-]+:)?" + re.escape(str(declaration.options.get("element", "Event"))).encode()
    opening = re.compile(rb"<%b(?=[\s/>])" % mark)
    either = re.compile(rb"<(?:(?P<end>/%b\s*>)|%b(?=[\s/>]))" % (mark, mark))
    with content.open() as stream:
        for ordinal, (offset, raw, whole, size) in enumerate(blocks(stream, opening, either)):
            problem, value = too_long(size), None
            if problem is None and not whole:
                problem = "the record is cut off: it has no end"
            elif problem is None:
                value, problem = _read(raw)
            yield Piece(ordinal, offset, raw, problem, value)


def _read(raw: bytes) -> tuple[dict[str, Any] | None, str | None]:
    """What a record says, or why it cannot be read; characters that XML does not know are shown by their numbers."""
    try:
        try:
            return as_dict(raw), None
        except expat.ExpatError:
            seen = _shown(raw)
            if seen == raw:
                raise
            return as_dict(seen), None
    except (expat.ExpatError, ValueError, RecursionError, MemoryError) as error:
        return None, f"the record is no XML ({error})"[:300]


NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
REFERENCE = re.compile("&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")


def _shown(raw: bytes) -> bytes:
    """The record without the characters that XML refuses, and without references to them."""

    def named(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else int(match[2])
        refused = 0xD800 <= code < 0xE000 or code > 0x10FFFF or NO_CHARACTER.match(chr(code))
        return f"\\u{code:04x}" if refused else match[0]

    seen = NO_CHARACTER.sub(lambda match: f"\\u{ord(match[0]):04x}", text(raw))
    return REFERENCE.sub(named, seen).encode()


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
        self.elements = 0
        self.stack: list[tuple[str, dict[str, Any], list[str]]] = [("", root, [])]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1 + len(attributes)
        if self.elements > MOST_ELEMENTS:
            raise ValueError(f"it has more than {MOST_ELEMENTS} elements and attributes")
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
            if isinstance(before, list):
                before.append(value)
            else:
                parent[name] = [before, value]
        else:
            parent[name] = value
