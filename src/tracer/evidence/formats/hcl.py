"""Terraform files as they stand: each block at the left margin is a record, with who holds what by it.

The file says its own moment in a comment, `# as_of: 2026-03-01`, for nothing else in it does. A record has `as_of`, `block`
(its type and labels), and `held`: `system`, `account`, `entitlement`, `kind`, `account_kind`, `scope`, `expires_at`, and as
far as the entry says so `reason`, `ticket` and `requested_by` (who added it). References are followed within the file.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from pathlib import PurePath
from typing import Any

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece
from tracer.evidence.formats._lines import up_to
from tracer.sources.characters import text
from tracer.sources.clock import utc
from tracer.sources.declarations import Declaration
from tracer.sources.git import hcl, registers
from tracer.sources.git.documents import Place
from tracer.sources.git.registers import terraform
from tracer.sources.git.state import State

BLOCK = re.compile(rb'^[a-z_]+(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*[ \t]*\{', re.M)
KINDS = re.compile(
    rb"^(?:resource|module|locals|data|variable|provider|terraform|output|moved|import)\b[^\n]*\{", re.M
)
AS_OF = re.compile(rb"^[ \t]*(?:#|//)[ \t]*as_of[ \t]*[:=][ \t]*\"?([^\s\"]+)", re.M)


def looks(content: Content) -> bool:
    """Whether a block of Terraform begins a line."""
    return content.folder is None and KINDS.search(content.head) is not None


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The blocks in their order."""
    del declaration
    try:
        data = up_to(content, registers.LARGEST)
    except ValueError as error:
        yield Piece(0, 0, content.head[:200], str(error))
        return
    said = AS_OF.search(data)
    as_of = utc(said[1].decode("utf-8", "replace")) if said else None
    blocks = [_block(offset, raw) for offset, raw in _blocks(data)]
    resources: dict[str, Any] = {}
    for _, _, body, _ in blocks:
        for kind, named in body.get("resource", {}).items():
            resources.setdefault(kind, {}).update(named if isinstance(named, dict) else {})
    place = Place(PurePath(content.path.split("!")[-1]).name.split(".")[0], None)
    for ordinal, (offset, raw, body, problem) in enumerate(blocks):
        value = None
        try:
            state = terraform(body, resources, place) if problem is None else State()
        except (ValueError, RecursionError) as error:
            problem = f"the block cannot be read ({' '.join(str(error).split())[:160]})"
        if problem is None:
            held = [asdict(one) for one in state.holdings.values()]
            head = raw.split(b"{")[0].replace(b'"', b"").split()
            value = {
                "block": text(b".".join(head)),
                "as_of": as_of,
                "held": held or None,
            }
        yield Piece(ordinal, offset, raw, problem, value)


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of what stands from the beginning of a block to that of the next."""
    begins = [match.start() for match in BLOCK.finditer(data)]
    for begin, end in pairwise([*begins, len(data)]):
        yield begin, data[begin:end].rstrip()


def _block(offset: int, raw: bytes) -> tuple[int, bytes, dict[str, Any], str | None]:
    """A block with its body, or with why it has none."""
    try:
        return offset, raw, hcl.read(text(raw)), None
    except (ValueError, RecursionError) as error:
        return offset, raw, {}, f"the block is no HCL ({' '.join(str(error).split())[:160]})"
