"""Faults of execution at the delivery of access that was asked for by ticket."""

from benchmarks.accuracy.company import LOGGED, REQUEST_WINDOW, Role
from benchmarks.accuracy.moments import DAY
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation


def _platform(org: Organisation, plan: Plan) -> str:
    return org.company.owner(f"PROVISIONING-{plan.system}", plan.given)


def no_decision(org: Organisation, plan: Plan, role: Role) -> bool:
    """Nobody asked."""
    plan.ask = None
    plan.blame("no-decision", 1, plan.given, _platform(org, plan))
    return True


def provisioned_before_approval(org: Organisation, plan: Plan, role: Role) -> bool:
    """Delivered between request and approval."""
    if not plan.ask or plan.ask.decision != "approved":
        return False
    plan.ask.asked = plan.given - org.span(2, 20)
    plan.ask.decided = plan.given + org.span(0.1, 30)
    if plan.ask.approver not in _valid(org, role, plan):
        plan.ask.approver = org.approver(role, plan.ask.decided).mail
    plan.blame("provisioned-before-approval", 1, plan.given, _platform(org, plan))
    return True


def _valid(org: Organisation, role: Role, plan: Plan) -> set[str]:
    assert plan.ask and plan.ask.decided
    at = plan.ask.decided
    return {
        row["approver"]
        for row in org.company.authorities
        if (row["system"], row["entitlement"]) == (role.system, role.entitlement)
        and row["from"] <= at and (row["to"] is None or at < row["to"])
    }  # fmt: skip


def provisioned_after_denial(org: Organisation, plan: Plan, role: Role) -> bool:
    """Denied, cancelled, or approved so long ago that the approval has lapsed."""
    if not plan.ask or plan.ask.decision != "approved" or not plan.ask.decided:
        return False
    kind = org.rng.choice(["denied", "denied", "cancelled", "lapsed"])
    if kind == "lapsed":
        if not plan.names_ticket:
            return False
        plan.ask.decided = plan.given - REQUEST_WINDOW - org.span(2, 200)
        plan.ask.asked = plan.ask.decided - org.span(1, 40)
        plan.ask.approver = org.approver(role, plan.ask.decided).mail
        if plan.ask.approver in (plan.ask.requester.mail, plan.holder.id):
            return False
    else:
        plan.ask.decision = kind
    plan.because += f", {kind}"
    plan.blame("provisioned-after-denial", 1, plan.given, _platform(org, plan))
    return True


def wrong_entitlement(org: Organisation, plan: Plan, role: Role) -> bool:
    """The log names the ticket of something else."""
    others = {
        "sales-seat": "export",
        "export": "sales-seat",
        "DATA_READER": "DATA_WRITER",
        "prod-secrets": "root-token",
    }
    if not plan.names_ticket or role.entitlement not in others or not plan.ask:
        return False
    plan.entitlement = others[role.entitlement]
    plan.blame("wrong-entitlement", 1, plan.given, _platform(org, plan))
    return True


def wrong_subject(org: Organisation, plan: Plan, role: Role) -> bool:
    """Somebody else than the beneficiary got it."""
    if not plan.names_ticket or not plan.ask:
        return False
    plan.holder = org.free_person(role, plan.given)
    plan.blame("wrong-subject", 1, plan.given, _platform(org, plan))
    return True


def scope_exceeds_approval(org: Organisation, plan: Plan, role: Role) -> bool:
    """A whole schema instead of a table, or no limit at all."""
    if not role.scope or role.system in LOGGED or not plan.ask:
        return False
    plan.scope = org.rng.choice([f"{role.scope.split('.')[0]}.*", None, "*"])
    plan.blame("scope-exceeds-approval", 1, plan.given, _platform(org, plan))
    return True


def expiry_dropped(org: Organisation, plan: Plan, role: Role) -> bool:
    """The end that was decided is missing in the delivery, or later."""
    if role.system in LOGGED or not plan.ask:
        return False
    plan.ask.until = (plan.given + org.span(24 * 25, 24 * 55)).replace(microsecond=0)
    plan.until = None if org.rng.random() < 0.6 else plan.ask.until + 60 * DAY
    if plan.taken is None:
        plan.taken = plan.ask.until - org.span(2, 40)
    else:
        plan.taken = min(plan.taken, plan.ask.until - org.span(2, 40))
    plan.blame("expiry-dropped", 1, plan.given, _platform(org, plan))
    return True


def unauthorised_executor(org: Organisation, plan: Plan, role: Role) -> bool:
    """A person with an administrator's account did it by hand."""
    person = org.someone_but(plan.ask.approver if plan.ask else None, plan.holder.id)
    plan.executor = person.account(plan.system)
    plan.blame("unauthorised-executor", 1, plan.given, _platform(org, plan))
    return True


MUTATORS = {
    "no-decision": no_decision, "provisioned-before-approval": provisioned_before_approval,
    "provisioned-after-denial": provisioned_after_denial, "wrong-entitlement": wrong_entitlement,
    "wrong-subject": wrong_subject, "scope-exceeds-approval": scope_exceeds_approval, "expiry-dropped": expiry_dropped,
    "unauthorised-executor": unauthorised_executor,
}  # fmt: skip
