"""Access that was right at first and should have ended: mutations of a ticket's story."""

from benchmarks.accuracy.company import LOGGED, SLA, Role, campaign
from benchmarks.accuracy.moments import BEGIN, DAY, END, day
from benchmarks.accuracy.people import Person
from benchmarks.accuracy.plan import Extension, Plan
from benchmarks.accuracy.routine import Organisation


def _plain(plan: Plan) -> bool:
    """Open, without an end: nothing that would end it."""
    return (
        isinstance(plan.holder, Person)
        and not plan.until
        and not (plan.ask and plan.ask.until)
        and not plan.extensions
    )


def revocation_missed(org: Organisation, plan: Plan, role: Role) -> bool:
    """The person left or moved, it was recorded in time, and the access stayed."""
    if not _plain(plan) or not isinstance(plan.holder, Person) or plan.holder.left or plan.holder.moved:
        return False
    at = day(int(org.rng.uniform((plan.given - BEGIN) / DAY + 15, 340)))
    others = [d for d in ("Legal", "Support", "Finance", "Sales") if d not in (role.departments or ())]
    if others and org.rng.random() < 0.5:
        org.staff.move(plan.holder, org.rng.choice(others), at)
    else:
        org.staff.leave(plan.holder, at)
    plan.holder.kept = True
    plan.taken = None if org.rng.random() < 0.4 else at + SLA + org.span(2, 24 * 60)
    if plan.taken and plan.taken > END:
        plan.taken = None
    plan.blame("revocation-missed", 4, at, *org.company.owners("RVK-01", at, at + SLA))
    return True


def late_update(org: Organisation, plan: Plan, role: Role) -> bool:
    """The last day came to the records weeks later; the access was taken then, at once."""
    if not _plain(plan) or not isinstance(plan.holder, Person) or plan.holder.left or plan.holder.moved:
        return False
    at = day(int(org.rng.uniform((plan.given - BEGIN) / DAY + 15, 300)))
    recorded = at + SLA + org.span(20, 24 * 30)
    plan.holder.kept = True
    org.staff.leave(plan.holder, at, recorded)
    plan.taken = recorded + org.span(1, 20)
    plan.blame("late-update", 4, at, *org.company.owners("HR-01", at, at + SLA))
    return True


def expiry_not_enforced(org: Organisation, plan: Plan, role: Role) -> bool:
    """Used long after its end date."""
    if role.system in LOGGED or role.longest or not plan.ask or plan.taken:
        return False
    until = (plan.given + org.span(24 * 20, 24 * 80)).replace(microsecond=0)
    if until > END - 40 * DAY:
        return False
    plan.until = plan.ask.until = until
    plan.used_until = until + org.span(30, 24 * 30)
    plan.taken = plan.used_until + org.span(1, 100) if org.rng.random() < 0.6 else None
    plan.blame(
        "expiry-not-enforced", 4, until, *org.company.owners(f"EXPIRY-{plan.system}", until, until + SLA)
    )
    return True


def renewal_unapproved(org: Organisation, plan: Plan, role: Role) -> bool:
    """Extended with no new request, or one that was denied."""
    if role.system in LOGGED or role.longest or not plan.ask or plan.taken or not plan.ask.approver:
        return False
    until = (plan.given + org.span(24 * 20, 24 * 80)).replace(microsecond=0)
    if until > END - 60 * DAY:
        return False
    plan.until = plan.ask.until = until
    again = None
    at = until - org.span(2, 60)
    if org.rng.random() < 0.4:
        again = org.ask(role, plan.holder, at, until + 30 * DAY)
        again.decision = "denied"
    plan.extensions = [Extension(at, until + 50 * DAY, again)]
    plan.used_until = until + org.span(30, 24 * 20)
    plan.taken = plan.used_until + org.span(1, 100)
    plan.blame("renewal-unapproved", 4, until, plan.ask.approver)
    return True


def review_missed(org: Organisation, plan: Plan, role: Role) -> bool:
    """No campaign looked at it, up to the last one of the year."""
    if plan.given > campaign(plan.system, 3) - 125 * DAY or (
        plan.ends and plan.ends < plan.given + 125 * DAY
    ):
        return False
    plan.reviewed = False
    due = plan.given + 120 * DAY
    plan.blame("review-missed", 5, None, *org.company.owners(f"REVIEW-{plan.system}", plan.given, due + SLA))
    return True


def unused_unreviewed(org: Organisation, plan: Plan, role: Role) -> bool:
    """Never used in a whole interval and kept."""
    if (
        plan.given > END - 150 * DAY
        or (plan.ends and plan.ends < plan.given + 125 * DAY)
        or role.system in LOGGED
    ):
        return False
    plan.used = False
    plan.blame("unused-unreviewed", 5, None, *org.company.owners(f"REVIEW-{plan.system}", plan.given, END))
    return True


def removal_not_verified(org: Organisation, plan: Plan, role: Role) -> bool:
    """Nobody checked that it was gone."""
    if not plan.taken or plan.taken > END - 3 * DAY:
        plan.taken = plan.given + org.span(24 * 15, 24 * 40)
    if plan.taken > END - 3 * DAY or (plan.until and plan.taken > plan.until):
        return False
    plan.removal_verified = False
    plan.blame(
        "removal-not-verified",
        5,
        None,
        *org.company.owners(f"VERIFICATION-{plan.system}", plan.taken, plan.taken + SLA),
    )
    return True


def unlogged_grant(org: Organisation, plan: Plan, role: Role) -> bool:
    """The approved access is there and no log says who gave it."""
    if role.system in LOGGED or plan.given > END - 120 * DAY or plan.taken or plan.until:
        return False
    plan.logged, plan.verified = False, None
    plan.blame("unlogged-grant", 5, None, *org.company.owners(f"LOGGING-{plan.system}", plan.given, END))
    return True


MUTATORS = {
    "revocation-missed": revocation_missed, "late-update": late_update, "expiry-not-enforced": expiry_not_enforced,
    "renewal-unapproved": renewal_unapproved, "review-missed": review_missed, "unused-unreviewed": unused_unreviewed,
    "removal-not-verified": removal_not_verified, "unlogged-grant": unlogged_grant,
}  # fmt: skip
