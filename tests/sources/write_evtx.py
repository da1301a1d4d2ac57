"""Writes a small Windows event log (EVTX) out of events as XML, for samples that are all our own.

    python -m tests.sources.write_evtx events.xml log.evtx

https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc. One chunk, no
templates: every element stands in full.
"""

import re
import struct
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

CHUNK = 65_536
HEADER = 4096
FIRST = 512
"""Where records begin in a chunk."""


def name(text: str, at: int) -> bytes:
    """A name where it stands, with the offset in the chunk that points to itself; `at` is where it begins."""
    value = 0
    for letter in text:
        value = (value * 65_599 + ord(letter)) & 0xFFFFFFFF
    body = struct.pack("<IHH", 0, value & 0xFFFF, len(text)) + text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<I", at + 4) + body


def value(text: str) -> bytes:
    """A text."""
    return struct.pack("<BBH", 0x05, 0x01, len(text)) + text.encode("utf-16-le")


def element(node: ElementTree.Element, at: int) -> bytes:
    """An element with all within it; `at` is where it begins in the chunk."""
    tag = node.tag.rpartition("}")[2]
    inner = name(tag, at + 5)
    if node.attrib:
        start = at + 5 + len(inner) + 4
        listed = b""
        for place, (key, text) in enumerate(node.attrib.items()):
            token = 0x46 if place < len(node.attrib) - 1 else 0x06
            listed += bytes([token]) + name(key, start + len(listed) + 1) + value(text)
        inner += struct.pack("<I", len(listed)) + listed
    text = (node.text or "").strip()
    if not text and not len(node):
        inner += b"\x03"
    else:
        inner += b"\x02" + (value(text) if text else b"")
        for child in node:
            inner += element(child, at + 5 + len(inner))
        inner += b"\x04"
    return struct.pack("<BI", 0x41 if node.attrib else 0x01, len(inner)) + inner


def log(events: list[ElementTree.Element]) -> bytes:
    """The log of these events."""
    body = b""
    last = FIRST
    for number, event in enumerate(events, 1):
        last = FIRST + len(body)
        fragment = b"\x0f\x01\x01\x00" + element(event, last + 28) + b"\x00"
        size = 24 + len(fragment) + 4
        # Written at 2026-01-01; the time of the event itself stands in its XML.
        head = struct.pack("<4sIQQ", b"**\0\0", size, number, 134_116_992_000_000_000)
        body += head + fragment + struct.pack("<I", size)
    count, free = len(events), FIRST + len(body)
    if free > CHUNK:
        raise ValueError("too many events for one chunk")
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", 1, count, 1, count, 128, last, free, zlib.crc32(body))
    head += bytes(68)
    tables = bytes(FIRST - 128)
    chunk = head + struct.pack("<I", zlib.crc32(head[:120] + tables)) + tables + body
    front = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, 0, count + 1, 128, 1, 3, HEADER, 1) + bytes(76)
    front += struct.pack("<II", 0, zlib.crc32(front[:120]))
    return front.ljust(HEADER, b"\0") + chunk.ljust(CHUNK, b"\0")


def main(source: Path, target: Path) -> None:
    """Turn a file of `<Event>` elements into a log."""
    text = re.sub(r' xmlns="[^"]*"', "", source.read_text(encoding="utf-8"))
    target.write_bytes(log(list(ElementTree.fromstring(f"<Events>{text}</Events>"))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
