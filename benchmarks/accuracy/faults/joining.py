"""Invitations into the GitHub organisation, and applications that people let into their own data."""

from benchmarks.accuracy.company import CONSENT, MEMBER
from benchmarks.accuracy.moments import DAY, day
from benchmarks.accuracy.people import Thing
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation, invite


def _joined(org: Organisation, story: str) -> Plan:
    given = day(org.rng.uniform(25, 330))
    plan = org.by_ticket(MEMBER, org.free_person(MEMBER, given), given)
    plan.because = story
    org.plans.append(plan)
    return plan


def accepted(org: Organisation) -> None:
    """Asked for, approved, invited, and accepted by the invited."""
    plan = _joined(org, "accepted an invitation")
    plan.executor = plan.account
    invite(org, plan)


def never_accepted(org: Organisation) -> None:
    """Asked for, approved and invited; half of the invitations are withdrawn, none was accepted: nothing is held."""
    plan = _joined(org, "never accepted an invitation")
    org.plans.remove(plan)
    assert plan.ask
    org.idle_asks.append(plan.ask)
    invite(org, plan, withdrawn=org.rng.random() < 0.5)


def added_without(org: Organisation) -> None:
    """A member whom nobody had asked for or invited."""
    plan = _joined(org, "member nobody asked for")
    plan.ask = None
    plan.blame("no-decision", 1, plan.given, org.company.owner("PROVISIONING-github", plan.given))


def _app(org: Organisation, story: str) -> Plan:
    owner = org.someone_but()
    name = f"Board Notes {len(org.staff.things)}"
    app = Thing(name, "workload", owner.mail, {CONSENT.system: name})
    org.staff.things.append(app)
    given = day(org.rng.uniform(25, 300))
    plan = org.by_ticket(CONSENT, app, given)
    plan.executor, plan.because = owner.account("okta"), story
    if org.rng.random() < 0.3:
        plan.taken = given + org.span(24, 24 * 90)
    if plan.taken and plan.taken > day(360):
        plan.taken = given + 2 * DAY
    org.plans.append(plan)
    return plan


def consent_asked(org: Organisation) -> None:
    """The consent had been asked for and approved."""
    _app(org, "consent to an application")


def consent_unasked(org: Organisation) -> None:
    """Somebody let an application in where the catalogue asks for an approval."""
    plan = _app(org, "consent nobody approved")
    plan.ask = None
    plan.blame("self-service-bypass", 3, plan.given, org.company.owner("APPROVAL-okta", plan.given))


STORIES = [accepted, never_accepted, added_without, consent_asked, consent_unasked]
