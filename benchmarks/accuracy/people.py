"""Who works there: names, accounts in the systems, and what the sources of truth say of them over time."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from benchmarks.accuracy.company import AWS, DEPARTMENTS, DOMAIN
from benchmarks.accuracy.moments import DAY, HOUR, day

FIRST = [
    "ada",
    "bela",
    "cleo",
    "dario",
    "elin",
    "femi",
    "goran",
    "hana",
    "ivo",
    "jun",
    "kaya",
    "lior",
    "mina",
    "nils",
    "oona",
    "pavel",
    "quinn",
    "rosa",
    "sami",
    "tove",
    "ugo",
    "vera",
    "wim",
    "xenia",
    "yara",
    "zeno",
]
LAST = [
    "abel",
    "brandt",
    "costa",
    "dietz",
    "ekberg",
    "farkas",
    "greco",
    "holm",
    "ito",
    "jansen",
    "koch",
    "lindt",
    "moreau",
    "novak",
    "okafor",
    "petit",
    "quist",
    "rossi",
    "sato",
    "torres",
    "ueda",
    "varga",
    "weiss",
    "xu",
    "yilmaz",
    "zander",
]


@dataclass
class Row:
    """What a source of truth, or a copy, says: one value from a moment on, and when it came to say so."""

    attribute: str
    value: str
    effective: datetime
    recorded: datetime
    system: str = "workday"


@dataclass
class Person:
    """A human identity."""

    worker: str
    mail: str
    department: str
    employment: str
    cost_center: str
    hired: datetime
    rows: list[Row] = field(default_factory=list)
    left: datetime | None = None
    moved: datetime | None = None
    department_now: str | None = None
    came_back: datetime | None = None
    later_mail: str | None = None
    """The address since `renamed`; systems keep the account under the old one."""
    renamed: datetime | None = None
    kept: bool = False
    """Something was left to this person that should have ended."""
    used_systems: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """Who this is in truth."""
        return self.mail

    def account(self, system: str) -> str:
        """How a system calls this person."""
        stem = self.mail.split("@")[0]
        self.used_systems.add(system)
        if system == "aws":
            return f"{AWS}:user/{stem}"
        if system == "github":
            return f"nw-{stem.replace('.', '-')}"
        return self.mail

    def address(self, at: datetime) -> str:
        """The e-mail address then."""
        return self.later_mail if self.later_mail and self.renamed and at >= self.renamed else self.mail

    @property
    def facts(self) -> dict[str, str]:
        """What is true of this person on the day of hire, as the engine logs its inputs."""
        return {
            "department": self.department, "employment_type": self.employment, "cost_center": self.cost_center,
            "status": "active",
        }  # fmt: skip


@dataclass
class Thing:
    """A non-human identity of the register."""

    name: str
    kind: str
    owner: str | None
    accounts: dict[str, str]
    purpose_ends: datetime | None = None
    known_to: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Who this is in truth."""
        return self.name

    def account(self, system: str) -> str:
        """How a system calls it."""
        return self.accounts[system]


class Staff:
    """Everyone; makes new people and things, each with the rows that the sources hold of them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.people: list[Person] = []
        self.things: list[Thing] = []

    def hire(
        self, department: str | None = None, employment: str = "FTE", before: float = -40, after: float = -400,
        cost_center: str | None = None, told: bool = True,
    ) -> Person:  # fmt: skip
        """A new person, hired between two days of the year; `told`: the sources say all of it."""
        number = len(self.people)
        stem = f"{FIRST[number % 26]}.{LAST[number // 26 % 26]}{number // 676 or ''}"
        department = department or self.rng.choice(DEPARTMENTS)
        hired = day(int(self.rng.uniform(after, before)))
        person = Person(
            f"W-{10_000 + number}", f"{stem}@{DOMAIN}", department, employment,
            cost_center or self.rng.choice(["CC-200", "CC-300", "CC-400"]), hired,
        )  # fmt: skip
        self.people.append(person)
        if told:
            for attribute, value in person.facts.items():
                self.say(person, attribute, value, hired, hired - self.rng.uniform(1, 6) * DAY)
        return person

    def say(
        self, person: Person, attribute: str, value: str, effective: datetime, recorded: datetime,
        copied: datetime | None = None,
    ) -> None:  # fmt: skip
        """The source of truth says a value; the copy in Okta (and the cost centre in SAP) follows within hours."""
        person.rows.append(Row(attribute, value, effective, recorded))
        if attribute == "cost_center":
            person.rows.append(
                Row(attribute, value, effective, recorded + self.rng.uniform(0.1, 1) * HOUR, "sap-hr")
            )
        else:
            follows = copied or max(effective, recorded + self.rng.uniform(0.1, 2) * HOUR)
            person.rows.append(Row(attribute, value, effective, follows, "okta"))

    def promote(self, person: Person) -> None:
        """New titles, now and then: source data that no rule asks for."""
        for _ in range(self.rng.randrange(3)):
            at = day(int(self.rng.uniform(max(-200, (person.hired - day(0)) / DAY), 360)))
            self.say(
                person, "title", f"grade {self.rng.randrange(1, 9)}", at, at + self.rng.uniform(-5, 5) * DAY
            )

    def leave(self, person: Person, at: datetime, recorded: datetime | None = None) -> None:
        """The person's last day is over."""
        person.left = at
        self.say(person, "status", "terminated", at, recorded or at - self.rng.uniform(1, 9) * DAY)

    def move(self, person: Person, department: str, at: datetime, recorded: datetime | None = None) -> None:
        """The person goes to another department."""
        person.moved = at
        self.say(person, "department", department, at, recorded or at - self.rng.uniform(1, 9) * DAY)

    def thing(self, kind: str, owner: str | None, system: str, purpose_ends: datetime | None = None) -> Thing:
        """A new service account, API key or agent."""
        name = f"svc-{len(self.things):04d}"
        account = f"{AWS}:user/{name}" if system == "aws" else name
        thing = Thing(name, kind, owner, {system: account}, purpose_ends)
        self.things.append(thing)
        return thing
