"""Limits that evidence, the register and questions meet: how much of something is taken, and why no more.

A limit is a number like any other where it is used, stands as a constant in the module that enforces it, and is listed in
docs/limits.md by `make docs`. Nothing that an attacker writes may decide how long tracer runs or how much it holds, so
whatever grows with the input ends either in time linear in its length or at one of these.
"""

import importlib
import pkgutil
from pathlib import Path
from typing import NamedTuple, Self


class Limit(int):
    """A whole number with its unit, what it bounds, why it is this number, and what happens beyond it."""

    unit: str
    bounds: str
    why: str
    beyond: str

    def __new__(cls, value: int, unit: str, *, bounds: str, why: str, beyond: str) -> Self:
        """`bounds`, `why` and `beyond` are sentences for docs/limits.md, without a full stop."""
        limit = super().__new__(cls, value)
        limit.unit, limit.bounds, limit.why, limit.beyond = unit, bounds, why, beyond
        return limit


class Placed(NamedTuple):
    """A limit and where it stands: the module, the constant."""

    module: str
    name: str
    limit: Limit


def limits() -> list[Placed]:
    """Every limit of tracer, by module and name; a constant that a module imports from another is listed where it stands.

    Imports all modules of tracer, also those whose library may be missing: raises ImportError there.
    """
    import tracer

    found: dict[int, Placed] = {}
    for module in sorted(
        one.name for one in pkgutil.walk_packages(tracer.__path__, "tracer.") if "__main__" not in one.name
    ):
        source = importlib.import_module(module)
        for name, value in vars(source).items():
            if isinstance(value, Limit) and _stands_in(source.__file__, name):
                found.setdefault(id(value), Placed(module, name, value))
    return sorted(found.values(), key=lambda one: (one.module, one.name))


def _stands_in(path: str | None, name: str) -> bool:
    """Whether the module's own text gives the constant its value."""
    if path is None:
        return False
    with Path(path).open(encoding="utf-8") as source:
        return any(line.startswith((f"{name} =", f"{name}: ")) for line in source)
