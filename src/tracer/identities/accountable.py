"""Who answers for an identity: automation is never the accountable end of a chain.

A service account, workload, API key or AI agent leads to the identity on whose behalf it acts, else to its owner, and so
on until somebody is no automation. Fills `identities.accountable`; null where the register names nobody.
"""

import sqlite3

from tracer.case.stage import Stage
from tracer.identities.register_names import meant

AUTOMATION = ("service-account", "workload", "api-key", "ai-agent")
"""Kinds of identity that act and do not answer."""


def build_accountable(connection: sqlite3.Connection) -> None:
    """Set `accountable` of every identity that is automation; of all others it is themselves."""
    rows = connection.execute("SELECT id, kind, owner, on_behalf_of FROM identities ORDER BY id").fetchall()
    known = {row["id"].casefold(): row for row in reversed(rows)}
    named = sorted({name for row in rows for name in (row["owner"], row["on_behalf_of"]) if name})
    means = meant(connection)
    for name in named:
        if name.casefold() not in known and (other := means.get(name.casefold())):
            known[name.casefold()] = known[other.casefold()]
    connection.executemany(
        "UPDATE identities SET accountable = ? WHERE id = ?",
        [(_end(known, row["id"]), row["id"]) for row in rows],
    )


def _end(known: dict[str, sqlite3.Row], identity: str) -> str | None:
    """The first who is no automation: along `on_behalf_of` first, else along `owner`."""
    seen: set[str] = set()
    todo = [identity]
    while todo:
        name = todo.pop()
        row = known.get(name.casefold())
        if row is None:
            return name
        if row["kind"] not in AUTOMATION:
            return str(row["id"])
        if row["id"] not in seen:
            seen.add(row["id"])
            todo += [one for one in (row["owner"], row["on_behalf_of"]) if one]
    return None


STAGE = Stage(
    "accountable",
    reads=("accounts",),
    writes=(),
    completes=("identities",),
    run=lambda work: build_accountable(work.connection),
)
