"""What happens in the organisation: people, tickets, provisioning and reviews, kept until the formats write them."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DOMAIN = "larkfield.example"
AWS = "111122223333"
START = datetime(2025, 7, 1, tzinfo=UTC)
END = datetime(2026, 6, 30, 20, tzinfo=UTC)


def at(text: str) -> datetime:
    """The time of `2026-03-02` or `2026-03-02T10:00`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def iso(time: datetime) -> str:
    """A time as most logs write it, `2026-03-02T10:00:00Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def token(*parts: object, length: int = 32) -> str:
    """A hexadecimal id that depends on `parts` only, so that a run repeats itself."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:length]


def choose(options: list[str], *parts: object) -> str:
    """One of `options`, always the same for the same `parts`."""
    return options[int(token(*parts, length=8), 16) % len(options)]


@dataclass(frozen=True)
class Person:
    """A worker; `email` is the id that all systems share."""

    worker: str
    name: str
    department: str
    employment: str
    joined: datetime

    @property
    def login(self) -> str:
        """The short name, as AWS and ServiceNow know it."""
        return self.name.lower().replace(" ", ".")

    @property
    def email(self) -> str:
        """The work address."""
        return f"{self.login}@{DOMAIN}"


@dataclass
class Ticket:
    """A request with what became of it."""

    id: str
    requester: str
    beneficiary: str
    system: str
    entitlement: str
    asked: datetime
    approver: str
    decided: datetime
    decision: str = "approved"
    scope: str = ""
    until: str = ""
    why: str = "Needed for the work of my team"


@dataclass
class World:
    """Everything that happened, in lists that the formats write out."""

    people: dict[str, Person] = field(default_factory=dict)
    claims: list[list[str]] = field(default_factory=list)
    jira: list[Ticket] = field(default_factory=list)
    servicenow: list[Ticket] = field(default_factory=list)
    provisioning: list[dict[str, object]] = field(default_factory=list)
    reviews: list[list[str]] = field(default_factory=list)
    cloudtrail: list[dict[str, object]] = field(default_factory=list)
    okta: list[dict[str, object]] = field(default_factory=list)
    github: list[dict[str, object]] = field(default_factory=list)
    exceptions: list[list[str]] = field(default_factory=list)
    accounts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    extra_authorities: list[dict[str, object]] = field(default_factory=list)
    expected: list[dict[str, object]] = field(default_factory=list)

    def person(
        self, name: str, department: str, employment: str = "FTE", joined: datetime | None = None
    ) -> Person:
        """Someone who works here; one who joined before the year is known from its beginning."""
        day = joined or START - timedelta(days=150)
        person = Person(f"L-{1001 + len(self.people)}", name, department, employment, day)
        self.people[person.email] = person
        for attribute, value in (
            ("department", department),
            ("employment_type", employment),
            ("status", "active"),
        ):
            self.claim(person, attribute, value, day, day - timedelta(days=3))
        return person

    def claim(
        self,
        person: Person,
        attribute: str,
        value: str,
        effective: datetime,
        recorded: datetime,
        system: str = "people-hub",
    ) -> None:
        """A value as the source says it from `effective` on; every value also goes to the directory's copy."""
        row = [person.worker, person.email, attribute, value, iso(effective)]
        self.claims.append([*row, iso(recorded), system])
        self.claims.append([*row, iso(recorded + timedelta(hours=2)), "okta"])

    def log(
        self,
        time: datetime,
        action: str,
        system: str,
        account: str,
        entitlement: str,
        executor: str,
        **more: object,
    ) -> None:
        """A line of the home-grown provisioning log."""
        line: dict[str, object] = {"at": iso(time), "action": action, "system": system, "account": account}
        line |= {
            "entitlement": entitlement,
            "executor": executor,
            "on_behalf_of": None,
            "rule": None,
            "rule_version": None,
        }
        line |= {"inputs": {}, "ticket": None, "expires_at": None, "scope": None, "outcome": "success"}
        self.provisioning.append(line | more)

    def verified(
        self, time: datetime, system: str, account: str, entitlement: str, ticket: str | None = None
    ) -> None:
        """The reconciler compared what was delivered with what was decided."""
        self.log(time, "verify", system, account, entitlement, "reconciler", ticket=ticket)

    def ticket(self, kind: str, **fields: object) -> Ticket:
        """A ticket in `jira` or `servicenow`, numbered in the order of telling."""
        rows = self.jira if kind == "jira" else self.servicenow
        number = f"LAR-{200 + len(rows)}" if kind == "jira" else f"RITM{40100 + len(rows):07d}"
        ticket = Ticket(number, **fields)  # type: ignore[arg-type]
        rows.append(ticket)
        return ticket

    def expect(
        self,
        story: str,
        identity: str,
        system: str,
        entitlement: str,
        verdict: str,
        mode: str = "",
        owner: str = "",
    ) -> None:
        """What tracer has to say about a grant."""
        self.expected.append(
            {"story": story, "identity": identity, "system": system, "entitlement": entitlement}
            | {"verdict": verdict, "mode": mode or None, "owner": owner or None}
        )
