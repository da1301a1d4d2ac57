"""The story of one grant, before it is told in records: who asked, who approved, what was delivered, checked, used, ended."""

from dataclasses import dataclass, field
from datetime import datetime

from benchmarks.accuracy.people import Person, Thing
from benchmarks.accuracy.truth import Fault, Verdict, verdict_of


@dataclass
class Ask:
    """A ticket. `decision` is approved, denied, cancelled or pending; approvals are (address, decision, time)."""

    ticket: str
    requester: Person
    beneficiary: Person | Thing
    system: str
    entitlement: str
    asked: datetime
    approver: str | None = None
    decided: datetime | None = None
    decision: str = "approved"
    scope: str | None = None
    until: datetime | None = None
    justification: str | None = "needed for the work of the team"
    free_text: bool = False


@dataclass
class Extension:
    """A later end, with the ticket that asked for it or none."""

    at: datetime
    until: datetime
    ask: Ask | None


@dataclass
class Waiver:
    """A recorded exception."""

    id: str
    kind: str
    recorded: datetime
    until: datetime
    cleanup_owner: str
    by: str


@dataclass
class Plan:
    """One grant. What is None did not happen; `taken` is the revocation."""

    holder: Person | Thing
    system: str
    entitlement: str
    given: datetime
    executor: str
    ask: Ask | None = None
    rule: str | None = None
    version: int | None = None
    inputs: dict[str, str] | None = None
    scope: str | None = None
    until: datetime | None = None
    taken: datetime | None = None
    through: str | None = None
    """The account, where it is not the holder's usual one."""
    waiver: Waiver | None = None
    overridden: datetime | None = None
    extensions: list[Extension] = field(default_factory=list)
    verified: datetime | None = None
    removal_verified: bool = True
    names_ticket: bool = True
    """The log says which ticket it was for (our provisioning log; vendors' logs never do)."""
    logged: bool = True
    """The grant itself is in a log."""
    reviewed: bool = True
    used: bool = True
    through_it: str | None = None
    """The entitlement that its uses name, where what is used is what a group holds."""
    used_until: datetime | None = None
    """The last moment of use, where it is not the end of the grant."""
    rotations: list[datetime] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    because: str = ""
    """What kind of story it is, for a reader of mismatches."""

    @property
    def account(self) -> str:
        """The account that holds it."""
        return self.through or self.holder.account(self.system)

    @property
    def ends(self) -> datetime | None:
        """When it was over: the revocation, else the end date that the log carries."""
        ends = [at for at in (self.taken, self.until) if at]
        for extension in self.extensions:
            ends = [at for at in (self.taken, extension.until) if at]
        if self.used_until:
            ends = [self.taken] if self.taken else []
        return min(ends) if ends else None

    def blame(self, mode: str, group: int, since: datetime | None, *owners: str) -> None:
        """Put down that a fault is in this story."""
        self.faults.append(Fault(mode, owners, group, since))

    @property
    def truth(self) -> Verdict:
        """The true answer."""
        return verdict_of(self.faults)
