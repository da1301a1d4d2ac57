"""The whole organisation's year told in the records of all its systems."""

import random
from datetime import datetime, timedelta
from typing import Any

from benchmarks.accuracy.clocks import told
from benchmarks.accuracy.company import CAMPAIGNS, DELIVERERS, LOGGED, RECONCILER, campaign
from benchmarks.accuracy.exports import register, tickets
from benchmarks.accuracy.exports.books import Books, File
from benchmarks.accuracy.exports.logs import Logs, whole
from benchmarks.accuracy.moments import BEGIN, DAY, END, HOUR, day, text
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation


def tell(org: Organisation, latest: timedelta, yearly: bool) -> list[File]:
    """All files of evidence; a record comes late if it is of the last days of its month. `yearly`: one file per source."""
    books = Books(random.Random(7), latest, yearly)
    logs = Logs(books, random.Random(8))
    for plan in org.plans:
        _grant(books, logs, plan)
        _afterwards(books, logs, plan, org.rng)
    for ask in org.idle_asks:
        tickets.tell(books, ask)
    for plan in org.failed:
        _deliver(logs, plan, outcome="failure")
    for invitation in org.invitations:
        logs.invited(invitation.sent, invitation.account, DELIVERERS["github"])
        if invitation.withdrawn:
            logs.invited(invitation.withdrawn, invitation.account, DELIVERERS["github"], withdrawn=True)
    _reviews(org, books)
    _snapshots(org, books)
    _source_data(org, books, logs)
    _daily_life(logs)
    return books.files() + register.write(org)


def _grant(books: Books, logs: Logs, plan: Plan) -> None:
    """Request, exception, delivery and verification."""
    if plan.ask:
        tickets.tell(books, plan.ask)
    if plan.waiver:
        waiver = plan.waiver
        books.add("exceptions", waiver.recorded, {
            "id": waiver.id, "kind": waiver.kind, "identity": plan.holder.id, "system": plan.system,
            "entitlement": plan.entitlement, "recorded_by": waiver.by, "recorded_at": text(waiver.recorded),
            "approved_by": waiver.by, "expires_at": text(waiver.until), "cleanup_owner": waiver.cleanup_owner,
        })  # fmt: skip
    if plan.overridden:
        logs.provisioning(
            plan.overridden, "override", plan.system, plan.account, plan.entitlement, plan.account
        )
    if plan.logged:
        _deliver(logs, plan)
    else:
        logs.used(plan.given, plan.system, plan.account, plan.entitlement)
    if plan.verified and plan.verified < (plan.ends or END):
        logs.provisioning(plan.verified, "verify", plan.system, plan.account, plan.entitlement, RECONCILER, **_ticket(plan),
                          scope=plan.scope, expires_at=text(plan.until))  # fmt: skip


def _ticket(plan: Plan) -> dict[str, Any]:
    return {"ticket": tickets.number(plan.ask)} if plan.ask and plan.names_ticket else {}


def _deliver(logs: Logs, plan: Plan, **more: Any) -> None:
    details: dict[str, Any] = {
        "rule": plan.rule, "rule_version": plan.version, "inputs": plan.inputs or {}, "scope": plan.scope,
        "expires_at": text(plan.until), **_ticket(plan), **more,
    }  # fmt: skip
    if plan.waiver:
        details["exception"] = plan.waiver.id
    logs.given(plan.given, plan.system, plan.account, plan.entitlement, plan.executor, **details)


def _afterwards(books: Books, logs: Logs, plan: Plan, rng: random.Random) -> None:
    """Uses, extensions, rotations, and the end with its check."""
    over = plan.used_until or plan.ends or END - HOUR
    at = plan.given
    if plan.used:
        while (at := at + rng.uniform(20 * 24, 60 * 24) * HOUR) < min(over, END):
            logs.used(whole(at, plan.system), plan.system, plan.account, plan.through_it or plan.entitlement)
        if plan.used_until:
            logs.used(whole(plan.used_until, plan.system), plan.system, plan.account, plan.entitlement)
    for extension in plan.extensions:
        if extension.ask:
            tickets.tell(books, extension.ask)
        more = {"ticket": tickets.number(extension.ask)} if extension.ask else {}
        logs.provisioning(extension.at, "extend", plan.system, plan.account, plan.entitlement, plan.executor,
                          expires_at=text(extension.until), **more)  # fmt: skip
    for at in plan.rotations:
        logs.provisioning(at, "rotate", plan.system, plan.account, None, DELIVERERS[plan.system])
    if plan.taken and plan.taken < END:
        details = {"rule": plan.rule, "rule_version": plan.version} if plan.rule else _ticket(plan)
        logs.taken(
            plan.taken, plan.system, plan.account, plan.entitlement, DELIVERERS[plan.system], **details
        )
        checked = plan.taken + rng.uniform(0.5, 20) * HOUR
        if plan.removal_verified and checked < END:
            logs.provisioning(checked, "verify", plan.system, plan.account, plan.entitlement, RECONCILER)


def _held(plan: Plan, at: datetime) -> bool:
    return plan.given < at and (plan.ends is None or at < plan.ends)


def _reviews(org: Organisation, books: Books) -> None:
    """Each campaign keeps what is held; the reviewer is the owner of the review control then."""
    for plan in org.plans:
        for number in range(len(CAMPAIGNS)):
            at = campaign(plan.system, number) + org.span(0.1, 40)
            if plan.reviewed and _held(plan, at):
                reviewer = org.company.owner(f"REVIEW-{plan.system}", at)
                books.add("reviews", at, {
                    "reviewed_at": text(told(at, "reviews")), "reviewer": reviewer, "system": plan.system, "account": plan.account,
                    "entitlement": plan.entitlement, "decision": "keep", "campaign": f"2026-{number + 1}",
                })  # fmt: skip


def _snapshots(org: Organisation, books: Books) -> None:
    """What crm and vault say is held, four times in the year."""
    for at in (day(91), day(182), day(274), day(363)):
        listed: dict[tuple[str, str, str], Plan] = {}
        for plan in org.plans:
            if plan.system in ("crm", "vault") and _held(plan, at):
                listed[plan.system, plan.account, plan.entitlement] = plan
        for (system, account, entitlement), plan in sorted(listed.items(), key=lambda one: one[0]):
            books.add("snapshots", at, {
                "as_of": text(at), "system": system, "account": account, "entitlement": entitlement, "scope": plan.scope,
                "expires_at": text(plan.extensions[-1].until if plan.extensions and plan.extensions[-1].at < at else plan.until),
            })  # fmt: skip


def _source_data(org: Organisation, books: Books, logs: Logs) -> None:
    for person in org.staff.people:
        for row in person.rows:
            books.add("hr", row.recorded, {
                "worker_id": person.worker, "email": person.address(row.recorded), "attribute": row.attribute, "value": row.value,
                "effective_at": text(row.effective), "recorded_at": text(told(row.recorded, "hr")), "system": row.system,
            })  # fmt: skip
        if (
            person.left
            and not person.kept
            and not person.came_back
            and person.left < END - HOUR
            and "okta" in person.used_systems
        ):
            logs.disabled(person.left + 2 * HOUR, person.mail, DELIVERERS["okta"])


def _daily_life(logs: Logs) -> None:
    """Every log says something every day, which changes nobody's access."""
    unlogged = [system for system in DELIVERERS if system not in LOGGED]
    for number in range((END - BEGIN).days):
        at = BEGIN + number * DAY + HOUR
        system = unlogged[number % len(unlogged)]
        logs.provisioning(at, "verify", system, RECONCILER, None, RECONCILER)
        for name in LOGGED:
            logs.used(at, name, DELIVERERS[name], "")
