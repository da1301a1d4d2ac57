"""Contents and declarations for tests of formats."""

from typing import Any

from tracer.evidence.containers import Content, held
from tracer.evidence.formats import Piece, formats
from tracer.sources.declarations import Declaration


def declared(kind: str, recognise: tuple[str, ...] = (), **options: Any) -> Declaration:
    return Declaration(
        "x", "X", "audit-log", "as it is", "as they are", format=kind, recognise=recognise, options=options
    )


def read(kind: str, data: bytes, **options: Any) -> list[Piece]:
    """The pieces of these bytes, each checked to lie where it says."""
    found = list(formats()[kind].pieces(Content("x", held(data)), declared(kind, **options)))
    assert [piece.ordinal for piece in found] == list(range(len(found)))
    assert all(data[piece.offset :].startswith(piece.raw) for piece in found)
    return found


def values(kind: str, data: bytes, **options: Any) -> list[Any]:
    return [piece.value for piece in read(kind, data, **options)]
