"""What the files of a pull request show of the access they ask for: as far as a patch shows whole files.

The patch of a changed file shows lines and not what they belong to: what such a request asks for is not known from it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from tracer.sources.declarations import declarations
from tracer.sources.git.changes import changes
from tracer.sources.git.records import GIVES, TAKES
from tracer.sources.git.registers import Registers
from tracer.sources.git.state import State


@dataclass(frozen=True)
class Patch:
    """One file of a pull request: `status` is added, removed, renamed or anything else; no text: not at hand."""

    path: str
    status: str
    text: str | None


@cache
def _options() -> dict[str, Any]:
    """The register files that the source for repositories knows."""
    return declarations()["git-register"].options


def asked(patches: Iterable[Patch], project: str) -> list[dict[str, Any]]:
    """Each access that the files ask for; one that names nothing where they change registers in parts; none: no register."""
    registers = Registers(_options(), project)
    before, after, partial = State(), State(), False
    for patch in patches:
        if not registers.wanted(patch.path) or patch.status == "renamed":
            continue
        into = {"added": after, "removed": before}.get(patch.status)
        if into is None or patch.text is None:
            partial = True
            continue
        mark = "+" if into is after else "-"
        lines = [
            line[1:] for line in patch.text.split("\n") if line[:1] == mark and line[:3] not in ("+++", "---")
        ]
        try:
            into.add(registers.state(patch.path, "\n".join(lines).encode("utf-8", "surrogatepass")))
        except ValueError:
            partial = True
    if partial:
        return [{"key": "unknown"}]
    found = []
    for change in changes(before, after):
        one: dict[str, Any] = asdict(change)
        one["key"] = f"{change.verb} {change.system} {change.subject} {change.entitlement}"
        one["asks"] = None if change.verb in GIVES else "remove" if change.verb in TAKES else "change"
        found.append(one)
    return found
