"""What a declaration cannot say, as named functions: one module per source that needs one.

A declaration with `hook = "NAME"` uses the functions of `tracer.sources.hooks.NAME`, each of which may be left out:

* `prepare(record) -> list[dict]`: the records that one record of the export really is (nested events, JSON in strings,
  values under other names); the table of actions is read for each of them. An empty list: it says nothing about access.
* `principal(record) -> Principal`: who acted, with `actor`, `actor_kind`, `session` and `chain`.
* `READS`: paths of a record, with which a module promises: what `prepare` and `principal` make of the actor, its session,
  the action and the outcome of a record, and of the names in `GIVES`, depends on these paths only, and on those that the
  declaration itself reads. The first must be there, or the record is read in full; an id must be there for an empty list.
* `WRAPS`: further keys, under which another event lies with a time and an id of its own: a record with one is read in full.
* `GIVES`: names that `prepare` adds and on which it depends whether a row applies.

  Records that are no act are then counted without being read in full.

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
record of its issue must exist), `source-identity:NAME`, `impersonator:NAME`, or None (nothing is known of sessions).
"""


@dataclass(frozen=True)
class Hook:
    """The functions of one source's module."""

    prepare: Callable[[dict[str, Any]], list[dict[str, Any]]] | None = None
    principal: Callable[[dict[str, Any]], Principal] | None = None
    reads: tuple[str, ...] = ()
    wraps: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()


@cache
def hook(name: str | None) -> Hook:
    """The functions that a declaration names. Raises ModuleNotFoundError where there is no such module."""
    if name is None:
        return Hook()
    module = import_module(f"tracer.sources.hooks.{name}")
    return Hook(
        getattr(module, "prepare", None),
        getattr(module, "principal", None),
        getattr(module, "READS", ()),
        getattr(module, "WRAPS", ()),
        getattr(module, "GIVES", ()),
    )
