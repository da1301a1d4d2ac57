"""The YAML documents of a register file, none of them larger than a register: neither as written nor with its aliases."""

from collections.abc import Iterator
from typing import Any

import yaml

from tracer.limits import Limit
from tracer.sources.git import documents

DEEPEST = Limit(
    100,
    "levels",
    bounds="lists and keys inside each other in a register file of a repository",
    why="registers need five, and whoever reads it calls itself for each",
    beyond="the file's commit is a reject that says so",
)


def read(text: str, loader: Any) -> Iterator[Any]:
    """What each document says. Raises ValueError where it is too large or too deep, YAMLError where it is none."""
    if _has_aliases(text, loader):
        for node in yaml.compose_all(text, Loader=loader):
            if _values(node, {}) > documents.MOST_STEPS:
                raise ValueError("the document is too large for a register with its aliases written out")
    yield from yaml.load_all(text, Loader=loader)


def _has_aliases(text: str, loader: Any) -> bool:
    """Whether values are repeated by name; goes through the text without holding any of it."""
    level = values = 0
    found = False
    for event in yaml.parse(text, Loader=loader):
        values += isinstance(event, yaml.NodeEvent)
        found = found or isinstance(event, yaml.AliasEvent)
        level += isinstance(event, yaml.CollectionStartEvent)
        level -= isinstance(event, yaml.CollectionEndEvent)
        if values > documents.MOST_STEPS:
            raise ValueError("the document is too large for a register")
        if level > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
    return found


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for; one that holds itself has too many."""
    if id(node) not in known:
        known[id(node)] = documents.MOST_STEPS + 1
        held = node.value if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            held = [one for pair in node.value for one in pair]
        known[id(node)] = 1 + sum(_values(one, known) for one in held)
    return known[id(node)]
