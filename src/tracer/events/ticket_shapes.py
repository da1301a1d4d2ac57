"""Tickets of systems that need no code of their own: where each field lies is said by the source's declaration.

`options.ticket` names paths: `id`, `requester` and `beneficiary` (the first present one counts), `requested_at`,
`updated`, `status`, `decided_at`, `summary`; `fields` says where a system's own fields are listed (`list`, `name`,
`value`), so that the register can name them; `history` says where changes of status are (`list`, `at`, `by`, and where
one entry holds several changes `changes`; `field`, `is`, `to`).
"""

from typing import Any

from tracer.events.ticket import APPROVED, CANCELLED, DENIED, Person, Ticket, Vote
from tracer.sources.declarations import Declaration
from tracer.sources.mapping import moment
from tracer.sources.paths import look_up, text_of

Record = dict[str, Any]
WRAPPERS = ("data", "issue", "ticket")
"""Keys under which exporters put the ticket itself."""


def unwrapped(record: Record, shape: Record) -> Record:
    """The ticket itself, where an exporter wrapped it."""
    for name in WRAPPERS:
        inner = record.get(name)
        if isinstance(inner, dict) and _first(inner, shape.get("id")) is not None:
            return inner
    return record


def read(declaration: Declaration, records: list[tuple[str, Record]], mapping: Record) -> list[Ticket]:
    """Every ticket once, as it was updated last."""
    shape: Record = declaration.options.get("ticket", {})
    best: dict[str, tuple[str, str, Record]] = {}
    for record_id, wrapped in records:
        record = unwrapped(wrapped, shape)
        name = text_of(_first(record, shape.get("id")))
        if name is None:
            continue
        one = (moment(declaration, _first(record, shape.get("updated"))) or "", record_id, record)
        if name not in best or one[:2] > best[name][:2]:
            best[name] = one
    return [_ticket(declaration, name, one[1], one[2], mapping) for name, one in sorted(best.items())]


def _ticket(declaration: Declaration, name: str, record_id: str, record: Record, mapping: Record) -> Ticket:
    shape: Record = declaration.options.get("ticket", {})
    own = {**record, **_fields(record, shape.get("fields"))}
    asked = moment(declaration, _first(record, shape.get("requested_at")))
    ticket = Ticket(str(shape.get("prefix", "")) + name, declaration.name, record_id, asked)
    ticket.requester = _person(_mapped(own, mapping, "requester") or _first(record, shape.get("requester")))
    ticket.beneficiary = _person(
        _mapped(own, mapping, "beneficiary") or _first(record, shape.get("beneficiary"))
    )
    for field in ("system", "entitlement", "scope", "expires_at", "justification"):
        ticket.fields[field] = _text(_mapped(own, mapping, field))
    if ticket.fields["expires_at"] is not None:
        ticket.fields["expires_at"] = moment(declaration, ticket.fields["expires_at"])
    _history(ticket, record, declaration)
    _status(ticket, record, declaration)
    ticket.free_text = (
        bool(mapping)
        and ticket.fields["entitlement"] is None
        and ticket.decision == "approved"
        and _first(record, shape.get("summary")) is not None
    )
    return ticket


def _first(record: Record, paths: Any) -> Any:
    listed = paths if isinstance(paths, list) else [paths] if paths else []
    return next((found for path in listed if (found := look_up(record, path)) not in (None, "", [])), None)


def _mapped(record: Record, mapping: Record, name: str) -> Any:
    path = mapping.get(name)
    return look_up(record, path) if isinstance(path, str) and path else None


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return _text(value[0]) if len(value) == 1 else None
    if isinstance(value, dict):
        return next(
            (
                text
                for name in ("value", "email", "login", "name", "id")
                if (text := text_of(value.get(name)))
            ),
            None,
        )
    return text_of(value)


def _person(value: Any) -> Person | None:
    """Whoever a field names: the e-mail, else the login or id; the name that is shown is another name."""
    if isinstance(value, list):
        return _person(value[0]) if value else None
    if not isinstance(value, dict):
        text = text_of(value)
        return Person(text) if text else None
    found = [
        (text, kind)
        for key, kind in (("email", "email"), ("mail", "email"), ("login", "login"), ("username", "login"), ("id", "id"), ("name", "display-name"))
        if (text := text_of(value.get(key)))
    ]  # fmt: skip
    return Person(found[0][0], found[1:]) if found else None


def _fields(record: Record, said: Any) -> Record:
    """A system's own fields by their names, and by their ids."""
    listed = look_up(record, str(said.get("list"))) if isinstance(said, dict) else None
    found: Record = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            value = look_up(one, str(said.get("value", "value")))
            for key in ("name", "id"):
                name = text_of(one.get(key))
                if name and name not in record:
                    found[name] = value
    return found


def _history(ticket: Ticket, record: Record, declaration: Declaration) -> None:
    """Approvals, denials and cancellations by changes of status."""
    said = declaration.options.get("ticket", {}).get("history")
    listed = look_up(record, str(said.get("list"))) if isinstance(said, dict) else None
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, dict):
            continue
        at, by = moment(declaration, look_up(entry, said["at"])), _person(look_up(entry, said["by"]))
        changes = look_up(entry, said["changes"]) if "changes" in said else [entry]
        for change in changes if isinstance(changes, list) else []:
            if not isinstance(change, dict) or text_of(look_up(change, said["field"])) != said["is"]:
                continue
            status = (text_of(look_up(change, said["to"])) or "").casefold()
            verb = "approve" if status in APPROVED else "deny" if status in DENIED else None
            if at and verb:
                ticket.votes.append(Vote(verb, by, at, ticket.record_id))
                ticket.decision, ticket.decided_at = ("approved" if verb == "approve" else "denied"), at


def _status(ticket: Ticket, record: Record, declaration: Declaration) -> None:
    """What the ticket itself says where its history does not."""
    shape: Record = declaration.options.get("ticket", {})
    status = (_text(_first(record, shape.get("status"))) or "").casefold()
    at = moment(declaration, _first(record, shape.get("decided_at")) or _first(record, shape.get("updated")))
    if status in CANCELLED:
        ticket.decision, ticket.decided_at = "cancelled", at
    elif ticket.decision == "pending" and status in APPROVED:
        ticket.decision, ticket.decided_at = "approved", at
    elif ticket.decision == "pending" and status in DENIED:
        ticket.decision, ticket.decided_at = "denied", at
