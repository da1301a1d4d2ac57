"""Whether each recorded decision of a rule comes out as recorded when it is replayed; else no replay proves anything.

A decision is recorded by a grant that a rule made, by a `deny`, or by a `grant` that failed; it is reproduced if the
log names a version that is in the register, and that version gives on the logged inputs the logged outcome. Two
records of one version with equal inputs and opposite outcomes show an input that was never logged: what replay says of
such a grant is withdrawn, unless the catalogue's `eligible` turns too. Fills `reproductions`.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tracer.case.stage import Stage
from tracer.case.times import plus
from tracer.judgement.prepare.inputs import logged_inputs, said
from tracer.rules.cel import attribute_paths, evaluate

RETRIED = timedelta(days=1)
"""A delivery that failed and succeeded within this time, on equal inputs, was tried again and never denied."""

NO_DOUBT, LESS_SURE, UNDETERMINED = 0, 1, 2


Key = tuple[str, str, tuple[tuple[str, str], ...]]
"""A rule (case-folded), its version, and the inputs that it read."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decision of a rule that a log recorded. `version` is the logged one, else the one in force (`named` says).

    `inputs` are by the names that the rule reads, `logged` as the log has them (JSON).
    """

    event_id: str
    grant_id: str | None
    identity: str | None
    account: str | None
    entitlement: str | None
    at: str
    granted: bool
    rule: str
    version: str | None
    named: bool
    known: bool
    cel: str | None
    refused: str | None
    inputs: dict[str, str] | None
    logged: str | None
    record_id: str | None

    @property
    def reads(self) -> tuple[str, ...]:
        """The attributes that the rule reads."""
        return attribute_paths(self.cel or "")

    @property
    def key(self) -> Key | None:
        """The same for records of one version with equal inputs; null where none were logged or the rule is unknown."""
        if self.inputs is None or self.cel is None:
            return None
        read = tuple((name, self.inputs[name]) for name in self.reads if name in self.inputs)
        return self.rule.casefold(), self.version or "", read


RECORDED = """
WITH keyed AS MATERIALIZED (SELECT fold(id) AS folded, * FROM rules),
named AS MATERIALIZED (
  SELECT n.rule AS name, r.* FROM (SELECT DISTINCT rule FROM events WHERE rule IS NOT NULL) n JOIN keyed r ON r.folded = fold(n.rule))
SELECT v.id AS event_id, g.id AS grant_id, a.identity_id, v.subject_id, v.entitlement_id, v.at,
       v.verb = 'grant' AND v.outcome = 'success' AS granted, v.rule, coalesce(u.version, v.rule_version) AS version,
       v.rule_version IS NOT NULL AS named, u.id IS NOT NULL AS known, u.cel, u.refused, v.inputs, v.record_id
FROM events v LEFT JOIN grants g ON g.event_id = v.id AND g.basis = 'rule' LEFT JOIN accounts a ON a.id = v.subject_id
LEFT JOIN named u ON u.name = v.rule AND u.version = coalesce(v.rule_version, (
  SELECT max(w.version) FROM named w WHERE w.name = v.rule AND coalesce(w.valid_from, '') <= v.at
    AND (w.valid_to IS NULL OR v.at < w.valid_to)))
WHERE v.rule IS NOT NULL AND {condition} ORDER BY v.at, v.id
"""
GRANTED = "v.verb = 'grant' AND v.outcome = 'success' AND g.id IS NOT NULL"
DENIED = "(v.verb = 'deny' AND v.outcome = 'success' OR v.verb = 'grant' AND v.outcome = 'failure')"


def recorded(
    connection: sqlite3.Connection, condition: str = f"({GRANTED} OR {DENIED})", *values: str
) -> Iterator[Recorded]:
    """Every decision of a rule that a log recorded, in order of time; deliveries that were tried again only once.

    `condition` chooses among events `v` and their grants `g`, with `values` for its parameters.
    """
    for row in connection.execute(RECORDED.format(condition=condition), values):
        one = Recorded(
            event_id=row["event_id"],
            grant_id=row["grant_id"],
            identity=row["identity_id"],
            account=row["subject_id"],
            entitlement=row["entitlement_id"],
            at=row["at"],
            granted=bool(row["granted"]),
            rule=row["rule"],
            version=row["version"],
            named=bool(row["named"]),
            known=bool(row["known"]),
            cel=row["cel"],
            refused=row["refused"],
            inputs=logged_inputs(row["inputs"], row["cel"]),
            logged=row["inputs"],
            record_id=row["record_id"],
        )
        if one.granted or not _tried_again(connection, one, row["inputs"]):
            yield one


def _tried_again(connection: sqlite3.Connection, one: Recorded, inputs: str | None) -> bool:
    """Whether a failed delivery succeeded soon after, on the same inputs."""
    row = connection.execute(
        """SELECT 1 FROM events f JOIN events v ON v.subject_id = f.subject_id AND v.entitlement_id IS f.entitlement_id
           WHERE f.id = ? AND f.verb = 'grant' AND v.verb = 'grant' AND v.outcome = 'success' AND v.inputs IS ?
             AND fold(v.rule) = fold(f.rule) AND v.at >= f.at AND v.at <= ?""",
        (one.event_id, inputs, plus(one.at, RETRIED)),
    ).fetchone()
    return row is not None


def build_reproductions(connection: sqlite3.Connection) -> None:
    """Fill `reproductions`, and take back what replay said of grants whose decision rests on an unlogged input."""
    denials = reversed(list(recorded(connection, DENIED)))
    denied = {key: one for one in denials if (key := one.key) is not None}
    opposed: dict[Key, Recorded] = {}
    if denied:
        for one in recorded(connection, GRANTED):
            if (key := one.key) is not None and key in denied:
                opposed.setdefault(key, one)
    doubted = {key[:2] for key in opposed}
    connection.executemany(
        f"INSERT OR IGNORE INTO reproductions VALUES ({', '.join('?' * 12)})",
        (_row(one, _opposite(one, denied, opposed), doubted) for one in recorded(connection)),
    )
    _withdraw(connection)


def _opposite(one: Recorded, denied: dict[Key, Recorded], opposed: dict[Key, Recorded]) -> Recorded | None:
    """A record of equal inputs that came out the other way."""
    key = one.key
    if key is None or key not in opposed:
        return None
    return denied[key] if one.granted else opposed[key]


def _row(
    one: Recorded, other: Recorded | None, doubted: set[tuple[str, str]]
) -> tuple[str | int | None, ...]:
    found = evaluate(one.cel, one.inputs or {}) if one.cel is not None else None
    because, need = judged(one)
    doubt = LESS_SURE if because or (one.rule.casefold(), one.version or "") in doubted else NO_DOUBT
    if other is not None:
        doubt = UNDETERMINED
        because = (
            f"rule {one.rule} version {one.version} {'granted' if one.granted else 'denied'} at {one.at} and "
            f"{'granted' if other.granted else 'denied'} at {other.at} on equal inputs ({shown(one)}): "
            "an input that decided was never logged"
        )
        need = f"every input that rule {one.rule} version {one.version} read, besides {shown(one)}"
    result = None if found is None or found.result is None else int(found.result)
    return (
        one.event_id, one.grant_id, one.identity, one.rule, one.version, int(one.granted), result,
        int(because is None), doubt, because, need, one.record_id,
    )  # fmt: skip


def shown(one: Recorded) -> str:
    """The inputs that the rule read, as a person reads them."""
    return said({name: value for name, value in (one.inputs or {}).items() if name in one.reads})


def judged(one: Recorded) -> tuple[str | None, str | None]:
    """Why this decision does not come out as recorded, and what to ask for; nulls where it does."""
    rule = f"rule {one.rule}" + (f" version {one.version}" if one.version else "")
    if not one.known:
        return f"{rule} is not in the register", f"the text of {rule}"
    if one.cel is None:
        return f"{rule} cannot be evaluated: {one.refused}", f"an evaluation of {rule} by its engine"
    if one.inputs is None:
        return f"the log holds no inputs of {rule}", f"the inputs that {rule} read"
    found = evaluate(one.cel, one.inputs)
    if found.result is None:
        return f"{rule} cannot be evaluated: {found.reason}", f"the inputs that {rule} read"
    absent = [name for name in found.blank if name not in one.inputs]
    if absent:
        return f"the log holds no {', '.join(absent)}, which decides {rule}", f"the inputs that {rule} read"
    if found.result != one.granted:
        outcome = "granted" if one.granted else "denied"
        return (
            f"{rule} is {str(found.result).lower()} on the logged inputs ({shown(one)}), but it {outcome}",
            f"every input that {rule} read",
        )
    if not one.named:
        return (
            f"the log does not name the version of rule {one.rule}",
            f"which version of rule {one.rule} ran",
        )
    return None, None


def _withdraw(connection: sqlite3.Connection) -> None:
    """Replays of grants that rest on an unlogged input prove nothing, unless the catalogue's word turns as well."""
    connection.execute("DROP TABLE IF EXISTS temp.withdrawn")
    connection.execute(
        """CREATE TEMP TABLE withdrawn AS SELECT p.grant_id, p.because FROM reproductions p
           WHERE p.doubt = 2 AND p.grant_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM evaluations t JOIN evaluations n ON n.grant_id = t.grant_id AND n.subject = 'eligible'
               AND n.reading = 'known-now' AND n.result = 0
             WHERE t.grant_id = p.grant_id AND t.subject = 'eligible' AND t.reading = 'known-then' AND t.result = 1)"""
    )
    connection.execute(
        """UPDATE evaluations SET result = NULL, blank = NULL, reason = 'not reproducible: ' || (
             SELECT w.because FROM withdrawn w WHERE w.grant_id = evaluations.grant_id)
           WHERE subject = 'decision' AND reading IN ('known-then', 'known-now')
             AND grant_id IN (SELECT grant_id FROM withdrawn)"""
    )
    connection.execute(
        "UPDATE differences SET decides = 0 WHERE grant_id IN (SELECT grant_id FROM withdrawn)"
    )
    # A later change of facts stands: it is judged by what the rule would say from then on.
    connection.execute(
        """DELETE FROM changes WHERE expression = 'rule' AND at_start = 1
           AND grant_id IN (SELECT grant_id FROM withdrawn)"""
    )


STAGE = Stage(
    "reproductions",
    reads=(
        "accounts",
        "events",
        "grants",
        "rules",
    ),
    writes=("reproductions",),
    completes=(
        "changes",
        "differences",
        "evaluations",
    ),
    run=lambda work: build_reproductions(work.connection),
)
