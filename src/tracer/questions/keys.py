"""Who is behind an access key or a session, and what was granted with it?

A key is known from the record that issued it (as a credential, or to a session), from the calls made with it, or from
what was counted of them. Sessions started from it belong to it: whatever was granted in them was granted with the key.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracer.case.ids import account_id

CREDENTIAL = "credential:"
"""Issuing a credential is a grant of `credential:<id>` to the account that it opens."""


@dataclass
class Key:
    """A key or session: the identities behind it, the grants made with it, and what is told of it (what, when, record).

    `sure` says that a record issued it or that it has the form of a key, so that it can be nothing else.
    """

    kind: str
    sure: bool = False
    identities: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    told: list[tuple[str, str | None, str | None]] = field(default_factory=list)


def key_named(connection: sqlite3.Connection, name: str) -> Key | None:
    """The key or session with this id, whole and in its own spelling; None where evidence knows of none."""
    key = Key("access key")
    opened, issued = _opened(connection, name, key), _issued(connection, name, key)
    used, counted = _used(connection, name, key), _counted(connection, name, key)
    if not (opened or issued or used or counted):
        return None
    if issued or not (opened or _looks_like_a_key(name)):
        key.kind = "session"
    key.sure = opened or issued or _looks_like_a_key(name)
    key.made = made_with(connection, [name])
    return key


def made_with(connection: sqlite3.Connection, names: Iterable[str]) -> list[str]:
    """Grants made in these sessions or in sessions started from them, sorted."""
    known: set[str] = set()
    todo = list(names)
    grants: set[str] = set()
    while todo:
        name = todo.pop()
        if name in known:
            continue
        known.add(name)
        for row in connection.execute(
            "SELECT id, issued, verb FROM events WHERE session = ? AND outcome = 'success'", (name,)
        ).fetchall():
            if row["verb"] == "assume" and row["issued"]:
                todo.append(row["issued"])
            grants |= {
                one[0] for one in connection.execute("SELECT id FROM grants WHERE event_id = ?", (row["id"],))
            }
    return sorted(grants)


def _looks_like_a_key(name: str) -> bool:
    """Access keys of AWS say what they are; a session of another vendor does not begin so."""
    return name.startswith(("AKIA", "ASIA"))


def _opened(connection: sqlite3.Connection, name: str, key: Key) -> bool:
    """Whether it was issued as a credential, and of which account."""
    rows = connection.execute(
        """SELECT g.granted_at, g.ended_at, a.name, a.system, a.identity_id, v.record_id FROM entitlements e
           JOIN grants g ON g.entitlement_id = e.id JOIN accounts a ON a.id = g.account_id
           LEFT JOIN events v ON v.id = g.event_id WHERE fold(e.name) = fold(?) ORDER BY g.granted_at""",
        (CREDENTIAL + name,),
    ).fetchall()
    for row in rows:
        key.identities |= {row["identity_id"]} - {None}
        until = f", ended {row['ended_at']}" if row["ended_at"] else ", still valid"
        key.told.append(
            (f"opens {row['name']} in {row['system']}{until}", row["granted_at"], row["record_id"])
        )
    return bool(rows)


def _issued(connection: sqlite3.Connection, name: str, key: Key) -> bool:
    """Whether a session began with it, and who started that session."""
    rows = connection.execute(
        """SELECT v.at, v.record_id, a.name AS actor, a.identity_id, s.identity_id AS start, s.name AS start_name,
             r.name AS role, r.identity_id AS role_identity, v.chain_note
           FROM events v LEFT JOIN accounts a ON a.id = v.actor_id LEFT JOIN accounts s ON s.id = v.started_by
           LEFT JOIN accounts r ON r.id = v.subject_id WHERE v.issued = ? AND v.outcome = 'success' ORDER BY v.at, v.id""",
        (name,),
    ).fetchall()
    for row in rows:
        key.identities |= {row["start"] or row["identity_id"], row["role_identity"]} - {None}
        start = row["start_name"] or row["actor"] or "somebody whose record is not in evidence"
        key.told.append((f"issued to {start} for {row['role'] or 'a session'}", row["at"], row["record_id"]))
    return bool(rows)


def _used(connection: sqlite3.Connection, name: str, key: Key) -> bool:
    """Whether access was changed with it, by whom."""
    calls: dict[tuple[str | None, str | None], list[sqlite3.Row]] = {}
    for row in connection.execute(
        """SELECT a.name AS actor, a.identity_id, s.identity_id AS start, s.name AS start_name, v.at, v.record_id
           FROM events v LEFT JOIN accounts a ON a.id = v.actor_id LEFT JOIN accounts s ON s.id = v.started_by
           WHERE v.session = ? ORDER BY v.at, v.id""",
        (name,),
    ):
        calls.setdefault((row["actor"], row["start_name"]), []).append(row)
        key.identities |= {row["start"], row["identity_id"]} - {None}
    for (actor, start), rows in calls.items():
        by = actor or "an unknown account"
        by += f", started by {start}" if start and start != actor else ""
        what = f"{len(rows)} access change{'' if len(rows) == 1 else 's'} by {by}, last {rows[-1]['at']}"
        key.told.append((what, rows[0]["at"], rows[0]["record_id"]))
    return bool(calls)


def _counted(connection: sqlite3.Connection, name: str, key: Key) -> bool:
    """Whether anything else was done with it, by whom; the calls stand counted per hour, once per export."""
    rows = connection.execute(
        """SELECT system, account, min(first_at) AS first_at, max(last_at) AS last_at FROM counted
           WHERE session = ? GROUP BY system, account ORDER BY system, account""",
        (name,),
    ).fetchall()
    for row in rows:
        found = connection.execute(
            "SELECT identity_id FROM accounts WHERE id = ?", (account_id(row["system"], row["account"]),)
        ).fetchone()
        key.identities |= {found["identity_id"]} - {None} if found else set()
        key.told.append(
            (f"used by {row['account']} in {row['system']}, last {row['last_at']}", row["first_at"], None)
        )
    return bool(rows)
