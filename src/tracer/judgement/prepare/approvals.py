"""Who approved what a grant rests on, whether for themselves, and with what authority as of that moment.

Reads `events`, `requests`, `authorities`; fills `approvals`. An authority holds from its first instant to, not
including, its last; a delegated one only while its delegator has authority.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from tracer.case.entitlement_names import EntitlementNames
from tracer.case.glob_index import PairIndex
from tracer.case.globs import matches
from tracer.case.ids import content_id
from tracer.case.stage import Stage
from tracer.completeness.unread import lacks_section
from tracer.judgement.prepare.unnamed import lacks_approvers

DEEPEST = 8
"""Delegations of delegations after which a chain is taken to have no authority at its end."""

WITHOUT = ("none", "delegation-invalid")
"""What the list says of an approver who had no authority; where it lacks rows they are `unnamed`."""


Standing = tuple[str, str | None, str | None]
"""What authority somebody had (own, delegated, delegation-invalid, none, unlisted), by whose delegation, and why that is not enough."""


@dataclass(frozen=True)
class Authority:
    """One row of `authorities`: who may approve what, from when to when, by whose delegation."""

    approver: str
    system: str
    entitlement: str
    valid_from: str
    valid_to: str | None
    delegator: str | None

    def in_force(self, at: str) -> bool:
        """Whether `at` lies within it; its last instant does not."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class Authorities:
    """All authorities of the register, with who was in the groups that hold some."""

    def __init__(
        self,
        rows: list[Authority],
        members: dict[str, list[tuple[str, str, str | None]]],
        names: EntitlementNames,
        people: set[str],
        systems: set[str],
    ) -> None:
        self._rows = rows
        self._people = people
        self._nowhere: dict[str, list[Authority]] = defaultdict(list)
        for row in rows:
            if "*" not in row.system and row.system.casefold() not in systems:
                self._nowhere[row.approver].append(row)
        self._approvers = {row.approver for row in rows}
        self._few_unknown = len(self._approvers - people) * 2 <= len(self._approvers)
        self._names = names
        self._index = PairIndex([(row.system, row.entitlement) for row in rows])
        self._listed: dict[tuple[str, str], list[Authority]] = {}
        self._held: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            self._held[row.approver].append(place)
        self._groups: dict[str, dict[str, list[tuple[str, str | None]]]] = defaultdict(dict)
        for group, inside in members.items():
            for member, since, until in inside:
                self._groups[member].setdefault(group, []).append((since, until))
        self._own: dict[str, tuple[list[int], PairIndex]] = {}
        self.known: dict[tuple[str, str, str, str, int], Standing] = {}
        """What `standing` has found: delegations of delegations lead to the same people again and again."""

    def nobody(self, name: str) -> bool:
        """Whether this name stands nowhere else, so that whom it means is not known."""
        return name not in self._people and name not in self._approvers

    def misnamed(self, rows: list[Authority]) -> bool:
        """Whether these name only whom nothing else knows, though most approvers are known: whom they mean is not."""
        return self._few_unknown and bool(rows) and not any(row.approver in self._people for row in rows)

    def elsewhere(self, approver: str, system: str, entitlement: str, at: str) -> bool:
        """Whether the approver may approve this entitlement in a system that stands nowhere else: it may be this one."""
        names = self._names.of(system, entitlement)
        return any(
            row.in_force(at)
            and row.entitlement != "*"
            and any(matches(row.entitlement, one) for one in names)
            for row in self._nowhere.get(approver, ())
        )

    def listed(self, system: str, entitlement: str) -> list[Authority]:
        """Those that speak of this entitlement at all."""
        key = (system, entitlement)
        if key not in self._listed:
            found = self._index.of(system, self._names.of(system, entitlement))
            self._listed[key] = [self._rows[place] for place in found]
        return self._listed[key]

    def of(self, approver: str, system: str, entitlement: str, at: str) -> list[Authority]:
        """Those of the approver, and of every group that the approver was in then."""
        groups = self._groups.get(approver, {})
        if approver not in self._own:
            places = sorted({place for name in (approver, *groups) for place in self._held.get(name, ())})
            rows = [self._rows[place] for place in places]
            self._own[approver] = places, PairIndex([(row.system, row.entitlement) for row in rows])
        places, index = self._own[approver]
        found = [self._rows[places[one]] for one in index.of(system, self._names.of(system, entitlement))]
        return [
            row
            for row in found
            if row.approver == approver
            or any(
                since <= at and (until is None or at < until) for since, until in groups.get(row.approver, ())
            )
        ]


def authorities(connection: sqlite3.Connection) -> Authorities:
    """All authorities of the register, approvers and delegators as identities."""
    rows = connection.execute(
        """SELECT coalesce(identity_id, approver), coalesce(system, '*'), coalesce(entitlement, '*'),
                  coalesce(valid_from, ''), valid_to, coalesce(delegator_id, delegated_by)
           FROM authorities ORDER BY id"""
    )
    members: dict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
    for row in connection.execute(
        """SELECT p.identity_id AS grp, m.identity_id AS member, r.valid_from, r.valid_to FROM reaches r
           JOIN accounts p ON p.id = r.group_id JOIN accounts m ON m.id = r.member_id
           WHERE p.identity_id IN (SELECT identity_id FROM authorities) ORDER BY 1, 2, 3"""
    ):
        members[row["grp"]].append((row["member"], row["valid_from"], row["valid_to"]))
    people = {name for (name,) in connection.execute("SELECT id FROM identities")}
    systems = {
        str(name).casefold()
        for (name,) in connection.execute("SELECT system FROM entitlements UNION SELECT system FROM accounts")
    }
    return Authorities(
        [Authority(*row) for row in rows], members, EntitlementNames(connection), people, systems
    )


NOBODY: Standing = ("unknown", None, None)
"""The standing of an approver who is not known."""


def standing(
    known: Authorities, approver: str, system: str, entitlement: str, at: str, depth: int = 0
) -> Standing:
    """What authority `approver` had for this entitlement at that moment."""
    key = (approver, system, entitlement, at, depth)
    if key not in known.known:
        known.known[key] = _standing(known, approver, system, entitlement, at, depth)
    return known.known[key]


def _standing(
    known: Authorities, approver: str, system: str, entitlement: str, at: str, depth: int
) -> Standing:
    own = known.of(approver, system, entitlement, at)
    if any(row.in_force(at) and row.delegator is None for row in own):
        return "own", None, None
    if known.elsewhere(approver, system, entitlement, at):
        return "unnamed", None, None
    if depth < DEEPEST:
        for row in own:
            if row.in_force(at) and row.delegator is not None:
                held, _, _ = standing(known, row.delegator, system, entitlement, at, depth + 1)
                if held in ("own", "delegated"):
                    return "delegated", row.delegator, None
                if held == "unnamed":
                    return held, row.delegator, None
            if row.in_force(at) and row.delegator is not None and known.nobody(row.delegator):
                return "unnamed", row.delegator, None
    if own and all(row.delegator is not None for row in own):
        nearest = max(own, key=lambda row: (row.in_force(at), row.valid_from <= at, row.valid_from))
        return (
            "delegation-invalid",
            nearest.delegator,
            _outside(nearest, at) or "who had no authority for it then",
        )
    # Somebody always may: where nobody is named for that time, the list lacks them, and it may be this approver.
    others = [row for row in known.listed(system, entitlement) if row.in_force(at) and row.delegator is None]
    if not own and not others:
        return "unlisted", None, None
    if not own and depth == 0 and known.misnamed(others):
        return "unnamed", None, None
    direct = [row for row in own if row.delegator is None]
    if not direct:
        return "none", None, "the register gives them none"
    nearest = max(direct, key=lambda row: (row.valid_from <= at, row.valid_from))
    return "none", None, f"the register gives them one {_outside(nearest, at)}"


def _outside(row: Authority, at: str) -> str | None:
    """Why `at` lies outside of what the row gives; None where it lies within."""
    if row.valid_from > at:
        return f"which begins only at {row.valid_from}"
    return None if row.in_force(at) else f"which ended at {row.valid_to}"


def build_approvals(connection: sqlite3.Connection) -> None:
    """One row per approval of each grant's ticket: the approver's identity, whether it is their own, their authority.

    The approver is who started the session in which it was approved. It is their own also where they acted on behalf of
    the requester or beneficiary, or the other way round. Automation has the authority of whom it acts for as well.
    """
    known = authorities(connection)
    automation = {
        name
        for (name,) in connection.execute("SELECT id FROM identities WHERE kind NOT IN ('human', 'group')")
    }
    behalf = dict(
        connection.execute(
            "SELECT id, on_behalf_of FROM identities WHERE on_behalf_of IS NOT NULL"
        ).fetchall()
    )
    rows = connection.execute(
        """WITH meant AS MATERIALIZED (
             SELECT o.name, min(i.id) AS id FROM (
               SELECT DISTINCT on_behalf_of AS name FROM events WHERE verb = 'approve' AND on_behalf_of IS NOT NULL) o
             JOIN identities i ON fold(i.id) = fold(o.name) GROUP BY o.name)
           SELECT g.id AS grant_id, v.id AS event_id, v.at, v.record_id, coalesce(s.identity_id, a.identity_id) AS approver,
                  a.identity_id AS actor, g.identity_id, q.requester_id, q.beneficiary_id, t.system, t.name, b.identity_id AS behalf,
                  i.id AS behalf_identity, q.id AS request_id
           FROM grants g JOIN entitlements t ON t.id = g.entitlement_id
           JOIN requests q ON q.id = g.request_id
           JOIN request_events w ON w.request_id = q.id
           JOIN events v ON v.id = w.event_id AND v.verb = 'approve' AND v.outcome = 'success'
           LEFT JOIN accounts a ON a.id = v.actor_id LEFT JOIN accounts s ON s.id = v.started_by
           LEFT JOIN accounts b ON b.id = account_id(v.system, v.on_behalf_of)
           LEFT JOIN meant i ON i.name = v.on_behalf_of
           ORDER BY g.id, v.id"""
    ).fetchall()
    unread = lacks_section(connection, "authorities") or lacks_section(connection, "identities")
    partial = unread or lacks_approvers(
        (
            row["approver"],
            row["system"],
            row["name"],
            row["request_id"],
            bool(known.of(row["approver"], row["system"], row["name"], row["at"])),
        )
        for row in rows
        if row["approver"] and known.listed(row["system"], row["name"])
    )
    found = []
    for row in rows:
        concerned = {row["identity_id"], row["requester_id"], row["beneficiary_id"]} - {None}
        concerned |= {behalf[name] for name in concerned if name in behalf}
        acting = {row[name] for name in ("approver", "actor", "behalf", "behalf_identity")} - {None}
        acting |= {behalf[name] for name in acting if name in behalf}
        held, delegator, ground = NOBODY
        if row["approver"]:
            names = [row["approver"]]
            if row["approver"] in automation:
                names += sorted(acting - {row["approver"]})
            held, delegator, ground = min(
                (standing(known, name, row["system"], row["name"], row["at"]) for name in names),
                key=lambda one: one[0] not in ("own", "delegated"),
            )
            if held in WITHOUT and partial:
                held = "unnamed"
        found.append(
            (
                content_id("approval", row["grant_id"], row["event_id"]),
                row["grant_id"],
                row["event_id"],
                row["approver"],
                row["at"],
                int(bool(concerned & acting)),
                _through(concerned & acting, row),
                held,
                delegator,
                ground,
                row["record_id"],
            )
        )
    connection.executemany("INSERT OR IGNORE INTO approvals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", found)
    _build_unread_approvals(connection)


def _build_unread_approvals(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `unread_approvals`: requests of which an approval may stand in a record that could not be read.

    That is so where approvals are records of their own, as ServiceNow's are, in files that hold such or of which nothing is known.
    """
    connection.execute("DROP TABLE IF EXISTS temp.unread_approvals")
    connection.execute("CREATE TEMP TABLE unread_approvals (request_id PRIMARY KEY) WITHOUT ROWID")
    connection.execute(
        """WITH apart AS MATERIALIZED (
             SELECT DISTINCT a.source, r.evidence_id FROM ticket_acts a JOIN records r ON r.id = a.record_id
             WHERE a.verb IN ('approve', 'deny')
               AND NOT EXISTS (SELECT 1 FROM ticket_acts o WHERE o.record_id = a.record_id AND o.verb = 'request')),
           lost AS MATERIALIZED (
             SELECT * FROM temp.unread n WHERE n.kind = 'ticket' AND (n.evidence_id IN (SELECT evidence_id FROM apart)
               OR n.source IN (SELECT source FROM apart) AND n.evidence_id NOT IN (SELECT evidence_id FROM records)))
           INSERT OR IGNORE INTO unread_approvals
           SELECT q.id FROM lost n JOIN requests q ON q.source = n.source JOIN grants g ON g.request_id = q.id
           WHERE n.first_at <= g.first_sign_at AND n.last_at >= coalesce(q.requested_at, '')"""
    )


def _through(same: set[str], row: sqlite3.Row) -> str | None:
    """Who makes an approval the approver's own: themselves, else who asked or is to have it, else for whom these act."""
    named = [row[name] for name in ("approver", "requester_id", "beneficiary_id", "identity_id")]
    return next((name for name in named if name in same), min(same, default=None))


STAGE = Stage(
    "approvals",
    reads=(
        "accounts",
        "authorities",
        "entitlement_aliases",
        "entitlements",
        "events",
        "grants",
        "identities",
        "reaches",
        "records",
        "request_events",
        "requests",
        "ticket_acts",
        "unread",
        "unread_sections",
    ),
    writes=("approvals", "unread_approvals"),
    run=lambda work: build_approvals(work.connection),
)
