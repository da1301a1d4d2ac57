"""Reviewed changes as requests: a commit, a pull request or a log that holds who asked, for what, and who approved it.

Reads `acts`; writes `requests` and `request_events`. Each act of asking is one request: for one beneficiary and one
entitlement, so that a change that gives three people two groups is six. Votes in the record of the request belong to
it; votes in records of their own belong to all requests of the same source and ticket, and votes on a pull request to
the commit that it became. A request without votes is kept only where its source says that it was still pending: elsewhere votes may lie in a log that was not handed in.
"""

import sqlite3
from collections import defaultdict

from tracer.case.ids import content_id
from tracer.case.stage import Stage

DECISIONS = {"approve": "approved", "deny": "denied", "cancel": "cancelled"}


def build_reviewed(connection: sqlite3.Connection) -> None:
    """Fill `requests` from the acts of asking that name a ticket, with their decision."""
    asked = connection.execute(
        """SELECT act, min(record_id) AS record_id, source, ticket, system, subject, entitlement, scope, expires_at, reason,
                  at, decision, session
           FROM acts WHERE verb = 'request' AND ticket <> '' AND outcome = 'success'
             AND coalesce(decision, '') NOT IN ('remove', 'change') GROUP BY act ORDER BY act"""
    ).fetchall()
    if not asked:
        return
    by_record, by_ticket = _votes(connection)
    pulls = _pulls([*by_record.values(), *by_ticket.values()])
    for row in asked:
        named = row["source"], row["ticket"].casefold()
        votes = [vote for vote in by_record[named] if vote["record_id"] == row["record_id"]]
        votes += [*by_ticket[named], *_elsewhere(row, pulls)]
        votes = [vote for vote in {vote["act"]: vote for vote in votes}.values() if _concerns(vote, row)]
        if votes or row["decision"] == "pending":
            _keep(connection, row, sorted(votes, key=lambda vote: (vote["at"], vote["act"])))


Votes = dict[tuple[str, str], list[sqlite3.Row]]


def _votes(connection: sqlite3.Connection) -> tuple[Votes, Votes]:
    """Decisions by source and ticket: those in a record that also asks, and those in records of their own."""
    by_record: Votes = defaultdict(list)
    by_ticket: Votes = defaultdict(list)
    for vote in connection.execute(
        """SELECT act, min(record_id) AS record_id, source, ticket, system, actor, subject, entitlement, verb, at,
                  EXISTS (SELECT 1 FROM acts r WHERE r.record_id = acts.record_id AND r.verb = 'request') AS asks
           FROM acts WHERE verb IN ('approve', 'deny', 'cancel') AND ticket <> '' AND outcome = 'success'
           GROUP BY act ORDER BY at, act"""
    ):
        (by_record if vote["asks"] else by_ticket)[vote["source"], vote["ticket"].casefold()].append(vote)
    return by_record, by_ticket


def _pulls(listed: list[list[sqlite3.Row]]) -> dict[str, list[sqlite3.Row]]:
    """Votes by the whole id of what they are on (`org/repo#12`, a Change-Id), and by what stands behind the repository."""
    found: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for vote in [vote for votes in listed for vote in votes]:
        ticket = vote["ticket"].casefold()
        number = (
            ticket[max(ticket.find("#"), ticket.find("!")) :] if "#" in ticket or "!" in ticket else ticket
        )
        for name in {ticket, number}:
            found[name].append(vote)
    return found


def _elsewhere(asked: sqlite3.Row, pulls: dict[str, list[sqlite3.Row]]) -> list[sqlite3.Row]:
    """Votes of another source on the pull request that this change came by; a bare number must mean one repository."""
    found = []
    for name in {str(asked[column]).casefold() for column in ("ticket", "session") if asked[column]}:
        votes = pulls.get(name, [])
        if len({vote["ticket"].casefold() for vote in votes}) == 1:
            found += [vote for vote in votes if vote["source"] != asked["source"]]
    return found


def _concerns(vote: sqlite3.Row, asked: sqlite3.Row) -> bool:
    """Whether a vote is about this request: what it names is what was asked for; it need not name anything."""
    pairs = ((vote[name], asked[name]) for name in ("subject", "entitlement"))
    return all(
        mine is None or theirs is None or mine.casefold() == theirs.casefold() for mine, theirs in pairs
    )


def _keep(connection: sqlite3.Connection, asked: sqlite3.Row, votes: list[sqlite3.Row]) -> None:
    """One row of `requests`; of each voter the last vote stands, and one that stands against it decides."""
    request = content_id("request", asked["act"])
    standing = list({(vote["actor"] or vote["act"]).casefold(): vote for vote in votes}.values())
    against = [vote for vote in standing if vote["verb"] != "approve"]
    deciding = max(against or standing, key=lambda vote: (vote["at"], vote["act"]), default=None)
    connection.execute(
        """INSERT OR IGNORE INTO requests (id, ticket, source, beneficiary, system, entitlement, scope, expires_at,
             justification, requested_at, decision, decided_at, free_text, record_id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)""",
        (
            request, asked["ticket"], asked["source"], asked["subject"], asked["system"], asked["entitlement"],
            asked["scope"], asked["expires_at"], asked["reason"], asked["at"],
            DECISIONS[deciding["verb"]] if deciding else "pending", deciding["at"] if deciding else None,
            asked["record_id"],
        ),
    )  # fmt: skip
    connection.executemany(
        "INSERT OR IGNORE INTO request_events VALUES (?, ?)",
        [(request, act) for act in [asked["act"], *(vote["act"] for vote in votes)]],
    )


STAGE = Stage(
    "reviewed-changes",
    reads=("acts",),
    writes=(),
    run=lambda work: build_reviewed(work.connection),
)
