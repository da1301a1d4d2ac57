"""What stands in place of IDENTITY: a name, or an id found in evidence; and which grants are meant by it.

An id is taken whole, in this order: grant or finding; event (ours); access key or session; ticket; then the name of an
identity or account; then a vendor's event id. Of a key or session the grants made with it come with those that
whoever is behind it held: who is behind this key, what it gave, and what it could do.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tracer.case.functions import add_functions
from tracer.errors import CaseError
from tracer.questions import keys, vendor_events
from tracer.questions.lineage_of import evidence_of
from tracer.questions.names import identities_called, identity_named, text

HELD, MADE, TICKET, EVENT, ITSELF = (
    "held by the identity behind it",
    "granted with it",
    "delivered the ticket",
    "bears on the event",
    "is the one asked for",
)
"""How a grant belongs to what was asked for."""


SHOWN_OF_AN_ID = 10
"""Characters of the id of a finding that a table shows."""


@dataclass
class Asked:
    """What was asked for: its kind, who is behind it, what evidence says of it in a line each, and its grants."""

    kind: str
    name: str
    identities: list[str] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    grants: dict[str, str] = field(default_factory=dict)

    def shape(self, grant: str) -> dict[str, Any]:
        """What an answer says of the question that led to its grant."""
        return {
            "kind": self.kind,
            "name": self.name,
            "identities": self.identities,
            "relation": self.grants.get(grant, ITSELF),
            "told": self.told,
        }


def asked_for(connection: sqlite3.Connection, name: str) -> Asked:
    """What `name` means, with the grants it leads to.

    Raises UsageError where it is ambiguous, CaseError where nothing is found or what is found leads to no grant.
    """
    add_functions(connection)
    found = _ours(connection, text(name)) or _key(connection, name)
    if found is None:
        exact = identities_called(connection, name)
        found = None if exact else _ticket(connection, name)
        found = found or _identity(connection, name, exact)
    if not found.grants:
        raise _no_grant(connection, found)
    return found


def _identity(connection: sqlite3.Connection, name: str, exact: list[str]) -> Asked:
    """Whose name, or unique part of a name, it is; only what names nobody is looked for in the records themselves."""
    try:
        identity = exact[0] if len(exact) == 1 else identity_named(connection, name)
    except CaseError:
        found = _vendor(connection, name) or _finding(connection, name)
        if found is None:
            raise
        return found
    return Asked("identity", name, [identity], grants=_of_identities(connection, [identity], ITSELF))


def _no_grant(connection: sqlite3.Connection, asked: Asked) -> CaseError:
    if asked.kind == "identity":
        return CaseError(
            f"{asked.identities[0]} was granted nothing in evidence",
            todo=_gave(connection, asked.identities[0]),
        )
    told = "; ".join(str(one["what"]) for one in asked.told)
    return CaseError(
        f"{asked.kind} {asked.name} leads to no grant in evidence" + (f": {told}" if told else ""),
        todo="ask for the identity, or hand in the logs of the time before",
    )


def _gave(connection: sqlite3.Connection, identity: str) -> str:
    """Where to look for somebody who was granted nothing: at what they granted to others, wrong access first."""
    rows = connection.execute(
        """SELECT g.id, g.identity_id, e.name AS entitlement, e.system, count(*) OVER () AS many
           FROM grants g JOIN accounts a ON a.id = g.executor_id JOIN entitlements e ON e.id = g.entitlement_id
           WHERE a.identity_id = ? ORDER BY g.verdict <> 'wrong-access', g.first_sign_at DESC, g.id LIMIT 1""",
        (identity,),
    ).fetchall()
    if not rows:
        return "see what others hold with: tracer findings CASE --all"
    row = rows[0]
    what = f"{row['entitlement']} in {row['system']} to {row['identity_id'] or 'somebody'}"
    more = f", and {row['many'] - 1} more" if row["many"] > 1 else ""
    return f"it granted {what}{more}: tracer why CASE {row['id']}"


def _ours(connection: sqlite3.Connection, name: str) -> Asked | None:
    row = connection.execute(
        """SELECT g.id, g.identity_id, 'grant' AS kind FROM grants g WHERE g.id = :n
           UNION ALL SELECT g.id, g.identity_id, 'finding' FROM findings f JOIN grants g ON g.id = f.grant_id WHERE f.id = :n""",
        {"n": name},
    ).fetchone()
    if row is not None:
        return Asked(row["kind"], name, [row["identity_id"]], grants={row["id"]: ITSELF})
    if connection.execute("SELECT 1 FROM events WHERE id = ?", (name,)).fetchone():
        return _events(connection, name, [name])
    return None


def _finding(connection: sqlite3.Connection, name: str) -> Asked | None:
    """The grant of the one finding whose id begins as `tracer findings` prints it."""
    if len(name) < SHOWN_OF_AN_ID:
        return None
    rows = connection.execute(
        """SELECT g.id, g.identity_id FROM findings f JOIN grants g ON g.id = f.grant_id
           WHERE substr(f.id, 1, length(:n)) = lower(:n) LIMIT 2""",
        {"n": name},
    ).fetchall()
    if len(rows) != 1:
        return None
    return Asked("finding", name, [rows[0]["identity_id"]], grants={rows[0]["id"]: ITSELF})


def _key(connection: sqlite3.Connection, name: str) -> Asked | None:
    key = keys.key_named(connection, name)
    called = identities_called(connection, name)
    if key is None or (called and not key.sure):
        # Some sources name a session after its user: then the name means the user.
        return None
    behind = sorted({*key.identities, *called})
    grants = _of_identities(connection, behind, HELD) | dict.fromkeys(key.made, MADE)
    told = [
        {"what": what, "at": at, "evidence": evidence_of(connection, [record])}
        for what, at, record in key.told
    ]
    return Asked(key.kind, name, behind, told, grants)


def _ticket(connection: sqlite3.Connection, name: str) -> Asked | None:
    rows = connection.execute(
        "SELECT * FROM requests WHERE fold(ticket) = fold(?) ORDER BY source", (name,)
    ).fetchall()
    grants = connection.execute(
        "SELECT id FROM grants WHERE fold(ticket) = fold(:n) OR fold(named_ticket) = fold(:n) ORDER BY id",
        {"n": name},
    ).fetchall()
    if not rows and not grants:
        return None
    told = [
        {
            "what": f"{row['ticket']} ({row['source']}): {row['requester_id'] or 'somebody'} asked for "
            f"{row['entitlement'] or 'something not named in a field'} for {row['beneficiary_id'] or 'somebody'}; {row['decision']}",
            "at": row["requested_at"],
            "evidence": evidence_of(connection, [row["record_id"]]),
        }
        for row in rows
    ]
    people = sorted({row["beneficiary_id"] for row in rows if row["beneficiary_id"]})
    return Asked("ticket", name, people, told, {row["id"]: TICKET for row in grants})


def _vendor(connection: sqlite3.Connection, name: str) -> Asked | None:
    events = vendor_events.events_of(connection, name)
    if events:
        return _events(connection, name, events)
    use = vendor_events.use_of(connection, name)
    if use is None:
        return None
    rows = connection.execute(
        """SELECT g.id FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
           WHERE g.identity_id = :identity AND fold(e.system) = fold(:system) AND g.first_sign_at <= :last
             AND (g.ended_at IS NULL OR g.ended_at >= :first) ORDER BY g.id""",
        {
            "identity": use["identity_id"],
            "system": use["system"],
            "first": use["first_at"],
            "last": use["last_at"],
        },
    ).fetchall()
    what = (
        f"a use: {use['action']} in {use['system']} by {use['account']}, counted in the hour of {use['hour']}"
    )
    told = [{"what": what, "at": use["first_at"], "evidence": []}]
    return Asked("event", name, [use["identity_id"]], told, {row["id"]: EVENT for row in rows})


def _events(connection: sqlite3.Connection, name: str, events: list[str]) -> Asked:
    """The grants that events began, decided, ended or told of, and what the events say."""
    asked = Asked("event", name)
    people: set[str] = set()
    for event in events:
        row = connection.execute(
            """SELECT v.*, a.name AS actor, s.name AS subject, s.identity_id AS subject_identity, t.name AS entitlement
               FROM events v LEFT JOIN accounts a ON a.id = v.actor_id LEFT JOIN accounts s ON s.id = v.subject_id
               LEFT JOIN entitlements t ON t.id = v.entitlement_id WHERE v.id = ?""",
            (event,),
        ).fetchone()
        people |= {row["subject_identity"]} - {None}
        what = row["entitlement"] or (row["rule"] if row["verb"] == "change-rule" else None)
        words = [row["verb"], what, f"in {row['system']}"]
        words += [f"for {row['subject']}"] if row["subject"] else []
        words += [f"by {row['actor']}"] if row["actor"] else []
        words += [f"({row['outcome']})"] if row["outcome"] != "success" else []
        asked.told.append(
            {
                "what": " ".join(str(word) for word in words if word),
                "at": row["at"],
                "evidence": evidence_of(connection, [row["record_id"]]),
            }
        )
        asked.grants |= dict.fromkeys(_touched(connection, row), EVENT)
    asked.identities = sorted(people)
    return asked


def _touched(connection: sqlite3.Connection, event: sqlite3.Row) -> list[str]:
    """Grants that begin, end or are overridden by the event; else those of its ticket; else those held then."""
    at_hand = connection.execute(
        "SELECT id FROM grants WHERE :id IN (event_id, end_event_id, override_event_id) ORDER BY id",
        {"id": event["id"]},
    ).fetchall()
    if not at_hand and event["ticket"] and event["verb"] in ("request", "approve", "deny", "cancel"):
        at_hand = connection.execute(
            "SELECT id FROM grants WHERE fold(ticket) = fold(?) ORDER BY id", (event["ticket"],)
        ).fetchall()
    if not at_hand and event["verb"] == "assume":
        made = keys.made_with(connection, [event["issued"]]) if event["issued"] else []
        return made or _held_by(connection, event["actor_id"], None, event["at"])
    if not at_hand and event["subject_id"]:
        return _held_by(connection, event["subject_id"], event["entitlement_id"], event["at"])
    return [row["id"] for row in at_hand]


def _held_by(
    connection: sqlite3.Connection, account: str | None, entitlement: str | None, at: str
) -> list[str]:
    rows = connection.execute(
        """SELECT id FROM grants WHERE account_id = :account AND (:entitlement IS NULL OR entitlement_id = :entitlement)
             AND first_sign_at <= :at AND (ended_at IS NULL OR ended_at >= :at) ORDER BY id""",
        {"account": account, "entitlement": entitlement, "at": at},
    )
    return [row["id"] for row in rows]


def _of_identities(
    connection: sqlite3.Connection, identities: Iterable[str], relation: str
) -> dict[str, str]:
    found: dict[str, str] = {}
    for identity in identities:
        rows = connection.execute("SELECT id FROM grants WHERE identity_id = ? ORDER BY id", (identity,))
        found |= {row["id"]: relation for row in rows}
    return found
