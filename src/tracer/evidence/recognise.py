"""Which source a file is, by what is in it and never by its name."""

import csv
import difflib
import io
import json
from dataclasses import dataclass
from typing import Any

from tracer.errors import RegisterError
from tracer.evidence.containers import Piece, records
from tracer.evidence.declarations import Declaration, declarations
from tracer.evidence.paths import look_up
from tracer.evidence.register import is_register

LOOKED_AT = 20
"""Records of a file that are looked at before it is given up as unrecognised."""

SHARED = 0.6
"""Share of a declaration's columns that a header must have to be taken for it with a column missing."""


@dataclass(frozen=True)
class Recognised:
    """What a file is: a source with its records, the register, or nothing that is known (`note` says why)."""

    declaration: Declaration | None
    pieces: list[Piece]
    register: bool = False
    header: tuple[str, ...] = ()
    note: str | None = None


def recognise(data: bytes, path: str, named: str | None = None) -> Recognised:
    """The source of a decompressed file. Raises RegisterError where one of our CSV inputs lacks or has a wrong column."""
    if not data.strip():
        return Recognised(None, [], note="the file is empty")
    if b"\x00" in data[:4096] and data.lstrip()[:1] not in (b"{", b"["):
        return Recognised(None, [], note="this is binary data that no source recognises")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json(data, named)
    if named is None and is_register(data):
        return Recognised(None, [], register=True)
    return _csv(data, path, named)


def _json(data: bytes, named: str | None) -> Recognised:
    known = [d for d in declarations().values() if d.recognise and named in (None, d.name)]
    containers = tuple(dict.fromkeys(name for d in known for name in d.containers))
    pieces = records(data, containers)
    for piece in pieces[:LOOKED_AT]:
        try:
            record = json.loads(piece.raw)
        except (ValueError, RecursionError):
            continue
        for declaration in known:
            if isinstance(record, dict) and all(_has(record, path) for path in declaration.recognise):
                return Recognised(declaration, pieces)
    if named and known:
        return Recognised(known[0], pieces)
    return Recognised(None, [], note="no source recognises these records")


def _has(record: dict[str, Any], paths: str) -> bool:
    """Whether one of the alternatives `a|b` lies in the record."""
    return any(path in record or look_up(record, path) is not None for path in paths.split("|"))


def _csv(data: bytes, path: str, named: str | None) -> Recognised:
    line = data.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace").strip("\r")
    try:
        header = tuple(name.strip() for name in next(csv.reader(io.StringIO(line)), []))
    except csv.Error:
        header = ()
    tables = [d for d in declarations().values() if d.header and named in (None, d.name)]
    for declaration in tables:
        if declaration.wide and set(declaration.wide) <= set(header) and {"worker_id", "email"} & set(header):
            return Recognised(declaration, [], header=header)
    best = max(tables, key=lambda d: len(set(d.header) & set(header)) / len(d.header), default=None)
    if best is None or (len(set(best.header) & set(header)) / len(best.header) < SHARED and not named):
        return Recognised(None, [], note="no source recognises this text")
    allowed = (*best.header, *best.optional)
    for name in header:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(allowed)}"
            raise RegisterError(f"unknown column {name!r}", where=f"{path}:1", todo=hint)
    missing = [name for name in best.header if name not in header]
    if missing:
        raise RegisterError(
            f"the column {missing[0]!r} is missing", where=f"{path}:1", todo=f"add it: {best.title} needs it"
        )
    return Recognised(best, [], header=header)


def rows(data: bytes, header: tuple[str, ...]) -> list[tuple[Piece, dict[str, str] | None]]:
    """The rows of a CSV file with their bytes; None where a row has more or fewer fields than the header."""
    start = 3 if data[:3] == b"\xef\xbb\xbf" else 0
    lines = data[start:].splitlines(keepends=True)
    texts = [line.decode("utf-8", "surrogateescape").replace("\x00", "\ufffd") for line in lines]
    reader = csv.reader(iter(texts))
    offsets, place = [], start
    for line in lines:
        offsets.append(place)
        place += len(line)
    found: list[tuple[Piece, dict[str, str] | None]] = []
    before, is_header = 0, True
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return found
        except csv.Error:
            fields = []
        raw = b"".join(lines[before : reader.line_num]).rstrip(b"\r\n")
        here, before = before, reader.line_num
        if not raw.strip():
            continue
        if is_header:
            is_header = False
            continue
        piece = Piece(len(found), offsets[here], raw)
        fits = len(fields) == len(header)
        found.append((piece, dict(zip(header, (f.strip() for f in fields), strict=True)) if fits else None))
