"""Reading one piece of evidence: what it is, and every row that it gives, as messages to whoever writes the case.

Nothing here knows the case file; so reading can go on in as many processes as there are cores.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tracer.case.ids import ID_LENGTH, record_id
from tracer.errors import RegisterError, TracerError
from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece, formats, unwrapped
from tracer.evidence.formats import json as json_format
from tracer.evidence.heads import heads
from tracer.evidence.inputs import map_record, map_row
from tracer.evidence.recognise import recognise
from tracer.evidence.register import Register, read_register
from tracer.evidence.register_yaml import LONGEST
from tracer.evidence.relevance import Relevance
from tracer.evidence.tally import Tally
from tracer.sources.characters import kept, plain, whole
from tracer.sources.declarations import FIELDS, Declaration
from tracer.sources.exact import exact, kept_text, quick, why
from tracer.sources.faults import STATED, fault
from tracer.sources.mapping import Told, index_of

MANY = 2_000
"""Rows after which those at hand are handed over."""

REFUSED = 16 << 20
"""Bytes that are kept of a register that is refused; it is tried again when it comes again."""

MUCH = 8 << 20
"""Bytes of raw text after which they are."""


HOURS = 10_000
"""Uses in an hour that are counted at the same time; where there are more they are handed over, and counted on."""

OFTEN = 16 << 20
"""Bytes read after which they are, so that whoever waits sees that it goes on."""


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
    unread: bool = False
    """Whether it was not read at all, for the reason that `note` gives: a broken archive, a link."""


@dataclass(frozen=True)
class Begun:
    """A content is read from here on."""

    path: str
    sha256: str
    size: int = 0


@dataclass(frozen=True)
class Recognised:
    """What the content that was begun last is taken for: the source's name, its kind, and what it carries."""

    name: str | None
    kind: str | None
    carries: str = ""


@dataclass(frozen=True)
class Rows:
    """Rows of tables of the content that was begun last."""

    tables: dict[str, list[tuple[Any, ...]]]
    position: int = 0
    """Bytes of what was handed in that were read for them, and for the rows before."""


@dataclass(frozen=True)
class Entries:
    """A register, whose entries must not contradict those of others."""

    register: Register


@dataclass(frozen=True)
class Done:
    """The content that was begun last is read; `evidence` are its size, kind, first and last moment.

    `problem` is to be told, too.
    """

    books: Books
    evidence: tuple[Any, ...] = ()
    problem: TracerError | None = None


@dataclass(frozen=True)
class Failed:
    """The content that was begun last cannot be read at all: nothing of it is kept.

    `register` is the text of one that was taken for a register, empty for any other content: the books keep it, for it
    would have told what the case now lacks.
    """

    problem: TracerError
    register: str = ""


BROKE_OFF = "reading broke off here; what came before was read"

Found = TypeVar("Found")

Message = Begun | Recognised | Rows | Entries | Done | Failed


def read(
    content: Content, source: str | None, sources: Path | None, known: Callable[[str], bool]
) -> Iterator[Message]:
    """Everything that a content gives; `known` says whether evidence of that id is in the case already."""
    sha256, size = content.digest
    yield Begun(content.path, sha256, size)
    if known(sha256[:ID_LENGTH]):
        yield Done(Books(content.path, sha256, known=True))
        return
    try:
        yield from Reading(content, sha256).messages(source, sources)
    except TracerError as problem:
        yield Failed(problem)


class Reading:
    """One content while it is read: its books, its tally, and the rows not handed over yet."""

    def __init__(self, content: Content, sha256: str) -> None:
        self.content = content
        self.sha256 = sha256
        self.id = sha256[:ID_LENGTH]
        self.books = Books(content.path, sha256)
        self.tally = Tally()
        self.index: bytes | None = None
        self.tables: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.rows = self.size = self.end = self.told = self.next = 0

    def messages(self, source: str | None, sources: Path | None) -> Iterator[Message]:
        """What it is, its rows, its books."""
        if self.content.refused:
            yield from self._refused()
            return
        found = recognise(self.content, source, sources)
        declaration, kind = found.declaration, "register" if found.register else None
        if found.register:
            self.books.source = "register"
            yield Recognised("register", "register")
            with self.content.open() as stream:
                # A character has up to four bytes; what is longer is refused for its length, and held no further.
                data = stream.read(4 * LONGEST + 1)
            try:
                register = self._register(data)
            except RegisterError as problem:
                yield Failed(problem, data[:REFUSED].decode("utf-8", "replace"))
                return
            for entry in register.entries:
                self._record(Piece(entry.ordinal, entry.offset, entry.raw.encode()))
            self.books.kept = self.books.records
            yield Entries(register)
        elif declaration is not None:
            self.books.source, kind = declaration.name, declaration.kind
            row = (declaration.name, declaration.kind, " ".join(declaration.carries))
            yield Recognised(*row)
            self._row("sources", row)
            yield from self._read(declaration)
            if self.content.problem:
                self._reject(Piece(self.next, self.end, b""), self.content.problem)
            self.tables["counted"] += self.tally.close(self.id)
            self.tables["spans"] += self.tally.spanned(self.id, "uses" in declaration.carries)
        else:
            if found.broken is not None:
                pieces = formats()[found.broken.format].pieces(self.content, found.broken)
                for piece in self._unbroken(pieces):
                    self._reject(piece, piece.problem or "nothing says what this is")
            self.books.note = "; ".join(filter(None, [self.content.problem, found.note]))
        yield from self._handed_over()
        every = self.tally.every
        span = (every.first_at, every.last_at) if every else (None, None)
        yield Done(self.books, (self.content.digest[1], kind, *span))

    def _refused(self) -> Iterator[Message]:
        """Of what is not read: why, and that it is missing, if it may be evidence."""
        problem = self.content.problem or ""
        if self.content.lost:
            self._reject(Piece(0, 0, b""), problem)
        self.books.note, self.books.unread = problem, True
        yield from self._handed_over()
        yield Done(self.books, (self.content.digest[1], None, None, None))

    def _read(self, declaration: Declaration) -> Iterator[Message]:
        stem = Path(self.content.path.split("!")[-1]).name.split(".")[0]
        index = index_of(declaration) if declaration.format == "json" else None
        self.index = b'"%b"' % index.encode() if index else None
        known = heads(declaration)
        if known is not None:
            yield from self._sifted(declaration, Relevance(declaration, known, self.tally))
            return
        for piece in self._unbroken(formats()[declaration.format].pieces(self.content, declaration)):
            self._piece(declaration, piece, stem)
            yield from self._handed_over(MANY)

    def _sifted(self, declaration: Declaration, relevance: Relevance) -> Iterator[Message]:
        """Windows of records, of which only those are read that must be."""
        for found in self._unbroken(json_format.windows(self.content, declaration, relevance.heads.decoders)):
            if isinstance(found, Piece):
                self._piece(declaration, found, "")
            else:
                self.end, self.next = found.offset + len(found.data), found.ordinal + len(found.values)
                for number, place, raw in relevance.sift(found):
                    self._exact(declaration, Piece(found.ordinal + number, found.offset + place, raw))
            if len(self.tally.hours) > HOURS:
                relevance.hours.clear()
            yield from self._handed_over(MANY)
        self.books.counted += relevance.counted
        self.books.skipped += relevance.skipped
        self.books.records += relevance.counted + relevance.skipped

    def _register(self, data: bytes) -> Register:
        """The register's entries. Raises TracerError where it cannot be read."""
        try:
            return read_register(data, self.content.path)
        except STATED:
            raise
        except Exception as error:
            said = fault(error, "this register cannot be read")
            raise RegisterError(said, where=self.content.path, todo="correct the register") from error

    def _unbroken(self, found: Iterator[Found]) -> Iterator[Found]:
        """What a format finds; where it raises what nobody foresaw, one reject says that reading broke off there."""
        try:
            yield from found
        except STATED:
            raise
        except Exception as error:
            self._reject(Piece(self.next, self.end, b""), fault(error, BROKE_OFF))

    def _handed_over(self, many: int = 0) -> Iterator[Rows]:
        """The rows at hand, if they are many, or if much was read since the last ones."""
        if len(self.tally.hours) > HOURS:
            rows = self.tally.close(self.id)
            self.tables["counted"] += rows
            self.rows += len(rows)
        if self.rows < many and self.size < MUCH and self.end - self.told < OFTEN:
            return
        yield Rows(dict(self.tables), self.content.position())
        self.tables.clear()
        self.rows = self.size = 0
        self.told = self.end

    def _piece(self, declaration: Declaration, piece: Piece, stem: str) -> None:
        """One record: read fast, and again exactly if it is kept or looks broken."""
        self.end, self.next = max(self.end, piece.offset + len(piece.raw)), piece.ordinal + 1
        if piece.problem:
            self._reject(piece, piece.problem)
            return
        if declaration.header:
            row = {name: value.strip() for name, value in (piece.value or {}).items()}
            self._tell(piece, map_row(declaration, row, stem))
            return
        twice = self.index is not None and piece.raw.count(self.index) > 1
        told = None if twice else _quickly(declaration, piece)
        if told is None or told.keep or told.reject:
            self._exact(declaration, piece)
        else:
            self._tell(piece, told)

    def _exact(self, declaration: Declaration, piece: Piece) -> None:
        """A record that is kept, or that is odd: read by the exact reader, which also sees keys that stand twice."""
        try:
            record = piece.value if piece.value is not None else exact(piece.raw)
            record = unwrapped(record, declaration)
        except (ValueError, RecursionError) as error:
            self._reject(piece, why(error))
            return
        except MemoryError as error:
            self._reject(piece, fault(error, "the record cannot be read"))
            return
        self._tell(piece, map_record(declaration, record, piece.raw))

    def _tell(self, piece: Piece, told: Told) -> None:
        if told.reject:
            self._reject(piece, told.reject)
            return
        if told.at:
            self.tally.time(told.at)
        if told.counted is not None and told.at is not None:
            self.books.records += 1
            self.books.counted += 1
            system, account, session, action, failed, key = told.counted
            hour = self.tally.hour((system, account, session, action), told.at, piece.ordinal)
            hour.add(told.at, failed, key.encode("utf-8", "surrogatepass"))
        elif told.keep:
            if told.at and told.system:
                self.tally.seen(told.system, told.at)
            self._keep(piece, told)
        else:
            self.books.records += 1
            self.books.skipped += 1

    def _keep(self, piece: Piece, said: Told) -> None:
        try:
            entry = None if said.entry is None else whole(said.entry)
            content = "" if entry is None else json.dumps(entry, sort_keys=True, default=str)
        except (ValueError, RecursionError, MemoryError) as error:
            self._reject(piece, fault(error))
            return
        self.books.kept += 1
        record = self._record(piece)
        for seq, (act, key) in enumerate(zip(said.acts, said.keys, strict=True)):
            self._row(
                "acts",
                (record, seq, key, *[None if act[name] is None else kept(act[name]) for name in FIELDS]),
            )
        for alias in said.aliases:
            self._row("aliases", (record, *map(kept, alias)))
        for seq, claim in enumerate(said.claims):
            self._row("claims", (record, seq, *map(kept, claim)))
        for seq, holding in enumerate(said.holdings):
            self._row("holdings", (record, seq, *map(kept, holding)))
        if entry is not None:
            self._row("entries", (record, said.section, kept(entry.get("id")), piece.ordinal + 2, content))

    def _row(self, table: str, row: tuple[Any, ...]) -> None:
        self.tables[table].append(row)
        self.rows += 1

    def _record(self, piece: Piece) -> str:
        self.books.records += 1
        self.size += len(piece.raw)
        identifier = record_id(self.sha256, piece.ordinal)
        digest = hashlib.sha256(self.content.as_handed_in(piece.raw)).hexdigest()
        place = self.content.place(piece.offset)
        row = (identifier, self.id, piece.ordinal, place, digest, kept_text(piece.raw))
        self._row("records", row)
        return identifier

    def _reject(self, piece: Piece, reason: str) -> None:
        self.books.records += 1
        self.books.rejected += 1
        self.size += len(piece.raw)
        identifier = record_id(self.sha256, piece.ordinal)
        place = self.content.place(piece.offset)
        self._row("rejects", (identifier, self.id, piece.ordinal, place, plain(reason), kept_text(piece.raw)))


def _quickly(declaration: Declaration, piece: Piece) -> Told | None:
    """What the fast reader makes of a record; None where it makes nothing of it."""
    if piece.value is not None:
        return None
    try:
        return map_record(declaration, unwrapped(quick(piece.raw), declaration), piece.raw)
    except (ValueError, RecursionError, MemoryError):
        return None
