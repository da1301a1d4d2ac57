"""Faults of the decision on a ticket."""

from benchmarks.accuracy.company import LOGGED, ROLES, Role
from benchmarks.accuracy.moments import BEGIN, DAY
from benchmarks.accuracy.people import Person
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation, other_department


def _process(org: Organisation, plan: Plan) -> str:
    assert plan.ask and plan.ask.decided
    return org.company.owner("REQ-01", plan.ask.decided)


def _approved(plan: Plan) -> bool:
    return bool(
        plan.ask and plan.ask.decision == "approved" and plan.ask.approver and isinstance(plan.holder, Person)
    )


def no_justification(org: Organisation, plan: Plan, role: Role) -> bool:
    """The field that the catalogue asks for is empty."""
    if not _approved(plan) or not plan.ask:
        return False
    plan.ask.justification = None
    plan.blame("no-justification", 3, plan.given, _process(org, plan))
    return True


def free_text_request(org: Organisation, plan: Plan, role: Role) -> bool:
    """The ticket says in words what is wanted."""
    if not _approved(plan) or not plan.names_ticket or not plan.ask or role.scope:
        return False
    plan.ask.free_text = True
    plan.blame("free-text-request", 3, plan.given, _process(org, plan))
    return True


def policy_ineligible(org: Organisation, plan: Plan, role: Role) -> bool:
    """Approved for someone of a department that the role is not for."""
    department = other_department(org, role.departments or ())
    if not _approved(plan) or not plan.ask or role.departments is None or department is None:
        return False
    who = org.staff.hire(department)
    if plan.ask.requester is plan.holder:
        plan.ask.requester = who
    plan.holder = plan.ask.beneficiary = who
    assert plan.ask.approver
    plan.blame("policy-ineligible", 3, plan.given, plan.ask.approver)
    return True


def sod_conflict(org: Organisation, plan: Plan, role: Role) -> bool:
    """The same person already holds what must not go with it."""
    if not _approved(plan) or not role.conflict or not plan.ask:
        return False
    other = next(r for r in ROLES if r.system == role.system and r.entitlement == role.conflict)
    # the earlier grant was right when it was given; what became of the holder's access became of it as well
    earlier = org.by_ticket(other, plan.holder, plan.given - org.span(24 * 5, 24 * 12))
    if isinstance(plan.holder, Person) and plan.holder.kept:
        earlier.taken, earlier.faults = plan.taken, list(plan.faults)
    earlier.because = "held before the conflict"
    org.plans.append(earlier)
    assert plan.ask.approver
    plan.blame("sod-conflict", 3, plan.given, plan.ask.approver)
    return True


def self_approval(org: Organisation, plan: Plan, role: Role) -> bool:
    """The beneficiary has authority and approves through another account."""
    if not _approved(plan) or not plan.ask or not isinstance(plan.holder, Person):
        return False
    person = plan.holder
    org.authority(person, role, BEGIN - 100 * DAY, None)
    alias = f"adm-{person.mail}"
    if org.rng.random() < 0.7:
        source = "servicenow" if role.system == "crm" else "jira"
        org.aliases.setdefault(person.mail, []).append({"system": source, "name": alias})
        plan.ask.approver = alias
    else:
        plan.ask.approver = person.mail
    plan.ask.requester = person if org.rng.random() < 0.5 else org.someone_but()
    plan.blame("self-approval", 3, plan.given, person.mail)
    return True


def approver_lacks_authority(org: Organisation, plan: Plan, role: Role) -> bool:
    """Approved by someone whose authority is over, or who never had any."""
    if not _approved(plan) or not plan.ask or not plan.ask.decided:
        return False
    who = org.staff.hire("Legal")
    if org.rng.random() < 0.5:
        org.authority(who, role, BEGIN - 400 * DAY, plan.ask.decided - org.span(1, 900))
    plan.ask.approver = who.mail
    plan.blame("approver-lacks-authority", 3, plan.given, who.mail)
    return True


def delegation_invalid(org: Organisation, plan: Plan, role: Role) -> bool:
    """Approved on a delegation that is over, has not begun, or comes from someone without authority."""
    if not _approved(plan) or not plan.ask or not plan.ask.decided:
        return False
    who, at = org.staff.hire("Legal"), plan.ask.decided
    giver = org.approvers[role.system, role.entitlement][1]
    kind = org.rng.choice(["over", "not begun", "no authority"])
    if kind == "over":
        org.authority(who, role, at - 40 * DAY, at - org.span(1, 400), giver)
    elif kind == "not begun":
        org.authority(who, role, at + org.span(1, 400), at + 40 * DAY, giver)
    else:
        giver = org.staff.hire("Legal")
        org.authority(who, role, at - 40 * DAY, at + 40 * DAY, giver)
    plan.ask.approver = who.mail
    plan.because += f", delegation {kind}"
    plan.blame("delegation-invalid", 3, plan.given, giver.mail)
    return True


def stale_authority(org: Organisation, plan: Plan, role: Role) -> bool:
    """The approver had left, and the authority still stood."""
    if not _approved(plan) or not plan.ask or not plan.ask.decided:
        return False
    who, at = org.staff.hire("Legal"), plan.ask.decided
    org.staff.leave(who, at - org.span(24, 24 * 8))
    org.authority(who, role, BEGIN - 400 * DAY, None)
    plan.ask.approver = who.mail
    plan.blame("stale-authority", 5, None, _process(org, plan), org.company.owner("REQ-01", plan.given))
    return True


def no_expiry_set(org: Organisation, plan: Plan, role: Role) -> bool:
    """A contractor's access without an end, or one past what the role allows."""
    if not _approved(plan) or not plan.ask or not plan.ask.approver:
        return False
    if role.longest:
        plan.ask.until = (plan.given + role.longest + org.span(24 * 3, 24 * 100)).replace(microsecond=0)
        plan.until = None if role.system in LOGGED else plan.ask.until
    else:
        who = org.free_person(role, plan.given, org.rng.choice(["Contractor", "contractor", "Vendor"]))
        if plan.ask.requester is plan.holder:
            plan.ask.requester = who
        plan.holder = plan.ask.beneficiary = who
        plan.ask.until = plan.until = None
    plan.blame("no-expiry-set", 3, plan.given, plan.ask.approver)
    return True


def approver_executed(org: Organisation, plan: Plan, role: Role) -> bool:
    """A permitted provisioner who may approve as well did both."""
    if not _approved(plan) or not plan.ask or role.system not in ("crm", "warehouse"):
        return False
    doer = org.deliverers[role.system]
    org.authority_once(doer, role)
    plan.ask.approver = doer.mail
    plan.executor = doer.account(role.system)
    owners = {
        org.company.owner("REQ-01", plan.given),
        _process(org, plan),
        org.company.owner(f"PROVISIONING-{plan.system}", plan.given),
    }
    plan.blame("approver-executed", 5, None, *owners)
    return True


def not_verified(org: Organisation, plan: Plan, role: Role) -> bool:
    """Nobody compared what was delivered with what was approved in time."""
    at = plan.given + org.span(24, 24)
    plan.verified = None if org.rng.random() < 0.6 else at + org.span(1, 90)
    plan.blame("not-verified", 5, None, *org.company.owners(f"VERIFICATION-{plan.system}", plan.given, at))
    return True


MUTATORS = {
    "no-justification": no_justification, "free-text-request": free_text_request, "policy-ineligible": policy_ineligible,
    "sod-conflict": sod_conflict, "self-approval": self_approval, "approver-lacks-authority": approver_lacks_authority,
    "delegation-invalid": delegation_invalid, "stale-authority": stale_authority, "no-expiry-set": no_expiry_set,
    "approver-executed": approver_executed, "not-verified": not_verified,
}  # fmt: skip
