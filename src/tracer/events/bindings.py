"""Access that is held by an object: what its end or change means for everybody who is in it.

A role binding, a role assignment or a policy is written as a whole or taken away by its name; the record does not list who
loses. Reads and corrects the temporary table `told`: an act that repeats what the binding already gave goes, one that no
longer stands in the whole is followed by a revocation, and the end of the binding is a revocation for each who was in it.
"""

import sqlite3
from itertools import groupby
from typing import Any

from tracer.case.ids import content_id
from tracer.sources.declarations import FIELDS

Pair = tuple[str, str]
"""Who is in a binding with what: account and entitlement (and scope), case-folded."""


def settle_bindings(connection: sqlite3.Connection) -> None:
    """Turn what is told of bindings into what each account gained and lost."""
    rows = connection.execute(
        f"""SELECT id, record_id, {", ".join(FIELDS)} FROM told
            WHERE binding IS NOT NULL AND outcome = 'success' AND verb IN ('grant', 'revoke')
            ORDER BY fold(system), fold(binding), at, record_id, whole IS NULL, verb = 'grant', id"""
    ).fetchall()
    dropped: list[tuple[str]] = []
    added: list[dict[str, Any]] = []
    for _, binding in groupby(rows, key=lambda row: (_fold(row["system"]), _fold(row["binding"]))):
        held: dict[Pair, sqlite3.Row] = {}
        for _, together in groupby(binding, key=lambda row: (row["at"], row["record_id"])):
            _step(held, list(together), dropped, added)
    connection.executemany("DELETE FROM told WHERE id = ?", dropped)
    names = ["id", "record_id", *FIELDS]
    connection.executemany(
        f"INSERT OR IGNORE INTO told ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})",
        added,
    )


def _step(
    held: dict[Pair, sqlite3.Row],
    acts: list[sqlite3.Row],
    dropped: list[tuple[str]],
    added: list[dict[str, Any]],
) -> None:
    """What one record does to one binding."""
    whole = any(act["whole"] == "true" for act in acts)
    stated = {_pair(act): act for act in acts if act["verb"] == "grant" and act["subject"]}
    for act in acts:
        if act["verb"] == "revoke" and act["subject"]:
            held.pop(_pair(act), None)
        elif act["verb"] == "revoke" and held:
            added += [_revocation(act, holder) for holder in held.values()]
            dropped.append((act["id"],))
            held.clear()
        elif act["verb"] == "grant" and not act["subject"] and whole:
            # A binding of nobody: there is no act but the end of what it gave before.
            dropped.append((act["id"],))
    if whole:
        gone = [pair for pair in held if pair not in stated]
        added += [_revocation(acts[0], held.pop(pair)) for pair in gone]
    for pair, act in stated.items():
        if whole and pair in held:
            dropped.append((act["id"],))
        held[pair] = act


def _revocation(act: sqlite3.Row, holder: sqlite3.Row) -> dict[str, Any]:
    """The act that takes from a holder what the binding gave."""
    who = ("subject", "subject_system", "subject_kind", "entitlement", "entitlement_kind", "scope")
    found = (
        dict(act)
        | {name: holder[name] for name in who}
        | {"verb": "revoke", "expires_at": None, "inputs": None}
    )
    return found | {
        "id": content_id(
            "act", act["id"], "revoke", holder["subject"], holder["entitlement"], holder["scope"]
        )
    }


def _pair(act: sqlite3.Row) -> Pair:
    return (_fold(act["subject"]), f"{_fold(act['entitlement'])} {_fold(act['scope'])}")


def _fold(text: str | None) -> str:
    return (text or "").casefold()
