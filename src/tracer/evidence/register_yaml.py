"""The YAML of a register as nodes that know their lines, under limits: by libyaml where PyYAML has it, which is ten times as fast."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from tracer.limits import Limit

REFUSED = "the register is refused, and the sentence says so"
LONGEST = Limit(
    256 * 1024 * 1024,
    "characters",
    bounds="a register file",
    why="it is held as a whole, and a million entries are a half of it",
    beyond=REFUSED,
)
MOST_VALUES = Limit(
    10_000_000,
    "values",
    bounds="keys and values in one register, with those that aliases repeat",
    why="each takes some 500 bytes of memory while it is read, and 500,000 accounts with all their keys are as many",
    beyond=REFUSED,
)
WRITTEN_OUT = Limit(
    512 * 1024 * 1024,
    "characters",
    bounds="the text of a register with its aliases written out",
    why="every entry is kept with its text, and a few lines of aliases can stand for any amount of it",
    beyond=REFUSED,
)
DEEPEST = Limit(
    100,
    "levels",
    bounds="lists and keys inside each other in a register",
    why="its parser calls itself for each, and entries need five",
    beyond=REFUSED,
)
SLOWEST = Limit(
    1024 * 1024,
    "characters",
    bounds="a register that writes a character as two halves of a surrogate pair, as JSON does",
    why="libyaml refuses them, and the parser in Python takes five seconds for a million",
    beyond="the register is refused, and the sentence says which line",
)

FAST = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
HALVES = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that is one half of a surrogate pair."""


class YamlError(Exception):
    """What is wrong with the text: `what` (`is no YAML …`), the line (1-based; None if it is not one), what to do."""

    def __init__(self, what: str, line: int | None = None, todo: str = "correct the line") -> None:
        super().__init__(what)
        self.what, self.line, self.todo = what, line, todo


class _Whole(yaml.SafeLoader):
    """Joins the two halves of a character that an escape each stands for."""

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        node: yaml.ScalarNode = super().compose_scalar_node(anchor)
        halves = node.value.encode("utf-16-le", "surrogatepass")
        node.value = halves.decode("utf-16-le", "surrogatepass")
        return node


def compose(text: str) -> yaml.Node | None:
    """The one document of the text; None where it is empty. Raises YamlError where it is none, or beyond a limit."""
    if len(text) > LONGEST:
        raise YamlError(f"is longer than {LONGEST} characters", todo="split it into several files")
    loader = _Whole if len(text) <= SLOWEST and HALVES.search(text) else FAST
    for _ in _events(text, loader):
        pass
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _said(error) from error
    if node is not None:
        values, characters = _measure(node, {})
        if values > MOST_VALUES:
            raise YamlError(f"has more than {MOST_VALUES} values", todo="write out its aliases")
        if characters > WRITTEN_OUT:
            raise YamlError(
                f"is longer than {WRITTEN_OUT} characters with its aliases written out",
                todo="name things once",
            )
    return node


def sections(text: str) -> Iterator[str]:
    """The keys of the mapping that the text is, as far as it can be read. Raises YamlError where it is no YAML."""
    level, key = 0, True
    for event in _events(text, FAST):
        level -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
        if level == 1 and isinstance(event, yaml.NodeEvent):
            if key:
                yield event.value if isinstance(event, yaml.ScalarEvent) else ""
            key = not key
        level += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))


def _events(text: str, loader: Any) -> Iterator[yaml.Event]:
    """What stands in the text one after the other, none of it held. Raises YamlError, also beyond a limit."""
    values = level = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            values += isinstance(event, yaml.NodeEvent)
            level += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
            level -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
            if values > MOST_VALUES:
                raise YamlError(f"has more than {MOST_VALUES} values", todo="split it into several files")
            if level > DEEPEST:
                mark = event.start_mark
                line = mark.line + 1 if mark else None
                raise YamlError(f"is nested more than {DEEPEST} deep", line, "flatten it")
            yield event
    except (yaml.YAMLError, RecursionError) as error:
        raise _said(error) from error


def _said(error: Exception) -> YamlError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "cannot be read"
    return YamlError(f"is no YAML ({problem})", mark.line + 1 if mark else None)


def _measure(node: yaml.Node, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many values and characters a node stands for, with those that its aliases repeat; one that holds itself has too many."""
    found = known.get(id(node))
    if found is None:
        if isinstance(node, yaml.ScalarNode):
            return 1, len(node.value)
        known[id(node)] = (MOST_VALUES + 1, 0)
        held = (
            node.value if isinstance(node, yaml.SequenceNode) else [one for two in node.value for one in two]
        )
        values, characters = 1, 0
        for one in held:
            more, longer = _measure(one, known)
            values, characters = values + more, characters + longer
        found = known[id(node)] = values, characters
    return found


def plain(node: yaml.Node) -> Any:
    """A number, a flag or nothing as such; everything else is text."""
    kind = node.tag.rpartition(":")[2]
    if kind in ("int", "float", "bool", "null"):
        try:
            return yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            return node.value
    return node.value
