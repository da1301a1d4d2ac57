"""Tickets: requests with their approvals, from the raw records of Jira and ServiceNow and the register's `tickets:`.

All ticket records are kept at ingest; their fields are mapped here, when judging, so that a register read later still
applies. Of a ticket in several exports the one updated last counts. Writes `requests`, `request_events`, `ticket_acts`,
`ticket_aliases`, and the temporary table `unmapped` of records of which no ticket could be made.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tracer.case.ids import content_id
from tracer.case.stage import Stage
from tracer.events.ticket import APPROVED, CANCELLED, DENIED, DONE, Person, Ticket, Vote
from tracer.events.ticket_shapes import read, unwrapped
from tracer.sources.characters import loads
from tracer.sources.clock import utc
from tracer.sources.declarations import Declaration, declarations
from tracer.sources.paths import look_up, text_of

Record = tuple[str, dict[str, Any]]
"""The id of a ticket record, and what it says."""


def map_tickets(connection: sqlite3.Connection) -> None:
    """Fill `requests`, `ticket_acts` and `ticket_aliases` from every ticket record in evidence."""
    connection.execute("DROP TABLE IF EXISTS temp.unmapped")
    connection.execute("CREATE TEMP TABLE unmapped (record_id, source)")
    mapping = {
        row["key"].casefold(): loads(row["content"])
        for row in connection.execute(
            "SELECT key, content FROM entries WHERE section = 'tickets' ORDER BY record_id"
        )
    }
    for declaration in declarations().values():
        if declaration.reader != "ticket":
            continue
        source, shape = declaration.name, declaration.options.get("ticket", {})
        family = shape.get("family", source)
        fields = mapping.get(source, mapping.get(family))
        if family not in READERS and fields is None:
            # What a system that knows no approvals holds decides nothing, unless the register says which field does.
            continue
        records, lost = _records(connection, source)
        found, unmapped = _mapped(declaration, family, records, fields)
        connection.executemany(
            "INSERT INTO unmapped VALUES (?, ?)", [(one, source) for one in lost + unmapped]
        )
        known = _known_fields(records, fields or {}, at_top=family in READERS)
        for ticket in found:
            ticket.source, ticket.accounts = source, shape.get("accounts", family)
            ticket.known_fields = known
            # An empty field says that nothing was asked for in it; one that no record has was named wrongly.
            ticket.free_text = ticket.free_text and "entitlement" in known
            _keep(connection, ticket)


def _mapped(
    declaration: Declaration, family: str, records: list[Record], fields: dict[str, Any] | None
) -> tuple[list[Ticket], list[str]]:
    """The tickets of these records, and the ids of records that end the reading of tickets: a fault of tracer, which costs
    these tickets and makes their source one that loses records.
    """

    def of(some: list[Record]) -> list[Ticket]:
        if family in READERS:
            return READERS[family](some, fields or {}, fields is not None)
        return read(declaration, some, fields or {})

    found = _tried(of, records)
    if found is not None:
        return found, []
    sound = [one for one in records if _tried(of, [one]) is not None]
    found = _tried(of, sound)
    kept = {one[0] for one in sound} if found is not None else set()
    return found or [], [one[0] for one in records if one[0] not in kept]


def _tried(of: Callable[[list[Record]], list[Ticket]], records: list[Record]) -> list[Ticket] | None:
    """The tickets of these records; None where reading them ends in an error."""
    try:
        return of(records)
    except Exception:
        return None


def _records(connection: sqlite3.Connection, source: str) -> tuple[list[Record], list[str]]:
    """Every ticket record of a source, decoded, of formats other than JSON as ingest decoded it; and the ids of those that
    cannot be.
    """
    records, lost = list[Record](), list[str]()
    for row in connection.execute(
        """SELECT r.id, r.raw, n.content FROM records r JOIN evidence f ON f.id = r.evidence_id
           LEFT JOIN entries n ON n.record_id = r.id AND n.section = 'ticket'
           WHERE f.source = ? AND f.kind = 'ticket' ORDER BY r.id""",
        (source,),
    ):
        try:
            record = loads(row["content"] or row["raw"])
            if isinstance(record, dict):
                records.append((row["id"], unwrapped(record, {"id": ["key", "sys_id", "id"]})))
        except (ValueError, RecursionError, MemoryError):
            lost.append(row["id"])
    return records, lost


def _known_fields(records: list[Record], fields: dict[str, Any], *, at_top: bool) -> list[str]:
    """The mapped names whose field some record has, be it empty; `at_top`: such records have all fields by name."""
    have = {name for _, record in records for name in record} | {
        name for _, record in records if isinstance(record.get("fields"), dict) for name in record["fields"]
    }
    return sorted(
        name
        for name, path in fields.items()
        if isinstance(path, str) and path and (not at_top or path in have or path.split(".")[0] in have)
    )


def _latest(records: list[Record], key: str, updated: str) -> list[Record]:
    """Of each ticket the version updated last."""
    best: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for record_id, record in records:
        name = _value(look_up(record, key))
        if name is None:
            continue
        one = (utc(_value(look_up(record, updated))) or "", record_id, record)
        if name not in best or one[:2] > best[name][:2]:
            best[name] = one
    return [(record_id, record) for _, record_id, record in best.values()]


def _value(value: Any) -> str | None:
    """A field's value: text, a select, a user, or ServiceNow's pair of display and value."""
    if isinstance(value, list):
        return _value(value[0]) if len(value) == 1 else None
    if isinstance(value, dict):
        for name in ("emailAddress", "value", "display_value", "name", "displayName"):
            if text_of(value.get(name)) is not None:
                return text_of(value[name])
        return None
    return text_of(value)


def _field(record: dict[str, Any], mapping: dict[str, Any], name: str, inside: str = "") -> Any:
    path = mapping.get(name)
    if not isinstance(path, str) or not path:
        return None
    holder = look_up(record, inside) if inside else record
    return look_up(holder, path)


def _jira_person(value: Any) -> Person | None:
    """A Jira user: the e-mail where there is one, else the account id."""
    if not isinstance(value, dict):
        text = text_of(value)
        return Person(text) if text else None
    mail, identifier = (
        text_of(value.get("emailAddress")),
        text_of(value.get("accountId")) or text_of(value.get("name")),
    )
    name = mail or identifier
    if name is None:
        return Person(text) if (text := _value(value)) else None
    aliases = [(identifier, "id")] if identifier and identifier != name else []
    shown = text_of(value.get("displayName"))
    return Person(name, [*aliases, *([(shown, "display-name")] if shown else [])])


def _jira(records: list[Record], mapping: dict[str, Any], mapped: bool) -> list[Ticket]:
    found = []
    for record_id, record in _latest(records, "key", "fields.updated"):
        ticket = Ticket(
            id=str(record["key"]),
            source="jira",
            record_id=record_id,
            requested_at=utc(look_up(record, "fields.created")),
            requester=_jira_person(look_up(record, "fields.reporter"))
            or _jira_person(look_up(record, "fields.creator")),
        )
        ticket.beneficiary = _jira_person(_field(record, mapping, "beneficiary", "fields"))
        _mapped_fields(ticket, record, mapping, "fields")
        _jira_votes(ticket, record, mapping)
        _jira_status(ticket, record)
        text = text_of(look_up(record, "fields.summary")) or text_of(look_up(record, "fields.description"))
        ticket.free_text = (
            mapped and ticket.fields["entitlement"] is None and ticket.decision == "approved" and bool(text)
        )
        found.append(ticket)
    return found


def _mapped_fields(ticket: Ticket, record: dict[str, Any], mapping: dict[str, Any], inside: str = "") -> None:
    for name in ("system", "entitlement", "scope", "expires_at", "justification"):
        value = _field(record, mapping, name, inside)
        several = value if isinstance(value, list) and name == "scope" else [value]
        ticket.fields[name] = ", ".join(text for one in several if (text := _value(one))) or None
    if ticket.fields["expires_at"] is not None:
        ticket.fields["expires_at"] = utc(ticket.fields["expires_at"])


def _jira_votes(ticket: Ticket, record: dict[str, Any], mapping: dict[str, Any]) -> None:
    """Service Management approvals: each approver's decision at the time the approval was completed."""
    approvals = _field(record, mapping, "approvals", "fields")
    outcomes = []
    for approval in approvals if isinstance(approvals, list) else []:
        if not isinstance(approval, dict):
            continue
        at = utc(approval.get("completedDate"))
        final = (text_of(approval.get("finalDecision")) or "").casefold()
        approvers = approval.get("approvers")
        for one in approvers if isinstance(approvers, list) else []:
            said = (
                (text_of(look_up(one, "approverDecision")) or "").casefold() if isinstance(one, dict) else ""
            )
            verb = "approve" if said in APPROVED else "deny" if said in DENIED else None
            if verb and at:
                ticket.votes.append(Vote(verb, _jira_person(one.get("approver")), at, ticket.record_id))
        outcomes.append((at, final))
    _settle(ticket, outcomes)


def _settle(ticket: Ticket, outcomes: list[tuple[str | None, str]]) -> None:
    """The decision of all approvals together: denied if one is, approved once the last of them is in."""
    denied = [at for at, final in outcomes if final in DENIED and at]
    if denied:
        ticket.decision, ticket.decided_at = "denied", max(denied)
    elif outcomes and all(final in APPROVED and at for at, final in outcomes):
        ticket.decision, ticket.decided_at = "approved", max(at for at, _ in outcomes if at)


def _jira_status(ticket: Ticket, record: dict[str, Any]) -> None:
    """What the changelog adds: cancellations, and approvals by status where there are no others."""
    changes: list[tuple[str, str, Person | None]] = []
    histories = look_up(record, "changelog.histories")
    for history in histories if isinstance(histories, list) else []:
        if not isinstance(history, dict):
            continue
        at, items = utc(history.get("created")), history.get("items")
        author = _jira_person(history.get("author"))
        changes.extend(
            (at, (text_of(item.get("toString")) or "").casefold(), author)
            for item in (items if isinstance(items, list) else [])
            if at and isinstance(item, dict) and (text_of(item.get("field")) or "").casefold() == "status"
        )
    by_status = ticket.decision == "pending" and not ticket.votes
    done = False
    for at, status, author in sorted(changes, key=lambda change: change[0]):
        if status in CANCELLED and not done:
            ticket.decision, ticket.decided_at = "cancelled", at
        elif by_status and status in APPROVED:
            ticket.decision, ticket.decided_at = "approved", at
            ticket.votes.append(Vote("approve", author, at, ticket.record_id))
        elif by_status and status in DENIED:
            ticket.decision, ticket.decided_at = "denied", at
            ticket.votes.append(Vote("deny", author, at, ticket.record_id))
        done = done or status in DONE


def _sn_person(record: dict[str, Any], name: str) -> Person | None:
    """A ServiceNow user: the e-mail of the dotted export, else the user name, else what the field itself holds."""
    mail, login = _value(look_up(record, f"{name}.email")), _value(look_up(record, f"{name}.user_name"))
    holder = record.get(name)
    identifier = text_of(holder.get("value")) if isinstance(holder, dict) else text_of(holder)
    shown = text_of(holder.get("display_value")) if isinstance(holder, dict) else None
    chosen = mail or login or identifier
    if chosen is None:
        return None
    aliases = [
        (other, kind)
        for other, kind in ((login, "login"), (identifier, "id"), (shown, "display-name"))
        if other
    ]
    return Person(chosen, [alias for alias in aliases if alias[0] != chosen])


def _servicenow(records: list[Record], mapping: dict[str, Any], mapped: bool) -> list[Ticket]:
    items = [one for one in records if "sysapproval" not in one[1] and "approver" not in one[1]]
    votes: dict[str, list[Record]] = defaultdict(list)
    rows = [one for one in records if "sysapproval" in one[1] or "approver" in one[1]]
    for record_id, row in _latest(rows, "sys_id", "sys_updated_on"):
        for key in {
            _value(row.get("sysapproval")),
            _value(look_up(row, "sysapproval.number")),
            _value(row.get("document_id")),
        }:
            if key:
                votes[key].append((record_id, row))
    found = []
    for record_id, record in _latest(items, "sys_id", "sys_updated_on"):
        number = _value(record.get("number")) or str(_value(record["sys_id"]))
        ticket = Ticket(
            id=number,
            source="servicenow",
            record_id=record_id,
            requested_at=utc(_value(record.get("opened_at")) or _value(record.get("sys_created_on"))),
            requester=_sn_mapped(record, mapping, "requester") or _sn_person(record, "opened_by"),
        )
        ticket.beneficiary = _sn_mapped(record, mapping, "beneficiary") or (
            None if mapping.get("beneficiary") else _sn_person(record, "requested_for")
        )
        _mapped_fields(ticket, record, mapping)
        mine = {
            id(row): (rid, row)
            for key in (number, text_of(_value(record.get("sys_id"))))
            for rid, row in votes.get(key or "", [])
        }
        _sn_votes(ticket, sorted(mine.values(), key=lambda one: one[0]))
        _sn_state(ticket, record)
        text = _value(record.get("short_description")) or _value(record.get("description"))
        ticket.free_text = (
            mapped and ticket.fields["entitlement"] is None and ticket.decision == "approved" and bool(text)
        )
        found.append(ticket)
    return found


def _sn_mapped(record: dict[str, Any], mapping: dict[str, Any], name: str) -> Person | None:
    path = mapping.get(name)
    if not isinstance(path, str):
        return None
    base, _, last = path.rpartition(".")
    if last in ("email", "user_name") and base:
        return _sn_person(record, base)
    value = _value(look_up(record, path))
    return Person(value) if value else None


def _sn_votes(ticket: Ticket, rows: list[Record]) -> None:
    outcomes = []
    for record_id, row in rows:
        state = (_value(row.get("state")) or "").casefold()
        at = utc(_value(row.get("sys_updated_on")))
        verb = "approve" if state in APPROVED else "deny" if state in DENIED else None
        if verb and at:
            ticket.votes.append(Vote(verb, _sn_person(row, "approver"), at, record_id))
        if state in APPROVED or state in DENIED or state == "requested":
            outcomes.append((at, state))
    _settle(ticket, outcomes)


NOT_DONE = {
    *(
        "closed incomplete",
        "closed skipped",
        "closed cancelled",
        "cancelled",
        "canceled",
        "request cancelled",
    ),
    *("4", "7"),
}
"""States and stages of an item that was given up; the numbers are those of the base system's choice list."""


def _sn_state(ticket: Ticket, record: dict[str, Any]) -> None:
    """What the item itself says where no approver row is in evidence, and cancellations."""
    approval = (_value(record.get("approval")) or "").casefold()
    state = {(_value(record.get(name)) or "").casefold() for name in ("state", "stage")}
    updated = utc(_value(record.get("closed_at")) or _value(record.get("sys_updated_on")))
    if state & NOT_DONE and ticket.decision != "denied":
        ticket.decision, ticket.decided_at = "cancelled", updated
    elif ticket.decision == "pending" and not ticket.votes:
        at = utc(_value(record.get("approval_set"))) or updated
        if approval in APPROVED:
            ticket.decision, ticket.decided_at = "approved", at
        elif approval in DENIED:
            ticket.decision, ticket.decided_at = "denied", at


def _keep(connection: sqlite3.Connection, ticket: Ticket) -> None:
    fields = ticket.fields
    request = content_id("request", ticket.source, ticket.id)
    beneficiary = ticket.beneficiary.name if ticket.beneficiary else None
    connection.execute(
        """INSERT OR IGNORE INTO requests (id, ticket, source, beneficiary, system, entitlement, scope, expires_at, justification,
             requested_at, decision, decided_at, free_text, known_fields, record_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            request, ticket.id, ticket.source, beneficiary, fields["system"], fields["entitlement"], fields["scope"],
            fields["expires_at"], fields["justification"], ticket.requested_at, ticket.decision, ticket.decided_at,
            int(ticket.free_text), json.dumps(ticket.known_fields), ticket.record_id,
        ),
    )  # fmt: skip
    accounts = ticket.accounts or ticket.source
    subject_system = accounts if beneficiary and "@" in beneficiary else fields["system"] or accounts
    acts = [("request", ticket.requester, ticket.requested_at, ticket.record_id)]
    acts += [(vote.verb, vote.who, vote.at, vote.record_id) for vote in ticket.votes]
    if ticket.decision == "cancelled":
        acts.append(("cancel", None, ticket.decided_at, ticket.record_id))
    counts: dict[str, int] = defaultdict(int)
    for verb, who, at, record_id in acts:
        if at is None:
            continue
        act = content_id("ticket", ticket.source, ticket.id, verb, who.name if who else None, at)
        connection.execute("INSERT OR IGNORE INTO request_events VALUES (?, ?)", (request, act))
        connection.execute(
            """INSERT INTO ticket_acts (record_id, seq, act, source, at, verb, system, actor, actor_system, subject,
                 subject_system, entitlement, ticket, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'success')""",
            (
                record_id, counts[record_id], act, ticket.source, at, verb, fields["system"] or accounts, who.name if who else None, accounts,
                beneficiary, subject_system, fields["entitlement"] if fields["system"] else None, ticket.id,
            ),
        )  # fmt: skip
        counts[record_id] += 1
    for person in [
        ticket.requester,
        *([ticket.beneficiary] if subject_system == accounts else []),
        *(v.who for v in ticket.votes),
    ]:
        for alias, kind in person.aliases if person else []:
            connection.execute(
                "INSERT OR IGNORE INTO ticket_aliases VALUES (?, ?, ?, ?, ?)",
                (ticket.record_id, accounts, person.name if person else "", alias, kind),
            )


READERS = {"jira": _jira, "servicenow": _servicenow}
"""Systems whose tickets need code: nested approvals, approver rows of their own."""


STAGE = Stage(
    "tickets",
    reads=(
        "entries",
        "evidence",
        "records",
    ),
    writes=(
        "request_events",
        "requests",
        "ticket_acts",
        "ticket_aliases",
        "unmapped",
    ),
    run=lambda work: map_tickets(work.connection),
)
