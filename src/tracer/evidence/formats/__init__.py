"""How records lie in a file: one module per format, found by its name, which a declaration gives as `format`.

A module `tracer.evidence.formats.NAME` has

* `looks(content) -> bool`: whether these bytes (`content.head`, or the folder `content.folder`) may be of this format.
  Many formats may say yes (any text may be `text`); the declarations decide by what the records hold.
* `pieces(content, declaration) -> Iterator[Piece]`: the records in their order, ordinals from 0, each with the bytes that
  it has in the file (`raw`) and where they begin. `value` is the record as a dict where `raw` is no JSON; in formats that
  are text all values are text. What cannot be read is a piece with a `problem`, and those behind it are still read.
  `declaration.options` holds what the format may be told; unknown options are nobody's business here.

and, where they apply, also

* `takes(folder, within) -> bytes | None`: bytes that stand for the folder's content and change whenever it does (their
  SHA-256 is that of the evidence), or None where the folder is not of this format. What lies outside of the folder `within`
  was not handed in, and is neither opened here nor by `pieces` (`content.within`).
* `unusable(folder, within) -> tuple[Path, str] | None`: what of a folder is of this format and cannot be read, and why: the
  rest of the folder is then read as any other.
* `called(content) -> str | None`: what such a file is called, where its first bytes say for certain that it is one (None:
  they do not). Then a file of which nothing can be read is said to be broken, and not passed over as unknown.

A format that needs a library which is not installed raises `missing(...)` from `pieces`. The same tables of actions apply
to every format, because they see only the decoded record. `options.json_columns` (fields that hold JSON as text) and
`options.unwrap` (the field that is the record) are heeded for every format.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, NamedTuple, Protocol, cast

from tracer.errors import CaseError, TracerError
from tracer.evidence.containers import Content
from tracer.sources.characters import loads
from tracer.sources.declarations import Declaration
from tracer.sources.exact import RecordError
from tracer.sources.paths import look_up


class Piece(NamedTuple):
    """One record: its number from 0, where it begins, its bytes, why it cannot be read, and what it says."""

    ordinal: int
    offset: int
    raw: bytes
    problem: str | None = None
    value: dict[str, Any] | None = None


class Format(Protocol):
    """What a module of this package offers."""

    def looks(self, content: Content) -> bool:
        """Whether the content may be of this format."""

    def pieces(self, content: Content, declaration: Declaration) -> Iterator[Piece]:
        """The records in their order."""


@cache
def formats() -> dict[str, Format]:
    """All formats by name."""
    names = sorted(module.name for module in iter_modules(__path__) if module.name[0] != "_")
    return {name: cast(Format, import_module(f"{__name__}.{name}")) for name in names}


def folder_evidence(folder: Path, within: Path) -> bytes | None:
    """The bytes that stand for a folder that is one piece of evidence; None for a folder of files.

    Nothing outside of `within` is opened.
    """
    for one in formats().values():
        takes = getattr(one, "takes", None)
        stands_for: bytes | None = takes(folder, within) if takes is not None else None
        if stands_for is not None:
            return stands_for
    return None


def unusable_folder(folder: Path, within: Path) -> tuple[Path, str] | None:
    """What of a folder looks like one piece of evidence and cannot be read as one, and why; None where nothing does."""
    for one in formats().values():
        unusable = getattr(one, "unusable", None)
        found: tuple[Path, str] | None = unusable(folder, within) if unusable is not None else None
        if found is not None:
            return found
    return None


def missing(content: Content, what: str, extra: str) -> TracerError:
    """The error that says which extra reads this file."""
    return CaseError(
        f"{what} cannot be read here", where=content.path, todo=f"pip install 'tracer-forensics[{extra}]'"
    )


def unwrapped(record: Any, declaration: Declaration) -> Any:
    """The record as the tables see it: JSON columns decoded, the wrapped object taken out, a row of columns made one object.

    Raises RecordError naming the field that holds no JSON.
    """
    if isinstance(record, list) and record and all(isinstance(one, dict) and len(one) == 1 for one in record):
        # A row of a query's result in which each column is an object of its own.
        record = {name: value for column in record for name, value in column.items()}
    options = declaration.options
    for name in options.get("json_columns", ()):
        value = look_up(record, name)
        if isinstance(value, str) and isinstance(record, dict):
            try:
                record = {**record, name: loads(value)} if value.strip() else record
            except (ValueError, RecursionError) as error:
                raise RecordError(f"the field {name} holds no JSON ({error})") from error
    name = options.get("unwrap")
    if name is None or not isinstance(record, dict):
        return record
    inner = look_up(record, name)
    return inner if isinstance(inner, dict) else record
