"""Reading evidence into the case: every file, every record, and books that balance.

One transaction per file, so that a run that is killed goes on where it stopped; a file whose SHA-256 is in the case
already adds nothing.
"""

import hashlib
import json
import os
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tracer import __version__
from tracer.case.ids import ID_LENGTH, record_id
from tracer.case.opening import open_case
from tracer.case.schema import EVIDENCE, TABLES, create_indexes
from tracer.case.times import iso
from tracer.errors import CaseError, TracerError, UsageError
from tracer.evidence.containers import Content, held, spooled, unpack
from tracer.evidence.declarations import FIELDS, Declaration
from tracer.evidence.formats import Piece, folder_evidence, formats, unwrapped
from tracer.evidence.inputs import map_record, map_row
from tracer.evidence.mapping import Told
from tracer.evidence.recognise import Recognised, known_sources, recognise
from tracer.evidence.register import check_conflicts, read_register


@dataclass
class Books:
    """One file: what it was taken for, and how many of its records went where."""

    path: str
    sha256: str = ""
    source: str | None = None
    note: str | None = None
    records: int = 0
    kept: int = 0
    counted: int = 0
    skipped: int = 0
    rejected: int = 0
    known: bool = False


@dataclass
class IngestSummary:
    """All files of a run, and the problems of those that could not be read at all."""

    files: list[Books] = field(default_factory=list)
    problems: list[TracerError] = field(default_factory=list)


def ingest(
    case_path: Path | str,
    paths: list[str] | tuple[str, ...] | list[Path],
    *,
    source: str | None = None,
    sources: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> IngestSummary:
    """Read files, folders, globs, archives and `-` into the case at `case_path`, which is made if it is not there.

    `source` names the declaration to use; else each file is recognised by its content. `sources` is a folder of the user's
    own declarations. Problems of single files are
    in the summary, and the others are read. Raises UsageError for an unknown source, CaseError for an unusable case.
    """
    del workers
    if source is not None and source not in known_sources(sources):
        raise UsageError(f"unknown source {source!r}", todo=f"known are {', '.join(known_sources(sources))}")
    connection = open_case(case_path, create=True)
    summary = IngestSummary()
    try:
        for path in _files([str(path) for path in paths], summary):
            if progress:
                progress(path)
            try:
                for content in _contents(path):
                    _file(connection, content, source, sources, summary)
            except OSError as error:
                summary.problems.append(
                    CaseError(
                        f"cannot be read ({error.strerror or error})",
                        where=path,
                        todo="check its permissions",
                    )
                )
        _finish(connection)
    finally:
        connection.close()
    return summary


def _contents(path: str) -> Iterator[Content]:
    """What a path holds: a folder that is one piece of evidence, a file, or the members of an archive."""
    if path == "-":
        with spooled(sys.stdin.buffer) as opener:
            yield from unpack(path, opener)
    elif Path(path).is_dir():
        yield Content(path, held(b""), folder=Path(path), stands_for=folder_evidence(Path(path)))
    else:
        yield from unpack(path, partial(_open, path))


def _open(path: str) -> BinaryIO:
    return Path(path).open("rb")


def _files(paths: list[str], summary: IngestSummary) -> Iterator[str]:
    """Every file that the paths name, folders recursively and in order of their names."""
    for path in paths:
        if path == "-":
            yield path
            continue
        found = [path] if os.path.lexists(path) else _globbed(path)
        if not found:
            summary.problems.append(CaseError("no such file or folder", where=path, todo="check the path"))
        for one in found:
            if Path(one).is_dir() and folder_evidence(Path(one)) is None:
                yield from _folder(one, summary)
            else:
                yield one


def _globbed(path: str) -> list[str]:
    """The files that a pattern names, sorted; a pattern may be absolute."""
    pattern = Path(path)
    root = Path(pattern.anchor) if pattern.anchor else Path()
    try:
        return sorted(str(found) for found in root.glob(str(pattern.relative_to(pattern.anchor))))
    except (ValueError, NotImplementedError):
        return []


def _folder(path: str, summary: IngestSummary) -> Iterator[str]:
    def refused(error: OSError) -> None:
        summary.problems.append(
            CaseError(
                f"this folder cannot be read ({error.strerror})",
                where=str(error.filename),
                todo="check its permissions",
            )
        )

    for folder, folders, names in os.walk(path, onerror=refused):
        folders.sort()
        for name in [name for name in folders if folder_evidence(Path(folder) / name) is not None]:
            folders.remove(name)
            yield str(Path(folder) / name)
        for name in sorted(names):
            if not name.startswith("."):
                yield str(Path(folder) / name)


def _file(
    connection: sqlite3.Connection,
    content: Content,
    source: str | None,
    sources: Path | None,
    summary: IngestSummary,
) -> None:
    """One content: recognised, read and written, or a stated problem."""
    sha256, _ = content.digest
    books = Books(content.path, sha256)
    if connection.execute("SELECT 1 FROM evidence WHERE id = ?", (sha256[:ID_LENGTH],)).fetchone():
        books.known = True
        summary.files.append(books)
        return
    try:
        connection.execute("BEGIN")
        found = recognise(content, source, sources)
        _Writer(connection, content, books).write(found)
        connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('stale', '1')")
        connection.commit()
        summary.files.append(books)
    except TracerError as error:
        connection.rollback()
        summary.problems.append(error)
    except BaseException:
        connection.rollback()
        raise


class _Writer:
    """Writes one file's records and its row of the books."""

    def __init__(self, connection: sqlite3.Connection, content: Content, books: Books) -> None:
        self.connection = connection
        self.content = content
        self.books = books
        self.id = books.sha256[:ID_LENGTH]
        self.end = 0
        self.times: dict[str, list[str]] = defaultdict(list)
        self.every: list[str] = []
        self.uses: dict[tuple[str, ...], list[tuple[str, bool, bytes, int]]] = defaultdict(list)

    def write(self, found: Recognised) -> None:
        declaration, kind = found.declaration, "register" if found.register else None
        if found.register:
            self.books.source = "register"
            self._register()
        elif declaration is not None:
            self.books.source, kind = declaration.name, declaration.kind
            self.connection.execute(
                "INSERT OR IGNORE INTO sources VALUES (?, ?, ?)",
                (declaration.name, kind, " ".join(declaration.carries)),
            )
            if declaration.header:
                self._table(declaration)
            else:
                self._records(declaration)
            if self.content.problem:
                self._reject(Piece(self.books.records, self.end, b""), self.content.problem)
        else:
            self.books.note = "; ".join(filter(None, [self.content.problem, found.note]))
        self._books(kind, declaration)

    def _register(self) -> None:
        register = read_register(self.content.read(), self.content.path)
        check_conflicts(self.connection, register, self.books.sha256, self.content.path)
        for entry in register.entries:
            record = self._record(Piece(entry.ordinal, entry.offset, entry.raw.encode()))
            self.books.kept += 1
            self.connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
                (record, entry.section, entry.key, entry.line, json.dumps(entry.content, sort_keys=True)),
            )
        for other in register.supersedes:
            self.connection.execute("INSERT OR IGNORE INTO supersedes VALUES (?, ?)", (self.id, other))

    def _pieces(self, declaration: Declaration) -> Iterator[Piece]:
        """The records that can be read; the others are rejects."""
        for piece in formats()[declaration.format].pieces(self.content, declaration):
            self.end = max(self.end, piece.offset + len(piece.raw))
            if piece.problem:
                self._reject(piece, piece.problem)
            else:
                yield piece

    def _table(self, declaration: Declaration) -> None:
        stem = Path(self.content.path.split("!")[-1]).name.split(".")[0]
        for piece in self._pieces(declaration):
            row = {name: value.strip() for name, value in (piece.value or {}).items()}
            self._tell(declaration, piece, map_row(declaration, row, stem))

    def _records(self, declaration: Declaration) -> None:
        for piece in self._pieces(declaration):
            told = self._quickly(declaration, piece)
            if told.keep or told.reject:
                # What is kept or looks broken is read again by the exact reader, which also sees keys that stand twice.
                try:
                    told = self._exactly(declaration, piece)
                except (ValueError, RecursionError) as error:
                    self._reject(piece, _why(error))
                    continue
            self._tell(declaration, piece, told)

    def _quickly(self, declaration: Declaration, piece: Piece) -> Told:
        if piece.value is not None:
            return Told(keep=True)
        try:
            return map_record(declaration, unwrapped(_quick(piece.raw), declaration), piece.raw)
        except (ValueError, RecursionError):
            return Told(keep=True)

    def _exactly(self, declaration: Declaration, piece: Piece) -> Told:
        record = piece.value
        if record is None:
            record = json.loads(piece.raw, object_pairs_hook=_pairs)
        return map_record(declaration, unwrapped(record, declaration), piece.raw)

    def _tell(self, declaration: Declaration, piece: Piece, told: Told) -> None:
        if told.reject:
            self._reject(piece, told.reject)
            return
        if told.at:
            self.every.append(told.at)
        if told.counted is not None and told.at is not None:
            self.books.records += 1
            self.books.counted += 1
            system, account, session, action, failed, key = told.counted
            hour = told.at[:13] + ":00:00.000Z"
            digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8]
            self.uses[system, account, session, action, hour].append((told.at, failed, digest, piece.ordinal))
            self.times[system].append(told.at)
            return
        if not told.keep:
            self.books.records += 1
            self.books.skipped += 1
            return
        if told.at and told.system:
            self.times[told.system].append(told.at)
        self.books.kept += 1
        record = self._record(piece)
        for seq, (act, key) in enumerate(zip(told.acts, told.keys, strict=True)):
            self.connection.execute(
                f"INSERT INTO acts (record_id, seq, act, {', '.join(FIELDS)}) VALUES (?, ?, ?, {', '.join('?' * len(FIELDS))})",
                (record, seq, key, *(_plain(act[name]) for name in FIELDS)),
            )
        for alias in told.aliases:
            self.connection.execute(
                "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?, ?, ?)", (record, *map(_plain, alias))
            )
        for seq, claim in enumerate(told.claims):
            self.connection.execute(
                "INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (record, seq, *map(_plain, claim))
            )
        for seq, holding in enumerate(told.holdings):
            self.connection.execute(
                "INSERT INTO holdings VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (record, seq, *map(_plain, holding))
            )
        if told.entry is not None:
            self.connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
                (
                    record,
                    told.section,
                    _plain(told.entry.get("id")),
                    piece.ordinal + 2,
                    json.dumps(told.entry, sort_keys=True),
                ),
            )

    def _record(self, piece: Piece) -> str:
        self.books.records += 1
        identifier = record_id(self.books.sha256, piece.ordinal)
        self.connection.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)",
            (
                identifier,
                self.id,
                piece.ordinal,
                piece.offset,
                hashlib.sha256(piece.raw).hexdigest(),
                _text(piece.raw),
            ),
        )
        return identifier

    def _reject(self, piece: Piece, reason: str) -> None:
        self.books.records += 1
        self.books.rejected += 1
        self.connection.execute(
            "INSERT INTO rejects VALUES (?, ?, ?, ?, ?, ?)",
            (
                record_id(self.books.sha256, piece.ordinal),
                self.id,
                piece.ordinal,
                piece.offset,
                reason,
                _text(piece.raw),
            ),
        )

    def _books(self, kind: str | None, declaration: Declaration | None) -> None:
        one = self.books
        self.connection.execute(
            f"INSERT INTO evidence VALUES ({', '.join('?' * len(EVIDENCE['evidence'].types()))})",
            (
                self.id, _path(one.path), one.sha256, self.content.digest[1], one.source, kind, iso(datetime.now(UTC)),
                __version__, one.records, one.kept, one.counted, one.skipped, one.rejected,
                min(self.every, default=None), max(self.every, default=None), one.note or None,
            ),
        )  # fmt: skip
        uses = int(declaration is not None and "uses" in declaration.carries)
        for system, times in sorted(self.times.items()):
            self.connection.execute(
                "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?)",
                (self.id, _plain(system), min(times), max(times), len(times), uses),
            )
        for key, rows_ in sorted(self.uses.items()):
            digests = sorted({digest for _, _, digest, _ in rows_})
            failed = sorted({digest for _, bad, digest, _ in rows_ if bad})
            self.connection.execute(
                "INSERT INTO counted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.id, *map(_plain, key), len(rows_), sum(bad for _, bad, _, _ in rows_), min(at for at, *_ in rows_),
                    max(at for at, *_ in rows_), min(ordinal for *_, ordinal in rows_), b"".join(digests), b"".join(failed),
                ),
            )  # fmt: skip


def _quick(raw: bytes) -> Any:
    """A record by the fast reader. Raises ValueError where it must be read by the exact one."""
    raw.decode("utf-8")
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise ValueError(f"the key {key[:40]!r} stands twice with different values")
        found[key] = value
    return found


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the record is nested too deep"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"the record is no JSON ({error})"[:300]
    return str(error)[:300]


def _text(raw: bytes) -> str | bytes:
    """A record as it stood: text where it is UTF-8, else its bytes."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def _plain(value: Any) -> Any:
    """Text that SQLite can keep: half characters become their escape."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _path(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _finish(connection: sqlite3.Connection) -> None:
    import sqlite_utils

    create_indexes(sqlite_utils.Database(connection), TABLES)
    connection.execute("ANALYZE")
    connection.commit()
