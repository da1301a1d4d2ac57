"""Which source a file is, by what is in it and never by its name.

Of all declarations whose conditions a record meets, the one with the most conditions has it; of all sources that have
one of the first records, the one with the most records has the file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tracer.errors import RegisterError, TracerError, did_you_mean
from tracer.evidence.containers import Content
from tracer.evidence.formats import Format, Piece, formats, unwrapped
from tracer.evidence.formats import csv as tables
from tracer.evidence.formats import json as json_format
from tracer.evidence.register import is_register
from tracer.sources.characters import loads
from tracer.sources.declarations import Declaration, declarations
from tracer.sources.faults import STATED
from tracer.sources.paths import look_up

LOOKED_AT = 200
"""Records of a file that are looked at before it is given up as unrecognised."""

ENOUGH = 20
"""Recognised records after which the majority decides."""

SHARED = 0.6
"""Share of a declaration's columns that a header must have to be taken for it with a column missing."""


@dataclass(frozen=True)
class Recognised:
    """What a file is: a source, the register, or nothing that is known (`note` says why)."""

    declaration: Declaration | None = None
    register: bool = False
    note: str | None = None
    broken: Declaration | None = None
    """What reads the file as what it begins like, where nothing of it can be read: then `note` says so."""


def recognise(content: Content, named: str | None = None, sources: Path | None = None) -> Recognised:
    """The source of a content, or of the declaration that is `named`; `sources` is a folder of the user's own ones.

    Raises RegisterError where one of our CSV inputs lacks or has a wrong column.
    """
    if content.folder is None and not content.head.strip():
        return Recognised(note="the file is empty")
    known = [
        one
        for one in known_sources(sources).values()
        if named == one.name or (named is None and not one.named_only)
    ]
    looking = {name for name, one in formats().items() if _looks(one, content)}
    may_be_register = content.folder is None and named is None
    if may_be_register and "json" not in looking and is_register(content.head):
        return Recognised(register=True)
    ours = [one for one in known if one.header] if "csv" in looking else []
    found = _table(content, ours, strict=False) or _by_records(content, known, looking)
    if found is not None:
        return Recognised(found)
    found = _table(content, ours, strict=True, named=named is not None)
    if found is not None:
        return Recognised(found)
    if named and known and known[0].format in looking and not known[0].header:
        return Recognised(known[0])
    if may_be_register and is_register(content.head):
        return Recognised(register=True)  # one mapping in braces, which no vendor's source claims
    return _broken(content, looking) or Recognised(note=_why_not(content, looking))


def _looks(one: Format, content: Content) -> bool:
    try:
        return one.looks(content)
    except STATED:
        raise
    except Exception:
        return False  # what it cannot even look at is not of this format


def known_sources(folder: Path | None) -> dict[str, Declaration]:
    """All sources by name, with those of a user's folder."""
    return declarations() if folder is None else declarations(folder)


def _broken(content: Content, looking: set[str]) -> Recognised | None:
    """A file that begins as one of a format does, of which nothing can be read; None where something can."""
    for name in sorted(looking):
        names = getattr(formats()[name], "called", None)
        called = names(content) if names is not None else None
        if called is None:
            continue
        declaration = Declaration(name, called, "audit-log", "", "", format=name)
        first = list(islice(_until_broken(formats()[name].pieces(content, declaration)), LOOKED_AT))
        if first and all(piece.problem for piece in first):
            return Recognised(note=f"a broken {called}: {first[0].problem}", broken=declaration)
        if not first:
            return Recognised(note=f"a {called} without records")
    return None


def _why_not(content: Content, looking: set[str]) -> str:
    if content.head.startswith(b"SQLite format 3\x00"):
        return "this is a SQLite database, which no source reads"
    if "json" in looking:
        return "no source recognises these records"
    if "text" in looking:
        return "no source recognises this text"
    return "this is binary data that no source recognises"


def _by_records(content: Content, known: list[Declaration], looking: set[str]) -> Declaration | None:
    """The source that most of the first records are of.

    Where some of them cannot be read in one way (lines of JSON among lines of text), the other ways are tried as well.
    """
    asking = [one for one in known if one.format in looking and (one.recognise or one.recognise_values)]
    problem: TracerError | None = None
    best, most = None, 0.0
    for alike in _layouts(content, asking):
        votes: Counter[str] = Counter()
        seen = broken = 0
        for group in alike:
            try:
                found = _votes(content, group)
            except TracerError as error:
                problem = error
            else:
                votes += found.votes
                seen, broken = max(seen, found.seen), max(broken, found.broken)
        if votes:
            winner = min(votes, key=lambda name: (-votes[name], name))
            if votes[winner] / seen > most:
                best, most = winner, votes[winner] / seen
            if not broken:
                break
    if best is None and problem is not None:
        raise problem
    return next((one for one in known if one.name == best), None)


def _layouts(content: Content, asking: list[Declaration]) -> Iterator[list[list[Declaration]]]:
    """Ways in which records may lie in the file, each with the declarations that are read alike in that way."""
    for_json = [one for one in asking if one.format == "json"]
    names = tuple(dict.fromkeys(name for one in for_json for name in one.containers))
    for layout in json_format.layouts(content, names) if for_json else ():
        fitting = [
            replace(one, containers=layout) for one in for_json if not layout or layout[0] in one.containers
        ]
        yield _alike(fitting)
    yield _alike([one for one in asking if one.format != "json"])


def _alike(declarations: list[Declaration]) -> list[list[Declaration]]:
    groups: dict[str, list[Declaration]] = {}
    for one in declarations:
        groups.setdefault(repr((one.format, one.options)), []).append(one)
    return list(groups.values())


class Votes(NamedTuple):
    """How many of the records that were seen are of which source, and how many could not be decoded at all."""

    votes: Counter[str]
    seen: int
    broken: int


def _votes(content: Content, group: list[Declaration]) -> Votes:
    """What the first records are; all of `group` lie in the file in the same way."""
    votes: Counter[str] = Counter()
    seen = broken = 0
    for record in islice(_sample(content, group[0]), LOOKED_AT):
        seen += 1
        broken += record is None
        best = best_of(record, group)
        if best:
            votes[best[0].name] += 1
            if votes.total() >= ENOUGH:
                break
    return Votes(votes, seen, broken)


def _sample(content: Content, declaration: Declaration) -> Iterator[Any]:
    """The first records, decoded; of a table without rows its header."""
    empty = True
    for piece in _until_broken(formats()[declaration.format].pieces(content, declaration)):
        empty = False
        try:
            record = _decoded(piece, declaration)
        except (ValueError, RecursionError):
            record = None
        yield record
    if empty and declaration.format == "csv":
        yield dict.fromkeys(tables.header_of(content), "")


def _until_broken(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces up to where reading breaks off; why it does is said when the file is read."""
    try:
        yield from pieces
    except STATED:
        raise
    except Exception:
        return


def _decoded(piece: Piece, declaration: Declaration) -> Any:
    """What a piece says, as the tables see it. Raises ValueError or RecursionError where it cannot be read."""
    if piece.problem is not None and piece.value is None:
        raise ValueError(piece.problem)
    return unwrapped(piece.value if piece.value is not None else loads(piece.raw), declaration)


def best_of(record: Any, group: list[Declaration]) -> list[Declaration]:
    """The declarations whose conditions the record meets and of which none has more; several only by a mistake."""
    if not isinstance(record, dict):
        return []
    fitting = [one for one in group if _fits(record, one)]
    most = max((specificity(one) for one in fitting), default=0)
    return [one for one in fitting if specificity(one) == most]


def specificity(declaration: Declaration) -> int:
    """How many conditions a record must meet to be taken for this source; a value says more than a presence."""
    return len(declaration.recognise) + 2 * len(declaration.recognise_values)


def _fits(record: dict[str, Any], declaration: Declaration) -> bool:
    return all(_has(record, path) for path in declaration.recognise) and all(
        condition.holds(record) for condition in declaration.recognise_values
    )


def _has(record: dict[str, Any], paths: str) -> bool:
    """Whether one of the alternatives `a|b` lies in the record."""
    return any(path in record or look_up(record, path) is not None for path in paths.split("|"))


def _fitting(header: set[str], ours: list[Declaration]) -> Declaration | None:
    """The one of our own tables that has these columns."""
    for declaration in ours:
        if declaration.wide and set(declaration.wide) <= header and {"worker_id", "email"} & header:
            return declaration
        if set(declaration.header) <= header <= {*declaration.header, *declaration.optional}:
            return declaration
    return None


def _table(
    content: Content, ours: list[Declaration], *, strict: bool, named: bool = False
) -> Declaration | None:
    """Which of our own tables this is: one that fits, or if `strict` one that is meant, whose mistake is an error."""
    header = tables.header_of(content) if ours else ()
    fitting = _fitting(set(header), ours)
    twice = next((name for name, count in Counter(header).items() if name and count > 1), None)
    if fitting and twice is None:
        return fitting
    if fitting and strict:
        raise RegisterError(
            f"the column {twice!r} is there twice", where=f"{content.path}:1", todo="name each column once"
        )
    # A spreadsheet may write the names in capitals: then this table is meant all the same.
    meant = {name.strip().casefold() for name in header}
    best = max(ours, key=lambda d: len(set(d.header) & meant) / len(d.header), default=None)
    if best is None or not strict:
        return None
    if len(set(best.header) & meant) / len(best.header) < SHARED and not named:
        return None
    allowed = (*best.header, *best.optional)
    for name in header:
        if name not in allowed:
            todo = did_you_mean(name, allowed, f"known are {', '.join(allowed)}")
            raise RegisterError(f"unknown column {name!r}", where=f"{content.path}:1", todo=todo)
    missing = next(name for name in best.header if name not in header)
    raise RegisterError(
        f"the column {missing!r} is missing", where=f"{content.path}:1", todo=f"add it: {best.title} needs it"
    )
