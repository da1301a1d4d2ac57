"""What source data said of an identity: as known then, and as known now.

Authoritative is what the register's `sources_of_truth` says; for an attribute that it does not list, every system
that has it. All times are UTC text of the case file.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from tracer.case.spans import Span
from tracer.completeness.gaps_between_files import fact_gaps, unread_facts
from tracer.completeness.unread import lacks_section


@dataclass(frozen=True)
class Fact:
    """One row of `facts`."""

    identity: str
    attribute: str
    value: str
    system: str
    valid_from: str
    recorded_at: str
    ordinal: int
    record_id: str

    @property
    def order(self) -> tuple[str, str, int, str]:
        """Later in this order stands over earlier: the later effective time, then the later entry."""
        return (self.valid_from, self.recorded_at, self.ordinal, self.value)


READ = (
    "claims",
    "evidence",
    "exports",
    "facts",
    "holes",
    "lateness",
    "losses",
    "records",
    "sources_of_truth",
    "spans",
    "unread",
    "unread_sections",
)
"""The tables that `Readings` reads: whichever stage asks for them reads these."""


class Readings:
    """Facts of all identities, to be read as of any moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._facts: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        self._authoritative: dict[tuple[str, str], list[Fact]] = {}
        self._roles: dict[str, dict[str, str]] = defaultdict(dict)
        for attribute, system, role in connection.execute(
            "SELECT attribute, system, role FROM sources_of_truth"
        ):
            self._roles[attribute][system.casefold()] = role
        rows = connection.execute(
            "SELECT identity_id, attribute, value, system, valid_from, recorded_at, ordinal, record_id FROM facts"
        )
        for row in rows:
            fact = Fact(*row)
            self._facts[fact.identity, fact.attribute].append(fact)
        for facts in self._facts.values():
            facts.sort(key=lambda fact: fact.order)
        self._gaps, self._unread = fact_gaps(connection), unread_facts(connection)
        self._unlisted = lacks_section(connection, "sources_of_truth")
        self._spoken: dict[str, str] = {}
        for (identity, attribute), facts in self._facts.items():
            for fact in facts:
                if self.authoritative(attribute, fact.system):
                    self._spoken[identity] = min(self._spoken.get(identity, "9"), fact.recorded_at)

    def authoritative(self, attribute: str, system: str) -> bool:
        """Whether this system says what counts for this attribute."""
        roles = self._roles.get(attribute)
        if not roles:
            return True
        if "authoritative" not in roles.values():
            return roles.get(system.casefold()) != "copy"
        return roles.get(system.casefold()) == "authoritative"

    def named(self, attribute: str, role: str) -> str | None:
        """The first system that the register names as `authoritative` or `copy` of this attribute."""
        return min((s for s, r in self._roles.get(attribute, {}).items() if r == role), default=None)

    def facts(self, identity: str, attribute: str, *, copies: bool = False) -> list[Fact]:
        """All facts of one attribute in order; of authoritative systems only, unless `copies`."""
        if copies:
            return self._facts.get((identity, attribute), [])
        key = (identity, attribute)
        if key not in self._authoritative:
            found = self._facts.get(key, [])
            self._authoritative[key] = [fact for fact in found if self.authoritative(attribute, fact.system)]
        return self._authoritative[key]

    def gap(self, identity: str, attribute: str, at: str) -> tuple[str, Span] | None:
        """A system, and the time for which it is missing, that may have said something else by `at`; None where all is known."""
        held = self.then_by_system(identity, attribute, at)
        systems = set(held) or set(self._roles.get(attribute, {}))
        for system in sorted(one for one in systems if self.authoritative(attribute, one)):
            since = held[system].recorded_at if system in held else ""
            for first, last in self._gaps.get(system.casefold(), []):
                if since < last and first < at:
                    return system, (first, last)
        return None

    def disputed(self, attribute: str) -> bool:
        """Whether who is authoritative for this attribute may stand in what could not be read of the register."""
        return self._unlisted and attribute not in self._roles

    def unread(self, attribute: str, system: str | None, until: str) -> bool:
        """Whether what this system (None: any) recorded before `until` could not all be read, or counts for nothing."""
        known = (
            self._unread if system is None else {system.casefold(): self._unread.get(system.casefold(), [])}
        )
        return self.disputed(attribute) or any(
            first < until for spans in known.values() for first, _ in spans
        )

    def unsettled(self, system: str, since: str) -> str | None:
        """From when on after `since` what this system recorded is missing; None where it is not."""
        return next(
            (max(first, since) for first, last in self._gaps.get(system.casefold(), []) if since < last), None
        )

    def spoken(self, identity: str, at: str) -> bool:
        """Whether an authoritative source had said anything of this identity by `at`."""
        return self._spoken.get(identity, "9") <= at

    def then(self, identity: str, attribute: str, at: str, *, copies: bool = False) -> Fact | None:
        """The fact that held at `at` as far as it was recorded by then; None where there was none."""
        found = [
            fact
            for fact in self.facts(identity, attribute, copies=copies)
            if fact.valid_from <= at and fact.recorded_at <= at
        ]
        return found[-1] if found else None

    def copied(self, identity: str, attribute: str, at: str) -> str | None:
        """The value that the copies held at `at` as far as recorded by then; None where they held none."""
        found = [
            fact
            for fact in self.facts(identity, attribute, copies=True)
            if fact.valid_from <= at
            and fact.recorded_at <= at
            and not self.authoritative(attribute, fact.system)
        ]
        return found[-1].value if found else None

    def then_by_system(self, identity: str, attribute: str, at: str) -> dict[str, Fact]:
        """System -> what each authoritative one held at `at`, as far as recorded by then."""
        held: dict[str, Fact] = {}
        for fact in self.facts(identity, attribute):
            if fact.valid_from <= at and fact.recorded_at <= at:
                held[fact.system] = fact
        return held

    def now(self, identity: str, attribute: str, at: str) -> Fact | None:
        """The fact that held at `at` with all that was recorded since; None where there is none."""
        found = [fact for fact in self.facts(identity, attribute) if fact.valid_from <= at]
        return found[-1] if found else None

    def now_of(self, identity: str, attribute: str, at: str, system: str) -> Fact | None:
        """What this system says of `at` with all that it recorded since; None where it says nothing."""
        found = [
            fact
            for fact in self.facts(identity, attribute)
            if fact.system == system and fact.valid_from <= at
        ]
        return found[-1] if found else None

    def later(self, identity: str, attribute: str, at: str) -> Fact | None:
        """The first value entered after `at`, whatever time it is effective from."""
        found = [fact for fact in self.facts(identity, attribute) if fact.recorded_at > at and fact.value]
        return min(found, key=lambda fact: (fact.recorded_at, fact.order), default=None)
