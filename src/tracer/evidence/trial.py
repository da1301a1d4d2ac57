"""What does a declaration make of a sample, and which of its rows and paths meet nothing in it?

For whoever writes a declaration: nothing of it is kept. Raises DeclarationError where the declaration is not understood,
TracerError where the sample cannot be read.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracer.case.resources import resource
from tracer.errors import CaseError, DeclarationError
from tracer.evidence.containers import Content
from tracer.evidence.formats import formats, unwrapped
from tracer.evidence.handed_in import Handed, contents
from tracer.evidence.inputs import map_record
from tracer.sources.declarations import FIELDS, Declaration, parse, text_of
from tracer.sources.exact import exact
from tracer.sources.hooks import hook
from tracer.sources.mapping import elements
from tracer.sources.paths import resolve


@dataclass
class Trial:
    """What came of a sample: its books, what each record told, and what of the declaration met nothing."""

    declaration: Declaration
    books: Counter[str] = field(default_factory=Counter)
    acts: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    unmet_paths: list[str] = field(default_factory=list)
    unmet_rows: list[str] = field(default_factory=list)


def trial(file: Path, sample: str) -> Trial:
    """Read `sample` (a file, compressed or not) by the declaration in `file`."""
    known = {
        path.name.removesuffix(".toml"): path.read_text(encoding="utf-8")
        for path in resource("ingest").iterdir()
    }
    declaration = parse(text_of(file), file.name, known)
    found = Trial(declaration)
    paths: Counter[str] = Counter(dict.fromkeys(declaration.paths(), 0))
    rows: Counter[int] = Counter()
    for content in _contents(sample):
        if content.refused:
            raise DeclarationError(content.problem or "", where=content.path, todo="take another sample")
        for piece in formats()[declaration.format].pieces(content, declaration):
            found.books["records"] += 1
            try:
                record = None if piece.problem else unwrapped(_value(piece.value, piece.raw), declaration)
            except (ValueError, RecursionError) as error:
                piece = piece._replace(problem=str(error))
            if piece.problem or not isinstance(record, dict):
                found.rejects.append((piece.ordinal, piece.problem or "the record is no object"))
                continue
            _told(found, piece.ordinal, record, piece.raw)
            _meet(declaration, record, paths, rows)
    found.books["rejected"] = len(found.rejects)
    found.unmet_paths = [path for path, count in paths.items() if not count]
    found.unmet_rows = [
        f"{action.verb} when {', '.join(map(str, (*action.when, *action.where)))}"
        for number, action in enumerate(declaration.actions)
        if not rows[number]
    ]
    return found


def _contents(sample: str) -> Iterator[Content]:
    try:
        yield from contents(Handed(sample))
    except OSError as error:
        why = f"cannot be read ({error.strerror or error})"
        raise CaseError(why, where=sample, todo="check the path") from error


def _value(value: dict[str, Any] | None, raw: bytes) -> Any:
    return exact(raw) if value is None else value


def _told(found: Trial, ordinal: int, record: dict[str, Any], raw: bytes) -> None:
    told = map_record(found.declaration, record, raw)
    if told.reject:
        found.rejects.append((ordinal, told.reject))
        return
    found.books["kept" if told.keep else "counted" if told.counted else "skipped"] += 1
    found.acts += [
        {
            "record": ordinal,
            **{name: act[name] for name in FIELDS if name != "source" and act[name] is not None},
        }
        for act in told.acts
    ]


def _meet(declaration: Declaration, record: dict[str, Any], paths: Counter[str], rows: Counter[int]) -> None:
    """Count which paths hold something in this record, and which rows apply to it."""
    prepare = hook(declaration.hook).prepare
    for part in [record] if prepare is None else prepare(record):
        scopes = [part]
        for number, action in enumerate(declaration.actions):
            if all(one.holds(part) for one in action.when):
                inner = list(elements(part, action.each, action.where))
                rows[number] += bool(inner)
                scopes += inner if action.each else []
        for path in paths:
            if paths[path] == 0:
                paths[path] += any(resolve(scope, path) not in (None, "", [], {}) for scope in scopes)
