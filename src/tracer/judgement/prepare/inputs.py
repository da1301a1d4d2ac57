"""What each decision rested on: its inputs in three readings, the evaluations on them, and where they differ.

Fills `decision_inputs`, `evaluations` and `differences`. The decision of a rule-based grant is the rule in the version
that the log names (else the one in force), taken at the grant; that of a ticket is the catalogue's `eligible`, taken at
the approval. A difference *decides* if, with the value as known now in its place, the decision would have gone the
other way.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any

from tracer.case.ids import content_id
from tracer.case.stage import Stage
from tracer.judgement.prepare.counterfactual import replayed, turns
from tracer.judgement.prepare.readings import READ, Fact, Readings
from tracer.rules.cel import Evaluation, attribute_paths
from tracer.rules.names import same

Told = Mapping[str, Mapping[str, str]]
"""Attribute -> system -> value, where authoritative sources disagree."""

WAYS = 256
"""Who writes source data could make judging endless: no more ways to believe sources are tried together."""


@dataclass
class Decision:
    """One grant's decision: what expression, on whose attributes, when, and what the log says was read."""

    grant_id: str
    identity: str
    system: str
    basis: str
    at: str | None
    expression: str | None
    eligible: str | None
    logged: dict[str, str] | None
    granted_at: str
    refused: str | None
    rule: str | None
    held_until: str


@dataclass(frozen=True)
class Difference:
    """An attribute that the decision used with another value than is known now."""

    mode: str
    attribute: str
    system: str | None
    used: str
    then: str | None
    now: str | None
    fact: Fact | None


def decisions(connection: sqlite3.Connection, only: list[str] | None = None) -> Iterator[Decision]:
    """Every grant (or those of these ids) with its rule and eligibility in CEL, and its inputs as logged."""
    rows = connection.execute(
        """WITH keyed AS MATERIALIZED (SELECT fold(id) AS folded, * FROM rules),
           named AS MATERIALIZED (
             SELECT n.rule AS name, r.* FROM (SELECT DISTINCT rule FROM grants WHERE rule IS NOT NULL) n
             JOIN keyed r ON r.folded = fold(n.rule))
           SELECT g.id, g.identity_id, e.system, g.basis, g.first_sign_at AS granted_at,
                  CASE WHEN q.decided_at > g.first_sign_at AND q.approved_at <= g.first_sign_at THEN q.approved_at ELSE q.decided_at END AS decided_at,
                  CASE WHEN q.decided_at > g.first_sign_at AND q.approved_at <= g.first_sign_at THEN 'approved' ELSE q.decision END AS decision,
                  g.rule, coalesce(g.ended_at, g.judged_at) AS held_until, u.cel AS rule_cel, u.refused, o.cel AS eligible_cel, v.inputs
           FROM grants g JOIN entitlements e ON e.id = g.entitlement_id LEFT JOIN events v ON v.id = g.event_id
           LEFT JOIN requests q ON q.id = g.request_id
           LEFT JOIN named u ON u.name = g.rule AND u.version = coalesce(g.rule_version, (
             SELECT max(w.version) FROM named w WHERE w.name = g.rule AND coalesce(w.valid_from, '') <= g.first_sign_at
               AND (w.valid_to IS NULL OR g.first_sign_at < w.valid_to)))
           LEFT JOIN roles o ON o.id = g.role_id
           WHERE :only IS NULL OR g.id IN (SELECT value FROM json_each(:only))
           GROUP BY g.id ORDER BY g.id""",
        {"only": None if only is None else json.dumps(only)},
    )
    for row in rows:
        by_rule = row["basis"] == "rule"
        at = row["granted_at"]
        if row["basis"] == "ticket":
            at = row["decided_at"] if row["decision"] == "approved" else None
        yield Decision(
            grant_id=row["id"],
            identity=row["identity_id"],
            system=row["system"],
            basis=row["basis"],
            at=at,
            expression=row["rule_cel"]
            if by_rule
            else row["eligible_cel"]
            if row["basis"] == "ticket"
            else None,
            eligible=row["eligible_cel"],
            logged=logged_inputs(row["inputs"], row["rule_cel"]) if by_rule else None,
            granted_at=row["granted_at"],
            refused=row["refused"] if by_rule else None,
            rule=row["rule"],
            held_until=row["held_until"],
        )


def logged_inputs(inputs: str | None, expression: str | None) -> dict[str, str] | None:
    """The inputs as the engine wrote them down, by the names that the expression reads; None where it wrote none.

    Several values of one attribute have `;` between them. `jobTitle` is `job_title` where the expression reads that.
    """
    try:
        found = json.loads(inputs) if inputs else None
    except ValueError:
        return None
    if not isinstance(found, dict) or not found:
        return None
    exact = attribute_paths(expression or "")
    named = {_named(key, exact) or key: _text(found[key]) for key in sorted(found) if key not in exact}
    return named | {key: _text(found[key]) for key in exact if key in found}


@lru_cache(maxsize=65_536)
def _named(key: str, reads: tuple[str, ...]) -> str | None:
    """Which of the attributes that a rule reads the engine calls `key`."""
    return same(key, reads)


def _text(value: Any) -> str:
    """A logged value as text, as source data would have it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(_text(one) for one in value)
    return json.dumps(value, sort_keys=True)


def build_inputs(connection: sqlite3.Connection, readings: Readings) -> None:
    """Evaluate every decision on its readings and keep inputs, results and differences."""
    kept = _Kept(connection)
    for decision in decisions(connection):
        if decision.expression is None and decision.eligible is None and decision.refused is None:
            continue
        _Inputs(kept, readings, decision).build()
    kept.write()


class _Kept:
    """Rows on their way into the tables, written many at a time."""

    MANY = 50_000

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.inputs: list[tuple[Any, ...]] = []
        self.evaluations: list[tuple[Any, ...]] = []
        self.differences: list[tuple[Any, ...]] = []

    def write(self) -> None:
        """Write what has gathered."""
        for table, rows, places in (
            ("decision_inputs", self.inputs, 6),
            ("evaluations", self.evaluations, 7),
            ("differences", self.differences, 12),
        ):
            self.connection.executemany(
                f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * places)})", rows
            )
            rows.clear()


class _Inputs:
    """The work on one decision."""

    def __init__(self, kept: _Kept, readings: Readings, decision: Decision) -> None:
        self.kept = kept
        self.readings = readings
        self.decision = decision
        self.at = decision.at or decision.granted_at
        names = set(attribute_paths(decision.expression or "")) | set(
            attribute_paths(decision.eligible or "")
        )
        self.names = tuple(sorted(names))

    def build(self) -> None:
        if len(self.kept.evaluations) > self.kept.MANY:
            self.kept.write()
        then, now = self._then(), self._now()
        self._keep_inputs(then, now)
        if self.decision.eligible is not None:
            self._evaluate("eligible", "known-then", self.decision.eligible, values(then), self._told_then())
            self._evaluate("eligible", "known-now", self.decision.eligible, values(now), self._told_now())
        if self.decision.refused is not None:
            for reading in ("logged", "used", "known-then", "known-now"):
                self._keep("decision", reading, Evaluation(None, (), self.decision.refused), {})
        if self.decision.expression is None or self.decision.at is None:
            return
        used = self._used(values(then))
        if self.decision.logged is not None:
            self._evaluate("decision", "logged", self.decision.expression, self._as_logged())
        result = self._evaluate("decision", "used", self.decision.expression, used)
        self._evaluate("decision", "known-then", self.decision.expression, values(then))
        known_now = self._evaluate("decision", "known-now", self.decision.expression, values(now))
        if result.result is not True:
            return
        self._keep_differences(used, then, now, known_now)

    def _then(self) -> dict[str, Fact | None]:
        return {name: self.readings.then(self.decision.identity, name, self.at) for name in self.names}

    def _now(self) -> dict[str, Fact | None]:
        return {name: self.readings.now(self.decision.identity, name, self.at) for name in self.names}

    def _used(self, then: Mapping[str, str]) -> dict[str, str]:
        """What the decision read: the log's word where it has one, else what the source held.

        Where sources disagreed and nothing was logged, who granted is taken to have read those values that allow it.
        """
        used = {**then, **(self.decision.logged or {})}
        expression = self.decision.expression or ""
        if replayed(expression, used).result is not False:
            return used
        open_to = {
            name: told for name, told in self._told_then().items() if name not in (self.decision.logged or {})
        }
        for chosen in _choices(expression, open_to):
            if replayed(expression, used, chosen).result:
                return {**used, **chosen}
        return used

    def _told_then(self) -> Told:
        """What each authoritative source held at the decision of the attributes on which they disagreed."""
        held = {n: self.readings.then_by_system(self.decision.identity, n, self.at) for n in self.names}
        return _disputed({name: {s: fact.value for s, fact in facts.items()} for name, facts in held.items()})

    def _told_now(self) -> Told:
        """The same as known now."""
        identity, told = self.decision.identity, {}
        for name in self.names:
            systems = {fact.system for fact in self.readings.facts(identity, name)}
            facts = {s: self.readings.now_of(identity, name, self.at, s) for s in sorted(systems)}
            told[name] = {system: fact.value for system, fact in facts.items() if fact is not None}
        return _disputed(told)

    def _as_logged(self) -> dict[str, str]:
        return {name: (self.decision.logged or {}).get(name, "") for name in self.names}

    def _evaluate(
        self,
        subject: str,
        reading: str,
        expression: str,
        attributes: Mapping[str, str],
        told: Told | None = None,
    ) -> Evaluation:
        found = replayed(expression, attributes)
        if found.result is False and reading.startswith("known"):
            found = self._doubted(expression, found)
        if found.result is not None and told:
            found = _undisputed(expression, attributes, told, found)
        shown = {name: attributes.get(name, "") for name in attribute_paths(expression)}
        self._keep(subject, reading, found, shown)
        return found

    def _doubted(self, expression: str, found: Evaluation) -> Evaluation:
        """No certain no where the source data that may have said otherwise is missing."""
        for name in attribute_paths(expression):
            if self.readings.disputed(name):
                return Evaluation(None, (), f"which system is authoritative for {name} could not be read")
            if (missing := self.readings.gap(self.decision.identity, name, self.at)) is not None:
                system, (first, last) = missing
                return Evaluation(None, (), f"what {system} recorded from {first} to {last} is missing")
        return found

    def _keep(self, subject: str, reading: str, found: Evaluation, shown: Mapping[str, str]) -> None:
        result = None if found.result is None else int(found.result)
        blank = json.dumps(sorted(found.blank)) if found.blank else None
        self.kept.evaluations.append(
            (self.decision.grant_id, subject, reading, result, blank, found.reason, said(shown))
        )

    def _keep_inputs(self, then: Mapping[str, Fact | None], now: Mapping[str, Fact | None]) -> None:
        rows = self.kept.inputs
        for name, value in sorted((self.decision.logged or {}).items()):
            rows.append((self.decision.grant_id, name, "logged", value, self.decision.system, None))
        for reading, facts in (("known-then", then), ("known-now", now)):
            for name, fact in facts.items():
                if fact is not None:
                    rows.append(
                        (self.decision.grant_id, name, reading, fact.value, fact.system, fact.record_id)
                    )

    def _keep_differences(
        self,
        used: Mapping[str, str],
        then: Mapping[str, Fact | None],
        now: Mapping[str, Fact | None],
        known_now: Evaluation,
    ) -> None:
        expression = self.decision.expression or ""
        found = [
            d
            for name in attribute_paths(expression)
            if (d := self._difference(name, used, then, now)) is not None
        ]
        deciding = self._deciding(expression, used, found, known_now)
        conflicts = self._conflicts(expression, used, then)
        self.kept.differences += [
            (
                content_id("difference", self.decision.grant_id, d.mode, d.attribute, d.system),
                self.decision.grant_id,
                d.mode,
                d.attribute,
                d.system,
                d.used,
                d.then,
                d.now,
                d.fact.valid_from if d.fact else None,
                d.fact.recorded_at if d.fact else None,
                int(d in deciding or d in conflicts),
                d.fact.record_id if d.fact else None,
            )
            for d in [*found, *conflicts]
        ]

    def _difference(
        self,
        name: str,
        used: Mapping[str, str],
        then: Mapping[str, Fact | None],
        now: Mapping[str, Fact | None],
    ) -> Difference | None:
        """How the value that was used differs from the one known now, and whose failure that would be."""
        value, identity = used.get(name, ""), self.decision.identity
        known, then_value = now[name], then_value_of(then[name])
        logged = self.decision.logged is not None and name in self.decision.logged
        held = self.readings.then_by_system(identity, name, self.at)
        holding = {fact.value for fact in held.values() if fact.value}
        if not value and not holding:
            entered = known if known and known.value else self.readings.later(identity, name, self.at)
            system = entered.system if entered else self.readings.named(name, "authoritative")
            return Difference(
                "missing-attribute", name, system, "", None, entered.value if entered else None, entered
            )
        if logged and value not in holding:
            fact = known or self.readings.later(identity, name, self.at)
            copy = self._copy_holding(name, value)
            return Difference(
                "stale-copy", name, copy, value, then_value, fact.value if fact else None, then[name] or fact
            )
        for system, fact in sorted(held.items()):
            current = self.readings.now_of(identity, name, self.at, system)
            if fact.value == value and current is not None and current.value != value:
                # Another value for the same time corrects this one; one for a later time is a change entered late.
                mode = "wrong-attribute" if current.valid_from == fact.valid_from else "late-update"
                return Difference(mode, name, system, value, then_value, current.value, current)
        return None

    def _copy_holding(self, name: str, value: str) -> str | None:
        """The system from which the engine had this value: a copy that held it, else the registered copy."""
        facts = self.readings.facts(self.decision.identity, name, copies=True)
        copies = {
            fact.system
            for fact in facts
            if fact.value == value
            and fact.valid_from <= self.at
            and not self.readings.authoritative(name, fact.system)
        }
        return min(copies, default=None) or self.readings.named(name, "copy")

    def _deciding(
        self, expression: str, used: Mapping[str, str], found: list[Difference], known_now: Evaluation
    ) -> list[Difference]:
        """The differences without which the decision would have gone the other way."""

        def flips(chosen: Iterable[Difference]) -> bool:
            return turns(expression, used, {d.attribute: d.now for d in chosen if d.now is not None})

        del known_now
        usable = [d for d in found if d.now is not None and not self._unseen(d)]
        alone = [d for d in usable if flips([d])]
        if alone:
            return [d for d in alone if d.mode != "stale-copy" or self._stale_decides(expression, used, d)]
        return usable if usable and flips(usable) else []

    def _unseen(self, difference: Difference) -> bool:
        """Whether the value that was used, or a change before it was recorded late, may stand in source data that is missing.

        Where the authoritative sources knew the person and said nothing of this, a copy that held the value says that it
        was there to be had.
        """
        identity, name = self.decision.identity, difference.attribute
        if self.readings.disputed(name):
            return True
        if difference.mode == "missing-attribute":
            return self.readings.unread(name, difference.system, self.at)
        if difference.mode == "late-update" and difference.fact is not None:
            return self.readings.unread(name, difference.system, difference.fact.recorded_at)
        if difference.mode != "stale-copy":
            return False
        if self.readings.gap(identity, name, self.at) is not None:
            return True
        if difference.then is not None:
            return False
        copied = self.readings.copied(identity, name, self.at)
        return copied != difference.used or not self.readings.spoken(identity, self.at)

    def _stale_decides(self, expression: str, used: Mapping[str, str], difference: Difference) -> bool:
        """Whether the value that the source held then would have changed the outcome as well.

        If not, the copy was not what decided: the source itself was wrong then.
        """
        held = difference.then if difference.then is not None else difference.now
        return turns(expression, used, {difference.attribute: held or ""})

    def _conflicts(
        self, expression: str, used: Mapping[str, str], then: Mapping[str, Fact | None]
    ) -> list[Difference]:
        """What each authoritative source said where they disagreed at the decision so that the outcome hangs on it."""
        found = []
        for name in attribute_paths(expression):
            held = self.readings.then_by_system(self.decision.identity, name, self.at)
            if self.readings.disputed(name):
                continue
            said_values = {fact.value for fact in held.values() if fact.value}
            # Values that all refuse, or all allow, make no difference to each other.
            if len({turns(expression, used, {name: value}) for value in said_values}) < 2:
                continue
            now = then_value_of(then[name])
            found += [
                Difference("conflicting-sources", name, system, used.get(name, ""), now, fact.value, fact)
                for system, fact in sorted(held.items())
                if fact.value
            ]
        return found


def _disputed(told: Mapping[str, Mapping[str, str]]) -> Told:
    """The attributes of which sources say different things."""
    known = {name: {system: value for system, value in by.items() if value} for name, by in told.items()}
    return {name: by for name, by in known.items() if len(set(by.values())) > 1}


def _choices(expression: str, told: Told) -> Iterator[dict[str, str]]:
    """The ways to believe one of the sources on each attribute of the expression on which they disagree: first on one
    attribute alone, then on all of them, as far as `WAYS` goes.
    """
    values = {name: sorted(set(told[name].values())) for name in attribute_paths(expression) if name in told}
    yield from ({name: value} for name, several in values.items() for value in several)
    if len(values) > 1:
        for chosen in islice(product(*values.values()), WAYS):
            yield dict(zip(values, chosen, strict=True))


def _undisputed(expression: str, attributes: Mapping[str, str], told: Told, found: Evaluation) -> Evaluation:
    """No answer where it hangs on which of the sources that disagree is believed."""
    for chosen in _choices(expression, told):
        if replayed(expression, attributes, chosen).result is not found.result:
            said_of = "; ".join(
                f"{name}: "
                + ", ".join(f"{system} says {value}" for system, value in sorted(told[name].items()))
                for name in sorted(chosen)
            )
            return Evaluation(None, (), f"sources of truth disagree on {said_of}")
    return found


def then_value_of(fact: Fact | None) -> str | None:
    """The value of a fact; None where there is none."""
    return fact.value if fact else None


def values(facts: Mapping[str, Fact | None]) -> dict[str, str]:
    """Attribute -> value; the empty string where there is none."""
    return {name: fact.value if fact else "" for name, fact in facts.items()}


def said(attributes: Mapping[str, str]) -> str:
    """Attributes and values as a person reads them: `department = Finance, status = (none)`."""
    return ", ".join(f"{name} = {value or '(none)'}" for name, value in sorted(attributes.items()))


STAGE = Stage(
    "decision-inputs",
    reads=(*READ, "entitlements", "events", "grants", "requests", "roles", "rules"),
    writes=(
        "decision_inputs",
        "differences",
        "evaluations",
    ),
    run=lambda work: build_inputs(work.connection, work.once(Readings)),
)
