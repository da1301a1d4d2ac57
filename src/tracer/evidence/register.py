"""The register: what the organisation says of its own controls (YAML), read strictly and kept entry by entry.

Every scalar stays text; unknown keys, bad values and contradictions are errors that name file and line. Entries with
the same id (rules: id and version) must be equal, unless one file says `supersedes: <sha256 of the other file>`.
"""

import gc
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from tracer.case.globs import BLURRED, blurred
from tracer.case.times import duration, iso, parse_iso
from tracer.errors import RegisterError, did_you_mean
from tracer.evidence.register_keys import KEYS, KINDS, NESTED, POINTS, POLICY, SECTIONS, TICKETS
from tracer.evidence.register_yaml import WRITTEN_OUT, YamlError, compose, plain, sections
from tracer.sources.characters import plain as visible

TOP = (*SECTIONS, "policy", "tickets", "supersedes")
LOOKED_AT = 1_000_000
"""Bytes of a file that are looked at to tell whether it is a register."""
BEFORE = r"(?:\s|#[^\n]*+|---)*+"
"""What may stand before the first value of a document."""
GLOBS = ("system", "entitlement", "attribute", "rule", "provisioners")
"""Keys that hold globs."""
MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Entry:
    """One entry of a register: where it stands, in which section, under which id, and what it says."""

    ordinal: int
    line: int
    offset: int
    section: str
    key: str | None
    content: dict[str, Any]
    raw: str


@dataclass
class Register:
    """A register file: its entries in order, and the SHA-256 of the files that it supersedes."""

    entries: list[Entry] = field(default_factory=list)
    supersedes: list[str] = field(default_factory=list)


def is_register(data: bytes) -> bool:
    """Whether this looks like a register: a line without indent that is one of its sections, or a mapping of nothing else."""
    head = data[:LOOKED_AT].decode("utf-8", "replace").removeprefix("\ufeff")
    if re.match(BEFORE + r"[{\[]", head):
        return _in_braces(head)
    found = re.findall(r"^([A-Za-z_]+)[ \t]*:", head, re.MULTILINE)
    return any(name in TOP for name in found) and "\x00" not in head


def _in_braces(head: str) -> bool:
    """Whether this is one mapping in braces, as YAML and JSON may be written, every key of which is a section."""
    first = re.match(BEFORE + r"\{\s*[\"']?([A-Za-z_]+)[\"']?\s*:", head)
    if first is None or first[1] not in TOP:
        return False
    try:
        return all(key in TOP for key in sections(head))
    except YamlError:
        return True  # reading it says what is wrong, and its head alone may be all that was looked at


def read_register(data: bytes, path: str) -> Register:
    """Every entry of a register file. Raises RegisterError naming file, line and what to do."""
    try:
        text = data.decode("utf-8-sig")
        with _undisturbed():
            node = compose(text)
            return Register() if node is None else _Reader(text, path).read(node)
    except UnicodeDecodeError as error:
        raise RegisterError("this register is no UTF-8 text", where=path, todo="save it as UTF-8") from error
    except YamlError as error:
        where = path if error.line is None else f"{path}:{error.line}"
        raise RegisterError(f"this register {error.what}", where=where, todo=error.todo) from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No looking for garbage meanwhile: a million nodes are made and all are needed, and looking takes five times as long."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class _Reader:
    """Turns the nodes of one file into entries."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.register = Register()
        self.known: dict[tuple[str, str], Entry] = {}
        self.seen: set[tuple[str, int]] = set()
        self.written = 0
        self.reached = self.offset = 0

    def read(self, node: yaml.Node) -> Register:
        for name, line, value in self._pairs(node, "a register"):
            if name not in TOP:
                raise self._unknown(name, line, TOP, "section")
            if name == "supersedes":
                self.register.supersedes = self._texts(value)
            elif name == "policy":
                self._policy(value)
            elif name == "tickets":
                self._tickets(value)
            elif not self._empty(value):
                if not isinstance(value, yaml.SequenceNode):
                    raise self._error(f"`{name}` must be a list", value)
                for item in value.value:
                    self._entry(name, item)
        return self.register

    def _entry(self, section: str, node: yaml.Node) -> None:
        if (section, id(node)) in self.seen:
            return  # an alias of an entry says nothing more
        self.seen.add((section, id(node)))
        content = self._mapping(node, SECTIONS[section], f"an entry of `{section}`")
        key = content.get(KEYS[section]) if section in KEYS else None
        if section == "rules":
            key = f"{content['id']}@{content['version']}"
        self._add(section, key, content, node)

    def _policy(self, node: yaml.Node) -> None:
        if self._empty(node):
            return
        for name, value in self._mapping(node, POLICY, "`policy`").items():
            self._add("policy", name, {"name": name, "value": value}, node)

    def _tickets(self, node: yaml.Node) -> None:
        if self._empty(node):
            return
        for system, _, value in self._pairs(node, "`tickets`"):
            content = self._mapping(value, dict.fromkeys(TICKETS, "text"), f"`tickets.{system}`")
            self._add("tickets", system, content, value)

    def _add(self, section: str, key: str | None, content: dict[str, Any], node: yaml.Node) -> None:
        other = self.known.get((section, key.casefold())) if key is not None else None
        if other is not None:
            if other.content == content:
                return
            raise self._error(f"`{section}` says two things of {key} (the other is line {other.line})", node)
        raw = self.text[node.start_mark.index : node.end_mark.index].rstrip()
        self.written += len(raw)
        if self.written > WRITTEN_OUT:
            raise self._error(
                f"with its aliases written out, this register is longer than {WRITTEN_OUT} characters", node
            )
        ordinal = len(self.register.entries)
        entry = Entry(
            ordinal, node.start_mark.line + 1, self._offset(node.start_mark.index), section, key, content, raw
        )
        self.register.entries.append(entry)
        if key is not None:
            self.known[section, key.casefold()] = entry

    def _offset(self, index: int) -> int:
        """The bytes before that character, counted on from the entry before; an alias leads back."""
        if index < self.reached:
            self.offset -= len(self.text[index : self.reached].encode())
        else:
            self.offset += len(self.text[self.reached : index].encode())
        self.reached = index
        return self.offset

    def _mapping(self, node: yaml.Node, kinds: Any, what: str) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for name, line, value in self._pairs(node, what):
            if name not in kinds:
                raise self._unknown(name, line, tuple(kinds), "key")
            if not self._empty(value):
                content[name] = self._value(value, kinds[name].rstrip("!"), name)
        for name, kind in kinds.items():
            if kind.endswith("!") and name not in content:
                raise self._error(f"{what} lacks `{name}`", node)
        return content

    def _value(self, node: yaml.Node, kind: str, name: str) -> Any:
        if kind in NESTED:
            if kind == "covers":
                return self._mapping(node, NESTED[kind], "`covers`")
            if not isinstance(node, yaml.SequenceNode):
                raise self._error(f"`{name}` must be a list", node)
            return [self._mapping(item, NESTED[kind], f"an entry of `{name}`") for item in node.value]
        if kind == "texts":
            texts = self._texts(node)
            return [self._glob(text, node, name) for text in texts] if name in GLOBS else texts
        if kind == "times":
            return [self._time(text, node, name) for text in self._texts(node)]
        if kind == "any":
            return self._plain(node)
        text = self._scalar(node, name)
        if kind == "time":
            return self._time(text, node, name)
        if kind == "duration":
            try:
                duration(text)
            except ValueError as error:
                raise self._error(f"`{name}`: {error}", node) from error
        if kind == "flag":
            if text.casefold() not in ("true", "false", "yes", "no"):
                raise self._error(f"`{name}` must be true or false, not {text!r}", node)
            return text.casefold() in ("true", "yes")
        if kind == "point" and text not in POINTS:
            raise self._unknown(text, node.start_mark.line + 1, tuple(POINTS), "control point")
        if kind == "kind" and text not in KINDS:
            raise self._unknown(text, node.start_mark.line + 1, tuple(KINDS), "kind of identity")
        return self._glob(text, node, name) if name in GLOBS else text

    def _glob(self, text: str, node: yaml.Node, name: str) -> str:
        if blurred(text):
            raise self._error(
                f"`{name}` has a stretch with question marks that is longer than {BLURRED} characters", node
            )
        return text

    def _plain(self, node: yaml.Node) -> Any:
        """The value of a key that may hold anything: numbers and flags as such, in lists and under keys."""
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {name: self._plain(value) for name, _, value in self._pairs(node, "a value")}
        return visible(plain(node))

    def _time(self, text: str, node: yaml.Node, name: str) -> str:
        try:
            return iso(parse_iso(text))
        except ValueError as error:
            raise self._error(f"`{name}` is no time: {text[:100]!r}", node) from error

    def _texts(self, node: yaml.Node) -> list[str]:
        if isinstance(node, yaml.SequenceNode):
            return [self._scalar(item, "a list") for item in node.value]
        return [] if self._empty(node) else [self._scalar(node, "a list")]

    def _scalar(self, node: yaml.Node, name: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(f"`{name}` must be one value", node)
        return str(visible(node.value))

    def _pairs(self, node: yaml.Node, what: str) -> list[tuple[str, int, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(f"{what} must be keys with values", node)
        found: dict[str, tuple[str, int, yaml.Node]] = {}
        for key, value in node.value:
            if key.tag == MERGE:
                continue
            name = self._scalar(key, "a key")
            if name in found:
                raise self._error(f"the key `{name}` stands twice", key)
            found[name] = (name, key.start_mark.line + 1, value)
        for key, value in node.value:
            if key.tag == MERGE:
                for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    found = {pair[0]: pair for pair in self._pairs(one, what)} | found
        return list(found.values())

    @staticmethod
    def _empty(node: yaml.Node) -> bool:
        return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"

    def _error(self, what: str, node: yaml.Node) -> RegisterError:
        return RegisterError(
            what, where=f"{self.path}:{node.start_mark.line + 1}", todo="correct the register"
        )

    def _unknown(self, name: str, line: int, known: tuple[str, ...], what: str) -> RegisterError:
        todo = did_you_mean(name, known, f"known are {', '.join(known)}")
        return RegisterError(f"unknown {what} {name!r}", where=f"{self.path}:{line}", todo=todo)


def check_conflicts(connection: sqlite3.Connection, register: Register, sha256: str, path: str) -> None:
    """Raise RegisterError if another file in the case says something else under the same id and neither supersedes."""
    own = {
        (entry.section, entry.key.casefold()): entry for entry in register.entries if entry.key is not None
    }
    superseding = {
        row[0] for row in connection.execute("SELECT evidence_id FROM supersedes WHERE sha256 = ?", (sha256,))
    }
    rows = connection.execute(
        """SELECT n.section, n.key, n.content, f.sha256, f.path, f.id FROM entries n JOIN records r ON r.id = n.record_id
           JOIN evidence f ON f.id = r.evidence_id WHERE n.key IS NOT NULL AND f.sha256 <> ? ORDER BY n.section, n.key""",
        (sha256,),
    )
    for row in rows if own else ():
        entry = own.get((row["section"], row["key"].casefold()))
        if entry is None or row["sha256"] in register.supersedes or row["id"] in superseding:
            continue
        if json.loads(row["content"]) != entry.content:
            raise RegisterError(
                f"{entry.section} {entry.key} differs from what {row['path']} says",
                where=f"{path}:{entry.line}",
                todo=f"correct one of them, or write `supersedes: {row['sha256']}` into this file",
            )
