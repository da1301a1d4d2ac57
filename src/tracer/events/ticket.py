"""A ticket as tracer understands it, whatever system it comes from."""

from dataclasses import dataclass, field

APPROVED, DENIED, CANCELLED = (
    ("approved", "approve"),
    ("declined", "denied", "rejected", "reject", "decline"),
    ("cancelled", "canceled", "withdrawn", "cancel"),
)
"""Statuses and decisions by their meaning, case-folded."""

DONE = ("done", "resolved", "closed", "completed", "complete", "fulfilled", "delivered")


@dataclass
class Person:
    """Someone whom a ticket names: the account name by which they are known there, and their other names."""

    name: str
    aliases: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Vote:
    """One approver's decision."""

    verb: str
    who: Person | None
    at: str | None
    record_id: str


@dataclass
class Ticket:
    """A request as the case keeps it."""

    id: str
    source: str
    record_id: str
    requested_at: str | None
    requester: Person | None = None
    beneficiary: Person | None = None
    fields: dict[str, str | None] = field(default_factory=dict)
    decision: str = "pending"
    decided_at: str | None = None
    free_text: bool = False
    known_fields: list[str] = field(default_factory=list)
    """What the register says a field holds, where records have that field: only there an empty one means something."""
    votes: list[Vote] = field(default_factory=list)
    accounts: str = ""
    """The system of the accounts that it names; empty: the source."""
