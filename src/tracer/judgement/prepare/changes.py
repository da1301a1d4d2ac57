"""When access that was right became wrong: leaves, moves, ends of purpose and new rule versions, as known now.

Fills `changes`, one row per interval in which, with the facts as known now, the rule that granted the access or the
catalogue's `eligible` is false. `deadline` is when the revocation was due: `revocation_sla` after the later of the
change and its entry. An interval that begins with the grant is kept only if what makes it wrong was entered later.
The temporary table `unsettled_changes` says from when on a change may have been taken back, for what its source
recorded since is missing.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tracer.case.ids import content_id
from tracer.case.policy import limit
from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.judgement.prepare.inputs import Decision, decisions
from tracer.judgement.prepare.readings import READ, Fact, Readings
from tracer.rules.cel import attribute_paths, evaluate

FOREVER = "9999"


@dataclass(frozen=True)
class Interval:
    """Access wrong from `since` until `until` (None: to this day) because of `fact`."""

    expression: str
    since: str
    until: str | None
    effective_at: str
    recorded_at: str
    fact: Fact | None
    at_start: bool
    corrects: bool


def build_changes(connection: sqlite3.Connection, readings: Readings) -> None:
    """Fill `changes` for every grant that rests on a rule, a ticket or nothing; exceptions have their own end."""
    tolerance = limit(connection, "revocation_sla") or timedelta(0)
    ends = dict(
        connection.execute(
            "SELECT id, purpose_ends_at FROM identities WHERE purpose_ends_at IS NOT NULL ORDER BY id"
        ).fetchall()
    )
    rows = []
    unsettled: list[tuple[str, str]] = []
    unread: list[tuple[str]] = []
    versions = _versions_of(connection)
    for decision in decisions(connection):
        if decision.basis == "exception":
            continue
        found = list(_of_decision(readings, decision))
        found += _later_versions(readings, decision, versions)
        end = ends.get(decision.identity)
        if end and end > decision.granted_at:
            found.append(Interval("purpose", end, None, end, end, None, False, False))
        for one in found:
            if one.fact is not None and (since := readings.unsettled(one.fact.system, one.recorded_at)):
                unsettled.append((content_id("change", decision.grant_id, one.expression, one.since), since))
            if one.fact is not None and readings.unread(one.fact.attribute, one.fact.system, one.recorded_at):
                unread.append((content_id("change", decision.grant_id, one.expression, one.since),))
            due = plus(max(one.since, one.recorded_at), tolerance)
            rows.append(
                (
                    content_id("change", decision.grant_id, one.expression, one.since),
                    decision.grant_id,
                    one.expression,
                    one.fact.attribute if one.fact else None,
                    one.fact.system if one.fact else None,
                    one.fact.value if one.fact else None,
                    one.since,
                    one.until,
                    one.effective_at,
                    one.recorded_at,
                    due,
                    int(one.at_start),
                    int(one.corrects),
                    one.fact.record_id if one.fact else None,
                )
            )
    connection.execute("DROP TABLE IF EXISTS temp.unsettled_changes")
    connection.execute("CREATE TEMP TABLE unsettled_changes (change_id PRIMARY KEY, since)")
    connection.executemany("INSERT OR IGNORE INTO unsettled_changes VALUES (?, ?)", unsettled)
    connection.execute("DROP TABLE IF EXISTS temp.unread_changes")
    connection.execute("CREATE TEMP TABLE unread_changes (change_id PRIMARY KEY)")
    connection.executemany("INSERT OR IGNORE INTO unread_changes VALUES (?)", unread)
    connection.executemany(
        "INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
    )


def _of_decision(readings: Readings, decision: Decision) -> Iterator[Interval]:
    expressions = {"eligible": decision.eligible}
    if decision.basis == "rule":
        expressions["rule"] = decision.expression
    for name, expression in sorted(expressions.items()):
        if expression:
            yield from intervals(readings, decision, name, expression)


def intervals(readings: Readings, decision: Decision, name: str, expression: str) -> Iterator[Interval]:
    """The times after the grant at which `expression` is false on the facts as known now."""
    identity, start = decision.identity, decision.granted_at
    paths = attribute_paths(expression)
    if not any(
        f.valid_from > start or f.recorded_at > start for p in paths for f in readings.facts(identity, p)
    ):
        return
    points = sorted(
        {start}
        | {f.valid_from for path in paths for f in readings.facts(identity, path) if f.valid_from > start}
    )
    before = known_then = _values(readings, identity, paths, start, then=True)
    opened: list[Interval] = []
    for point in points:
        current = _values(readings, identity, paths, point)
        result = _result(expression, current)
        if result is False and (
            not opened or _changes_what_was_decided(expression, known_then, before, current, opened)
        ):
            opened += filter(None, [_opening(name, expression, point, start, before, current)])
        elif result is True:
            yield from (Interval(**{**vars(one), "until": point}) for one in opened)
            opened = []
        before = current
    yield from opened


def _changes_what_was_decided(
    expression: str,
    known_then: dict[str, Fact | None],
    before: dict[str, Fact | None],
    current: dict[str, Fact | None],
    opened: list[Interval],
) -> bool:
    """Whether a change is a leave or move of its own though the access was wrong from the start by what is known now.

    It is where what was known at the decision was right, and with this change alone would no longer have been.
    """
    changed = {path: fact for path, fact in current.items() if fact != before[path]}
    return (
        opened[-1].at_start
        and bool(changed)
        and _result(expression, known_then) is True
        and _result(expression, known_then | changed) is False
    )


def _result(expression: str, facts: dict[str, Fact | None]) -> bool | None:
    """What the expression gives on these facts; None also where an attribute decides that no source ever spoke of."""
    found = evaluate(expression, {path: fact.value if fact else "" for path, fact in facts.items()})
    return None if any(facts.get(path) is None for path in found.blank) else found.result


def _values(
    readings: Readings, identity: str, paths: tuple[str, ...], at: str, *, then: bool = False
) -> dict[str, Fact | None]:
    read = readings.then if then else readings.now
    return {path: read(identity, path, at) for path in paths}


def _opening(
    name: str,
    expression: str,
    point: str,
    start: str,
    before: dict[str, Fact | None],
    current: dict[str, Fact | None],
) -> Interval | None:
    """The interval that begins at `point`, with the change behind it; None where nothing changed since the grant.

    Of several changes at once it is one that alone makes the difference, where there is one.
    """
    changed = {
        path: fact for path, fact in sorted(current.items()) if fact is not None and fact != before[path]
    }
    deciding = {path: f for path, f in changed.items() if _result(expression, before | {path: f}) is False}
    fact = max(
        (deciding or changed).values(),
        key=lambda f: (f.valid_from == point, f.recorded_at, f.attribute),
        default=None,
    )
    if fact is None or (point == start and fact.recorded_at <= start):
        return None
    held = before.get(fact.attribute)
    corrects = held is not None and held.valid_from == fact.valid_from
    return Interval(name, point, None, fact.valid_from, fact.recorded_at, fact, point == start, corrects)


def _versions_of(connection: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """Rule (case-folded) -> its versions that can be evaluated: from when in force, and the expression; in order."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for rule, since, cel in connection.execute(
        "SELECT fold(id), valid_from, cel FROM rules WHERE cel IS NOT NULL AND valid_from IS NOT NULL ORDER BY valid_from, version"
    ):
        found[rule].append((since, cel))
    return found


def _later_versions(
    readings: Readings, decision: Decision, versions: dict[str, list[tuple[str, str]]]
) -> list[Interval]:
    """Access by a rule whose version now in force would not grant it, though nothing changed at the source."""
    if decision.basis != "rule" or not decision.expression:
        return []
    found: Interval | None = None
    for at, cel in versions.get((decision.rule or "").casefold(), []):
        if not decision.granted_at < at < decision.held_until:
            continue
        result = _result(cel, _values(readings, decision.identity, attribute_paths(cel), at))
        if result is False and found is None:
            found = Interval("rule-version", at, None, at, at, None, False, False)
        elif result is True:
            found = None
    return [found] if found else []


STAGE = Stage(
    "changes",
    reads=(*READ, "entitlements", "events", "grants", "identities", "policy", "requests", "roles", "rules"),
    writes=(
        "changes",
        "unread_changes",
        "unsettled_changes",
    ),
    run=lambda work: build_changes(work.connection, work.once(Readings)),
)
