"""What a declaration cannot say, as named functions: one module per source that needs one.

A declaration with `hook = "NAME"` uses the functions of `tracer.evidence.hooks.NAME`, each of which may be left out:

* `prepare(record) -> list[dict]`: the records that one record of the export really is (nested events, JSON in strings,
  values under other names); the table of actions is read for each of them. An empty list: it says nothing about access.
* `principal(record) -> Principal`: who acted, with `actor`, `actor_kind`, `session` and `chain`.
* `READS`: keys of a record, with which a module promises: what `prepare` and `principal` make of a record that is no act
  (its actor, session and action) depends on these keys only, and on those that the declaration itself reads. Such records
  are then counted without being read in full.

They read a record and return values; they know nothing of the case file. A value of an unexpected type must not stop them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

Principal = dict[str, str | None]
"""Who acted: `actor` (account name), `actor_kind`, `session` (key that later records carry), `chain`.

`chain` says how the session began: `direct` (nobody else), `delivered` (a service handed the key over), `issued` (a
record of its issue must exist), `source-identity:NAME`, or None (nothing is known of sessions).
"""


@dataclass(frozen=True)
class Hook:
    """The functions of one source's module."""

    prepare: Callable[[dict[str, Any]], list[dict[str, Any]]] | None = None
    principal: Callable[[dict[str, Any]], Principal] | None = None
    reads: tuple[str, ...] = ()


@cache
def hook(name: str | None) -> Hook:
    """The functions that a declaration names. Raises ModuleNotFoundError where there is no such module."""
    if name is None:
        return Hook()
    module = import_module(f"tracer.evidence.hooks.{name}")
    return Hook(
        getattr(module, "prepare", None), getattr(module, "principal", None), getattr(module, "READS", ())
    )
