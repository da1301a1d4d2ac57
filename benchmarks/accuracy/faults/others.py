"""Faults of exceptions, of what is no person, of second paths and of those who help themselves: stories of their own."""

from datetime import timedelta

from benchmarks.accuracy.company import BREAK_GLASS, LOGGED, ROLES, ROTATION_INTERVAL, SLA, Role
from benchmarks.accuracy.moments import DAY, END, day
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation, rotations

MACHINE = [role for role in ROLES if not role.human]


def exception_unrecorded(org: Organisation) -> None:
    """Break-glass that nobody wrote down."""
    given = day(org.rng.uniform(20, 330))
    plan = org.by_exception(org.free_person(BREAK_GLASS, given), given)
    plan.waiver = None
    plan.blame("exception-unrecorded", 3, given, org.company.owner("EXC-01", given))
    plan.because = "break-glass, not recorded"
    org.plans.append(plan)


def exception_not_cleaned_up(org: Organisation) -> None:
    """Break-glass that outlived its exception."""
    given = day(org.rng.uniform(20, 300))
    plan = org.by_exception(org.free_person(BREAK_GLASS, given), given)
    assert plan.waiver
    plan.taken = plan.waiver.until + SLA + org.span(3, 24 * 40)
    plan.blame("exception-not-cleaned-up", 4, plan.waiver.until, plan.waiver.cleanup_owner)
    plan.because = "break-glass, not cleaned up"
    org.plans.append(plan)


def exception_in_order(org: Organisation) -> None:
    """Break-glass as it should be: nobody may be accused."""
    given = day(org.rng.uniform(20, 340))
    org.plans.append(org.by_exception(org.free_person(BREAK_GLASS, given), given))


def self_service_bypass(org: Organisation) -> None:
    """An administrator gives it to their own account."""
    role = org.rng.choice([r for r in ROLES if r.human])
    given = day(org.rng.uniform(20, 300))
    who = org.free_person(role, given)
    plan = org.by_ticket(role, who, given)
    plan.ask, plan.executor = None, who.account(role.system)
    plan.blame("self-service-bypass", 3, given, org.company.owner(f"APPROVAL-{role.system}", given))
    plan.because = "self-service"
    org.plans.append(plan)


def no_owner_assigned(org: Organisation) -> None:
    """A service account of nobody's is given access."""
    role, given = org.rng.choice(MACHINE), day(org.rng.uniform(20, 300))
    plan = org.by_ticket(role, org.staff.thing("service-account", None, role.system), given)
    assert plan.ask and plan.ask.decided
    both = {org.company.owner("REQ-01", plan.ask.decided), org.company.owner(f"APPROVAL-{role.system}", plan.ask.decided),
            org.company.owner("REQ-01", given)}  # fmt: skip
    plan.blame("no-owner-assigned", 3, given, *both)
    plan.because = "service account of nobody's"
    org.plans.append(plan)


def orphaned_owner(org: Organisation) -> None:
    """The owner of a service account left and nobody took over."""
    role, given = org.rng.choice(MACHINE), day(org.rng.uniform(20, 150))
    owner = org.staff.hire("Platform")
    at = day(int(org.rng.uniform(200, 330)))
    org.staff.leave(owner, at)
    plan = org.by_ticket(role, org.staff.thing("service-account", owner.mail, role.system), given)
    plan.blame("orphaned-owner", 5, None, *org.company.owners("REQ-01", at, at + SLA))
    plan.because = "owner left"
    org.plans.append(plan)


def purpose_over(org: Organisation) -> None:
    """The purpose of a service account ended, the access stayed."""
    role, given = org.rng.choice(MACHINE), day(org.rng.uniform(20, 150))
    at = day(int(org.rng.uniform(180, 320)))
    plan = org.by_ticket(
        role, org.staff.thing("service-account", org.someone_but().mail, role.system, at), given
    )
    plan.taken = None if org.rng.random() < 0.5 else at + SLA + org.span(2, 300)
    plan.blame("revocation-missed", 4, at, *org.company.owners("RVK-01", at, at + SLA))
    plan.because = "purpose over"
    org.plans.append(plan)


def _key(org: Organisation, story: str) -> tuple[Plan, str]:
    role: Role = next(r for r in MACHINE if r.system == "vault")
    owner = org.someone_but().mail
    given = day(org.rng.uniform(20, 100))
    plan = org.by_ticket(role, org.staff.thing("api-key", owner, "vault"), given)
    plan.rotations = rotations(org, plan)
    plan.because = story
    org.plans.append(plan)
    return plan, owner


def _without(plan: Plan, begins: timedelta, ends: timedelta) -> None:
    plan.rotations = [at for at in plan.rotations if not begins <= at - plan.given < ends]


def rotation_overdue(org: Organisation) -> None:
    """A key that was not changed for more than the interval."""
    plan, owner = _key(org, "key not rotated in time")
    _without(plan, 0 * DAY, 140 * DAY)
    plan.blame("rotation-overdue", 5, plan.given + ROTATION_INTERVAL, owner)


def compromise_not_rotated(org: Organisation) -> None:
    """A leaked key that was not changed in time."""
    plan, owner = _key(org, "leaked key not rotated")
    at = plan.given + org.span(24 * 20, 24 * 40)
    org.exposures.append({"system": "vault", "credential": None, "identity": plan.holder.id, "exposed_at": at,
                          "reported_at": at + org.span(1, 40), "source": "secret scanning"})  # fmt: skip
    reported = org.exposures[-1]["reported_at"]
    plan.rotations = [when for when in plan.rotations if when < at or when > at + 12 * DAY]
    plan.blame("compromise-not-rotated", 4, reported, owner)  # type: ignore[arg-type]


def shared_secret_known_to_leaver(org: Organisation) -> None:
    """Someone who knew the key left, and it stayed the same."""
    plan, owner = _key(org, "leaver knew the key")
    who = org.staff.hire("Platform")
    at = day(int((plan.given - day(0)) / DAY) + 30)
    org.staff.leave(who, at)
    plan.holder.known_to.append(who.mail)  # type: ignore[union-attr]
    plan.rotations = [when for when in plan.rotations if when < at or when > at + 12 * DAY]
    plan.blame("shared-secret-known-to-leaver", 4, at, owner)


def unlogged_and_unasked(org: Organisation) -> None:
    """It is there, and neither a log nor a ticket says why."""
    role = org.rng.choice([r for r in ROLES if r.human and r.system not in LOGGED and not r.longest])
    given = day(org.rng.uniform(20, 150))
    plan = org.by_ticket(role, org.free_person(role, given), given)
    plan.ask, plan.logged, plan.verified = None, False, None
    plan.taken = plan.until = None
    plan.blame("no-decision", 1, given, *org.company.owners(f"PROVISIONING-{role.system}", given, END))
    plan.because = "unlogged and unasked"
    org.plans.append(plan)


def revocation_incomplete(org: Organisation) -> None:
    """A leaver's account is emptied, a second account of the same person is forgotten."""
    role = org.rng.choice([r for r in ROLES if r.human and r.system in ("warehouse", "crm")])
    given = day(org.rng.uniform(20, 150))
    who = org.free_person(role, given)
    second = f"adm-{who.mail}"
    org.aliases.setdefault(who.mail, []).append({"system": role.system, "name": second})
    at = day(int(org.rng.uniform(180, 320)))
    org.staff.leave(who, at)
    ended = org.by_ticket(role, who, given, at + org.span(1, 20))
    ended.because = "the path that was ended"
    left = org.by_ticket(role, who, given + org.span(24 * 2, 24 * 9))
    left.through = second
    left.taken = None if org.rng.random() < 0.5 else at + SLA + org.span(5, 300)
    left.blame("revocation-incomplete", 4, at, *org.company.owners("RVK-01", at, at + SLA))
    left.because = "the path that was forgotten"
    org.plans += [ended, left]


STORIES = [
    exception_unrecorded, exception_not_cleaned_up, exception_in_order, self_service_bypass, no_owner_assigned, orphaned_owner,
    purpose_over, rotation_overdue, compromise_not_rotated, shared_secret_known_to_leaver, unlogged_and_unasked,
    revocation_incomplete,
]  # fmt: skip
