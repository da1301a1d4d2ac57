"""Who started a session: from an assumed role, a federated session or a delivered key back to its beginning.

Reads `events`; sets `events.started_by` (an account) and `events.chain_note`. Only ids join: the key that a call was
made with is the key that an earlier call was given, or the record names a source identity. A session name proves
nothing, for whoever starts a session picks it. Where the issuing record is not in evidence, `started_by` stays null
and the note says so: the chain is missing, never bridged by a name.
"""

import json
import sqlite3
from dataclasses import dataclass

from tracer.case.stage import Stage

MISSING = "issuing record not in evidence"
LONGEST = 64
"""Hops after which a chain is given up: AWS allows a session to be chained any number of times, a loop of keys not."""


@dataclass(frozen=True)
class Issue:
    """The event that issued a key: who acted, with which session, and how the record says it began."""

    event_id: str
    actor_id: str | None
    session: str | None
    chain: str | None
    system: str


def build_chains(connection: sqlite3.Connection) -> None:
    """Set who started each event's session; null with a note where evidence ends before the start."""
    issues = _issues(connection)
    # Most acted for themselves: there is nothing to trace.
    connection.execute(
        "UPDATE events SET started_by = actor_id WHERE actor_id IS NOT NULL AND (chain IS NULL OR chain = 'direct')"
    )
    rows = connection.execute(
        "SELECT id, actor_id, session, chain, system FROM events WHERE actor_id IS NOT NULL AND chain <> 'direct'"
    )
    resolved = []
    for row in rows:
        start, hops, note = trace(Issue(*row), issues)
        resolved.append(
            (start, json.dumps({"hops": hops, "note": note}) if hops or note else None, row["id"])
        )
    connection.executemany("UPDATE events SET started_by = ?, chain_note = ? WHERE id = ?", resolved)
    _session_starts(connection, issues)


def _session_starts(connection: sqlite3.Connection, issues: dict[str, Issue]) -> None:
    """Fill `session_starts`: issued key or session id, and the account that started it, where its start is in evidence."""
    connection.execute("DROP TABLE IF EXISTS temp.session_starts")
    connection.execute("CREATE TEMP TABLE session_starts (session PRIMARY KEY, account_id) WITHOUT ROWID")
    starts = ((key, trace(issue, issues)[0]) for key, issue in issues.items())
    connection.executemany(
        "INSERT INTO session_starts VALUES (?, ?)", [(key, start) for key, start in starts if start]
    )


def _issues(connection: sqlite3.Connection) -> dict[str, Issue]:
    rows = connection.execute(
        """SELECT issued, id, actor_id, session, chain, system FROM events
           WHERE issued IS NOT NULL AND outcome = 'success' AND verb = 'assume' ORDER BY at DESC, id DESC"""
    )
    # A key is issued once; should two records claim it, the earlier one stands (rows come latest first).
    return {row["issued"]: Issue(*row[1:]) for row in rows}


NAMED = {
    "source-identity": "start named by sourceIdentity",
    "impersonator": "start named by the record of the impersonation",
}
"""Kinds of chain with a name behind the colon, and what is said of who started it."""


def trace(last: Issue, issues: dict[str, Issue]) -> tuple[str | None, list[str], str | None]:
    """The account that started the session of `last`, the events that issued its keys (latest first), and a note."""
    from tracer.case.ids import account_id

    hops: list[str] = []
    current = last
    while True:
        if current.chain is None or current.chain in ("direct", "delivered"):
            note = "key delivered by a service" if current.chain == "delivered" else None
            return current.actor_id, hops, note
        issue = issues.get(current.session or "")
        if issue is not None and issue.event_id not in hops and len(hops) < LONGEST:
            hops.append(issue.event_id)
            current = issue
            continue
        kind, _, name = (current.chain or "").partition(":")
        if kind in NAMED:
            return account_id(current.system, name), hops, NAMED[kind]
        return None, hops, MISSING


STAGE = Stage(
    "chains",
    reads=(),
    writes=("session_starts",),
    completes=("events",),
    run=lambda work: build_chains(work.connection),
)
