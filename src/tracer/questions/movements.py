"""Joiners, movers and leavers in source data: when what a rule says of somebody changed, as known now."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from tracer.judgement.prepare.counterfactual import replayed
from tracer.judgement.prepare.readings import Readings
from tracer.rules.cel import Evaluation, attribute_paths

LEFT = {
    "inactive", "terminated", "left", "leaver", "disabled", "offboarded", "deprovisioned", "suspended", "ended",
    "resigned", "retired", "former", "deceased",
}  # fmt: skip
"""Values of `status` (case-folded) that say somebody left."""


@dataclass(frozen=True)
class Moment:
    """From `at` until `until` (null: to this day) the rules say `before` and `after` of this identity."""

    identity: str
    kind: str
    at: str
    until: str | None
    before: Evaluation
    after: Evaluation
    inputs: dict[str, str]


class Versions:
    """The versions of one rule that is in the register, by time."""

    def __init__(self, connection: sqlite3.Connection, rule: str) -> None:
        self._rows = connection.execute(
            """SELECT coalesce(valid_from, '') AS since, valid_to AS until, version, cel, refused FROM rules
               WHERE fold(id) = fold(?) ORDER BY since, version""",
            (rule,),
        ).fetchall()

    def expression(self, at: str) -> tuple[str | None, str | None]:
        """The rule in force at `at` in CEL, or the reason why it has none; a rule that the case does not know grants nothing."""
        row = self._in_force(at)
        return (row["cel"], row["refused"]) if row is not None else ("false", None)

    def stood(self, at: str) -> bool:
        """Whether there was anything to replace at `at`: a version in force, or a rule that is altogether new."""
        return not self._rows or self._in_force(at) is not None

    def _in_force(self, at: str) -> sqlite3.Row | None:
        rows = [
            row for row in self._rows if row["since"] <= at and (row["until"] is None or at < row["until"])
        ]
        return rows[-1] if rows else None

    @property
    def turns(self) -> set[str]:
        """When each version began or ended."""
        return {at for row in self._rows for at in (row["since"], row["until"]) if at}

    @property
    def reads(self) -> set[str]:
        """All attributes that any version reads."""
        return {name for row in self._rows for name in attribute_paths(row["cel"] or "")}


def moments(connection: sqlite3.Connection, rule: str, new: str) -> Iterator[Moment]:
    """Everyone in source data whom the rule may concern, from each moment on at which its answer changed."""
    readings, versions = Readings(connection), Versions(connection, rule)
    names = tuple(sorted(versions.reads | set(attribute_paths(new))))
    people = connection.execute(
        """SELECT DISTINCT identity_id FROM facts WHERE attribute IN (SELECT value FROM json_each(?)) ORDER BY 1""",
        (json.dumps(names),),
    ).fetchall()
    for (identity,) in people:
        yield from _of_person(readings, versions, identity, names, new)


def _of_person(
    readings: Readings, versions: Versions, identity: str, names: tuple[str, ...], new: str
) -> Iterator[Moment]:
    changes = {fact.valid_from for name in (*names, "status") for fact in readings.facts(identity, name)}
    first = min(changes)
    points = sorted(changes | {turn for turn in versions.turns if turn > first})
    last: Moment | None = None
    began = False
    for point in points:
        if not versions.stood(point):
            if last is not None:
                yield Moment(**{**vars(last), "until": point})
            last = None
            continue
        facts = {name: readings.now(identity, name, point) for name in names}
        inputs = {name: fact.value for name, fact in facts.items() if fact is not None}
        expression, refused = versions.expression(point)
        before = replayed(expression, inputs) if expression is not None else Evaluation(None, (), refused)
        after = replayed(new, inputs)
        if last is not None and (last.before.result, last.after.result) == (before.result, after.result):
            continue
        if last is not None:
            yield Moment(**{**vars(last), "until": point})
        kind = _kind(readings, identity, point) if began else "joiner"
        began = True
        last = Moment(identity, kind, point, None, before, after, inputs)
    if last is not None:
        yield last


def _kind(readings: Readings, identity: str, at: str) -> str:
    status = readings.now(identity, "status", at)
    return "leaver" if status is not None and status.value.strip().casefold() in LEFT else "mover"
