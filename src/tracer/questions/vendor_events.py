"""Which record carries this event id of a vendor, and what does it tell?"""

import hashlib
import sqlite3
from typing import Any

from tracer.case.ids import account_id
from tracer.sources.characters import loads
from tracer.sources.declarations import declarations
from tracer.sources.paths import look_up, text_of

KEY = 8
"""Bytes that are kept of the id of a counted record."""


def events_of(connection: sqlite3.Connection, name: str) -> list[str]:
    """Our ids of the events that records with this vendor event id tell, in order of time; empty: no kept record has it.

    Looks through the text of all kept records, so it is asked last.
    """
    known = declarations()
    rows = connection.execute(
        """SELECT r.id, r.raw, f.source FROM records r JOIN evidence f ON f.id = r.evidence_id
           WHERE instr(r.raw, ?) > 0 ORDER BY r.id""",
        (name,),
    )
    records = [
        row["id"]
        for row in rows.fetchall()
        if row["source"] in known and _carries(row["raw"], known[row["source"]].id, name)
    ]
    found: dict[str, str] = {}
    for record in records:
        told = connection.execute(
            "SELECT v.id, v.at FROM event_records r JOIN events v ON v.id = r.event_id WHERE r.record_id = ?",
            (record,),
        )
        found |= {row["id"]: row["at"] for row in told}
    return sorted(found, key=lambda event: (found[event], event))


def _carries(raw: str | bytes, paths: tuple[str, ...], name: str) -> bool:
    try:
        record = loads(raw)
    except (ValueError, RecursionError):
        return False
    return any(text_of(look_up(record, path)) == name for path in paths)


def use_of(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    """The counted use with this vendor event id: system, account, its identity, action and hour; None: there is none."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:KEY]
    rows = connection.execute(
        """SELECT system, account, action, hour, first_at, last_at, keys FROM counted
           WHERE instr(keys, ?) > 0 ORDER BY evidence_id, system, account, session, action, hour""",
        (digest,),
    )
    for row in rows:
        keys = row["keys"] or b""
        if digest in {keys[place : place + KEY] for place in range(0, len(keys), KEY)}:
            account = connection.execute(
                "SELECT identity_id FROM accounts WHERE id = ?", (account_id(row["system"], row["account"]),)
            ).fetchone()
            if account is not None:
                return dict(row) | {"identity_id": account["identity_id"]}
    return None
