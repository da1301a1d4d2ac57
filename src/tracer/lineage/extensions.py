"""Extensions of access, and whether an approved request stands behind each. Fills `extensions`; times are UTC text.

An extension is approved by a request decided before it: the one that the log names, or one for the same beneficiary,
system and entitlement asked for within `request_window` before it and after the grant. It moves the end no further
than the request says; the request of the grant itself, cited again, approves nothing beyond its own end.
"""

import sqlite3
from collections import defaultdict

from tracer.case.policy import limit
from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.lineage.links import people_of_requests

Request = tuple[str, str, str | None]
"""When it was asked for, when decided, and the end that it asks for."""


def build_extensions(connection: sqlite3.Connection) -> None:
    """One row per extension in the log, with 1 or 0 for approved and the end that was approved (null: as extended)."""
    extensions = connection.execute(
        """SELECT v.id, v.at, v.expires_at, fold(v.ticket) AS ticket, a.identity_id, fold(e.system) AS system,
                  fold(e.name) AS name, max(g.at) AS granted_at, fold(g.ticket) AS own
           FROM events v JOIN accounts a ON a.id = v.subject_id JOIN entitlements e ON e.id = v.entitlement_id
           LEFT JOIN events g ON g.subject_id = v.subject_id AND g.entitlement_id = v.entitlement_id
             AND g.verb = 'grant' AND g.outcome = 'success' AND g.at <= v.at
           WHERE v.verb = 'extend' AND v.outcome = 'success' GROUP BY v.id ORDER BY v.id"""
    ).fetchall()
    if not extensions:
        return
    people_of_requests(connection)
    named, alike = _approved(connection)
    window = limit(connection, "request_window")
    rows = []
    for one in extensions:
        since = max(plus(one["at"], -window) if window else "", one["granted_at"] or "")
        candidates = [
            (asked, decided, end)
            for asked, decided, end in named.get(one["ticket"] or "", [])
            if one["ticket"] != one["own"] or end is None or end >= (one["expires_at"] or "9999")
        ]
        key = (one["identity_id"], one["system"], one["name"])
        candidates += [request for request in alike.get(key, []) if request[0] >= since]
        decided = [request for request in candidates if request[1] <= one["at"]]
        ends = [end for _, _, end in decided]
        until = None if None in ends else max((end for end in ends if end), default=None)
        rows.append((one["id"], int(bool(decided)), until))
    connection.executemany("INSERT INTO extensions VALUES (?, ?, ?)", rows)


def _approved(
    connection: sqlite3.Connection,
) -> tuple[dict[str, list[Request]], dict[tuple[str, str, str], list[Request]]]:
    """Approved requests by ticket, and by beneficiary, system and entitlement (names case-folded)."""
    named: dict[str, list[Request]] = defaultdict(list)
    alike: dict[tuple[str, str, str], list[Request]] = defaultdict(list)
    for row in connection.execute(
        "SELECT * FROM requests WHERE decision = 'approved' AND decided_at IS NOT NULL ORDER BY id"
    ):
        request = (row["requested_at"] or "", row["decided_at"], row["expires_at"])
        named[row["ticket"].casefold()].append(request)
        if row["beneficiary_id"] and row["system"] and row["entitlement"]:
            alike[row["beneficiary_id"], row["system"].casefold(), row["entitlement"].casefold()].append(
                request
            )
    return named, alike


STAGE = Stage(
    "extensions",
    reads=(
        "accounts",
        "entitlements",
        "events",
        "policy",
        "request_events",
    ),
    writes=("extensions",),
    completes=("requests",),
    run=lambda work: build_extensions(work.connection),
)
