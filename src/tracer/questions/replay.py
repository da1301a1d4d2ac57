"""The counterfactual: recorded decisions again, with corrected facts, another rule text or another approval.

A replay proves something only if the decision first comes out as recorded; else it is `not_reproducible` and says what
to ask for. Answers are rows in one of six lists: lose, gain, keep, neither, not_reproducible, indeterminate.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracer.case.functions import add_functions
from tracer.completeness.exports import build_exports
from tracer.completeness.lossy_sources import build_losses
from tracer.judgement.prepare.approvals import authorities, standing
from tracer.judgement.prepare.counterfactual import replayed
from tracer.judgement.prepare.inputs import Decision, decisions, logged_inputs, said
from tracer.judgement.prepare.readings import Readings
from tracer.judgement.prepare.reproduction import UNDETERMINED, Recorded, judged, recorded
from tracer.questions.asked import asked_for
from tracer.questions.lineage_of import evidence_of
from tracer.questions.movements import moments
from tracer.questions.names import identity_named
from tracer.questions.new_rule import NewRule
from tracer.rules.cel import Evaluation, attribute_paths
from tracer.rules.names import attribute

CHANGES = ("lose", "gain", "keep", "neither", "not_reproducible", "indeterminate")
"""What a replay can come to. `neither`: not granted, and not granted with the change."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What is different in the replay: values of attributes, a rule, an approval (`denied`, `none`, or by whom)."""

    corrected: dict[str, str] = field(default_factory=dict)
    rule: NewRule | None = None
    approval: str | None = None


def replay_grants(connection: sqlite3.Connection, name: str, change: Change) -> dict[str, Any]:
    """The decisions of the grants that `name` means (a grant, an identity, a ticket), replayed with the change.

    Raises UsageError where the name is ambiguous, CaseError where nothing is found.
    """
    readings = _readings(connection)
    rows = []
    # All are read first: finding who would have approved sets functions, which no open query allows.
    for decision in list(decisions(connection, sorted(asked_for(connection, name).grants))):
        if decision.basis == "rule":
            found = recorded(connection, "g.id = ?", decision.grant_id)
            rows += [_of_record(connection, readings, one, change) for one in found]
        else:
            rows.append(_of_approval(connection, readings, decision, change))
    return _answer(rows, change)


def replay_rule(connection: sqlite3.Connection, rule: NewRule) -> dict[str, Any]:
    """Everyone whom the rule decided on in the logs, and every joiner, mover and leaver in source data, with its new text."""
    readings = _readings(connection)
    change = Change(rule=rule)
    rows = []
    decided: dict[str, list[str]] = {}
    condition = "fold(v.rule) = fold(?) AND (v.verb IN ('grant', 'deny'))"
    for one in recorded(connection, condition, rule.id or ""):
        if one.granted and one.grant_id is None:
            continue
        rows.append(_of_record(connection, readings, one, change))
        if one.identity:
            decided.setdefault(one.identity, []).append(one.at)
    if rule.cel is not None:
        for moment in moments(connection, rule.id or "", rule.cel):
            times = decided.get(moment.identity, [])
            if any(moment.at <= at and (moment.until is None or at < moment.until) for at in times):
                continue
            row = _row(moment.identity, moment.kind, None, moment.at, rule.id, None, rule.grants)
            row |= {"until": moment.until, "inputs": moment.inputs, "reproduced": True}
            rows.append(
                _compared(
                    row, moment.before.result, moment.after, moment.inputs, rule.cel, moment.before.reason
                )
            )
    return _answer(rows, change)


def _readings(connection: sqlite3.Connection) -> Readings:
    """Source data as judging reads it: with what its exports lack."""
    add_functions(connection)
    build_exports(connection)
    # Only judging maps tickets, and so knows of those that could not be mapped; source data is none of them.
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS unmapped (record_id, source)")
    build_losses(connection)
    return Readings(connection)


def _answer(rows: list[Row], change: Change) -> dict[str, Any]:
    lists: dict[str, list[Row]] = {name: [] for name in CHANGES}
    for row in sorted(
        rows, key=lambda row: (row["identity"] or "", row["at"] or "", row["kind"], row["grant"] or "")
    ):
        lists[row.pop("change")].append(row)
    rule = change.rule
    asked = {
        "rule": rule.id if rule else None,
        "version": rule.version if rule else None,
        "cel": rule.cel if rule else None,
        "refused": rule.refused if rule else None,
        "set": change.corrected,
        "unread": sorted(name for name in change.corrected if not any(_reads(row, name) for row in rows)),
        "approval": change.approval,
    }
    return {"asked": asked, "counts": {name: len(found) for name, found in lists.items()}, **lists}


def _reads(row: Row, name: str) -> bool:
    """Whether the decision of this row reads the attribute, whatever its spelling."""
    meant = name if name in row["inputs"] else attribute(name, tuple(row["inputs"]))
    return meant in row["inputs"] and meant not in row["unread"]


def _row(
    identity: str | None, kind: str, grant: str | None, at: str | None, rule: str | None, version: str | None,
    entitlements: tuple[str, ...],
) -> Row:  # fmt: skip
    return {
        "identity": identity, "kind": kind, "grant": grant, "at": at, "until": None, "entitlements": list(entitlements),
        "rule": rule, "version": version, "inputs": {}, "reproduced": None, "before": None, "after": None,
        "unread": [], "change": "indeterminate", "because": None, "need": None, "evidence": [],
    }  # fmt: skip


def _compared(
    row: Row,
    before: bool | None,
    after: Evaluation,
    inputs: Mapping[str, str],
    expression: str,
    unsaid: str | None = None,
) -> Row:
    """The row with what changes from the recorded outcome to the replayed one."""
    read = {name: inputs.get(name, "") for name in attribute_paths(expression)}
    row |= {"before": before, "after": after.result}
    absent = [name for name in after.blank if name not in inputs]
    if before is None or after.result is None:
        return row | {"because": after.reason or unsaid or "it cannot be evaluated"}
    if absent and before != after.result:
        return row | {
            "because": f"nothing says {', '.join(absent)} of {row['identity']}, which decides",
            "need": f"the value of {', '.join(absent)} of {row['identity']}",
        }
    change = {(True, True): "keep", (True, False): "lose", (False, True): "gain"}.get(
        (before, after.result), "neither"
    )
    return row | {"change": change, "because": f"{str(after.result).lower()} on {said(read)}"}


def _of_record(connection: sqlite3.Connection, readings: Readings, one: Recorded, change: Change) -> Row:
    """A recorded decision of a rule: reproduced first, then with the change."""
    entitlement = connection.execute(
        "SELECT system || '/' || name FROM entitlements WHERE id = ?", (one.entitlement,)
    ).fetchone()
    kind = "grant" if one.granted else "denied"
    row = _row(one.identity, kind, one.grant_id, one.at, one.rule, one.version, tuple(entitlement or ()))
    row["evidence"] = evidence_of(connection, [one.record_id])
    new = change.rule if change.rule is not None else None
    expression, refused = (new.cel, new.refused) if new is not None else (one.cel, one.refused)
    if change.approval is not None:
        return row | {"because": f"rule {one.rule} decided it, no approval"}
    doubt = connection.execute(
        "SELECT because, need FROM reproductions WHERE event_id = ? AND doubt = ?",
        (one.event_id, UNDETERMINED),
    ).fetchone()
    because, need = tuple(doubt) if doubt else judged(one)
    if expression is None:
        return row | {"before": one.granted, "because": refused or because, "need": need}
    inputs = _inputs(readings, one, expression, change.corrected)
    row["inputs"] = inputs
    after = replayed(expression, inputs)
    row["unread"] = [
        name for name in _named(change.corrected, one.reads) if name not in attribute_paths(expression)
    ]
    if because is not None:
        row |= {"reproduced": False, "before": one.granted, "after": after.result}
        return row | {"change": "not_reproducible", "because": because, "need": need}
    return _compared(row | {"reproduced": True}, one.granted, after, inputs, expression)


def _inputs(
    readings: Readings, one: Recorded, expression: str, corrected: Mapping[str, str]
) -> dict[str, str]:
    """What the decision reads: corrected values, else as logged, else as the source held it then."""
    reads = attribute_paths(expression)
    facts = {name: readings.then(one.identity or "", name, one.at) for name in reads}
    held = {name: fact.value for name, fact in facts.items() if fact is not None}
    logged = logged_inputs(one.logged, expression) or {}
    return {**held, **{name: logged[name] for name in reads if name in logged}, **_named(corrected, reads)}


def _named(corrected: Mapping[str, str], reads: tuple[str, ...]) -> dict[str, str]:
    """Corrected values by the names that the expression reads."""
    return {attribute(name, reads) if name not in reads else name: value for name, value in corrected.items()}


def _of_approval(
    connection: sqlite3.Connection, readings: Readings, decision: Decision, change: Change
) -> Row:
    """A grant that a ticket decided (by eligibility and approval), or nothing that could be replayed."""
    grant = connection.execute(
        """SELECT t.system, t.name, g.event_id, g.ticket, v.record_id, c.requester_id, c.beneficiary_id, g.granted_at
           FROM grants g JOIN entitlements t ON t.id = g.entitlement_id LEFT JOIN events v ON v.id = g.event_id
           LEFT JOIN circumstances c ON c.grant_id = g.id WHERE g.id = ?""",
        (decision.grant_id,),
    ).fetchone()
    name = (f"{grant['system']}/{grant['name']}",)
    row = _row(decision.identity, "grant", decision.grant_id, decision.granted_at, None, None, name)
    row |= {"before": True, "evidence": evidence_of(connection, [grant["record_id"]])}
    if decision.basis != "ticket" or decision.at is None:
        words = {"exception": "an exception decided it", "ticket": "its ticket was not approved"}
        return row | {
            "because": f"{words.get(decision.basis, 'nothing decided it')}: there is nothing to replay"
        }
    if change.rule is not None:
        return row | {"because": f"ticket {grant['ticket']} decided it, no rule"}
    if change.approval is not None:
        verdict = _approved(connection, grant, decision, change.approval)
        if verdict is not None:
            return row | {"reproduced": True, "after": verdict[0] == "keep" or None} | _verdict(*verdict)
    if decision.expression is None:
        if change.corrected:
            return row | {"because": f"the catalogue has no eligibility for {name[0]}: facts decide nothing"}
        return row | {
            "reproduced": True,
            "after": True,
            "change": "keep",
            "because": f"ticket {grant['ticket']} was approved",
        }
    facts = {
        one: readings.then(decision.identity, one, decision.at)
        for one in attribute_paths(decision.expression)
    }
    held = {one: fact.value for one, fact in facts.items() if fact is not None}
    as_recorded = replayed(decision.expression, held)
    inputs = {**held, **_named(change.corrected, attribute_paths(decision.expression))}
    row |= {"inputs": inputs, "unread": [one for one in inputs if one not in facts]}
    after = replayed(decision.expression, inputs)
    if as_recorded.result is not True or [one for one in as_recorded.blank if one not in held]:
        row |= {"reproduced": False, "after": after.result, "change": "not_reproducible"}
        return row | {
            "because": f"the catalogue's eligibility is not true on what source data held at {decision.at} ({said(held)})",
            "need": f"source data of {decision.identity} as of {decision.at}",
        }
    return _compared(row | {"reproduced": True}, True, after, inputs, decision.expression)


def _verdict(change: str, because: str) -> Row:
    return {"change": change, "because": because, "after": {"keep": True, "lose": False}.get(change)}


def _approved(
    connection: sqlite3.Connection, grant: sqlite3.Row, decision: Decision, approval: str
) -> tuple[str, str] | None:
    """What another approval would have come to; null where it stands and eligibility decides."""
    if approval in ("denied", "none"):
        return (
            "lose",
            f"ticket {grant['ticket']} would have been {'denied' if approval == 'denied' else 'left open'}",
        )
    approver, at = identity_named(connection, approval), decision.at or decision.granted_at
    if approver in (decision.identity, grant["requester_id"], grant["beneficiary_id"]):
        return "lose", f"{approver} would have approved their own access"
    held, _, _ = standing(authorities(connection), approver, grant["system"], grant["name"], at)
    if held in ("own", "delegated"):
        return None
    if held == "unlisted":
        return "indeterminate", f"the register lists no authority for {grant['system']}/{grant['name']}"
    return "lose", f"{approver} had no authority for {grant['system']}/{grant['name']} at {at} ({held})"


def outcomes(answer: Mapping[str, Any]) -> Iterator[str]:
    """Which of lose and gain the replay found."""
    yield from (name for name in ("lose", "gain") if answer["counts"][name])
