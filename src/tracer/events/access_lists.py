"""Access lists that two records tell as a whole, as they were before one act and as they were after it.

Each of the two acts has in `whole` what its list says, as JSON: `{"before": [[verb, account, kind of account, entitlement],
…]}`, or `after`; the verb is grant, or revoke where an entry withholds. Who gained and who lost is the difference. Reads
`acts`, corrects the temporary table `told` and adds both records of each event to `told_records`.
"""

import json
import sqlite3
from typing import Any

from tracer.case.ids import content_id
from tracer.sources.declarations import FIELDS

Entry = tuple[str, str, str | None, str]
"""Verb, account, kind of account, entitlement."""


def settle_access_lists(connection: sqlite3.Connection) -> None:
    """Turn each act of which both lists are known into what it gave and took; others stay: nobody knows who gained."""
    lists: dict[str, dict[str, list[Entry]]] = {}
    records: dict[str, set[str]] = {}
    rows = connection.execute(
        """SELECT act, record_id, whole FROM acts
           WHERE whole LIKE '{"before":%' OR whole LIKE '{"after":%' ORDER BY act, record_id"""
    )
    for act, record, whole in rows:
        for side, entries in json.loads(whole).items():
            lists.setdefault(act, {}).setdefault(side, [_entry(*one) for one in entries])
        records.setdefault(act, set()).add(record)
    names = ["id", "record_id", *FIELDS]
    for act, sides in lists.items():
        if len(sides) < 2:
            continue
        told = dict(
            connection.execute(
                f"SELECT record_id, {', '.join(FIELDS)} FROM told WHERE id = ?", (act,)
            ).fetchone()
        )
        connection.execute("DELETE FROM told WHERE id = ?", (act,))
        for verb, account, kind, entitlement in changes(sides["before"], sides["after"]):
            identifier = content_id("act", act, verb, account, entitlement)
            said: dict[str, Any] = told | {
                "id": identifier,
                "verb": verb,
                "subject": account,
                "subject_kind": kind,
            }
            said |= {"entitlement": entitlement, "whole": None}
            connection.execute(
                f"INSERT OR IGNORE INTO told ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})",
                said,
            )
            connection.executemany(
                "INSERT INTO told_records VALUES (?, ?)",
                [(identifier, record) for record in sorted(records[act])],
            )


def changes(before: list[Entry], after: list[Entry]) -> list[Entry]:
    """What the new list gives and takes; what it withholds is taken, a denial that is gone gives nothing."""
    known, now = set(before), set(after)
    lost = [("revoke", *one[1:]) for one in before if one not in now and one[0] == "grant"]
    return list(dict.fromkeys([one for one in after if one not in known] + lost))


def _entry(verb: str, account: str, kind: str | None, entitlement: str) -> Entry:
    return verb, account, kind, entitlement
