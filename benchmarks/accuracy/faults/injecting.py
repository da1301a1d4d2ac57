"""Puts faults into the organisation: each story, each mutation of a ticket, and two mutations at once."""

from collections.abc import Callable

from benchmarks.accuracy.company import ROLES, Role
from benchmarks.accuracy.faults import approval, by_rule, delivery, groups, joining, keys, lifecycle, others
from benchmarks.accuracy.moments import day
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation

Mutator = Callable[[Organisation, Plan, Role], bool]
TICKETED: dict[str, Mutator] = {**delivery.MUTATORS, **approval.MUTATORS, **lifecycle.MUTATORS}
APART = [
    {"no-decision", "unlogged-grant", "provisioned-after-denial", "provisioned-before-approval", "wrong-entitlement",
     "wrong-subject", "free-text-request"},
    {"expiry-dropped", "no-expiry-set", "expiry-not-enforced", "renewal-unapproved", "revocation-missed", "late-update",
     "removal-not-verified", "review-missed", "unused-unreviewed", "unlogged-grant"},
    {"self-approval", "approver-lacks-authority", "delegation-invalid", "stale-authority", "approver-executed", "no-decision",
     "provisioned-after-denial", "provisioned-before-approval", "renewal-unapproved", "policy-ineligible", "no-expiry-set",
     "wrong-subject"},
    {"unauthorised-executor", "approver-executed", "unlogged-grant"},
    {"not-verified", "unlogged-grant"},
    {"scope-exceeds-approval", "unlogged-grant"},
    {"sod-conflict", "policy-ineligible", "wrong-subject", "no-expiry-set", "wrong-entitlement"},
]  # fmt: skip
"""Mutations that change the same part of a story do not go together."""


def _apart(one: str, two: str) -> bool:
    return one == two or any({one, two} <= group for group in APART)


def _base(org: Organisation, role: Role) -> Plan:
    given = day(org.rng.uniform(25, 280))
    return org.by_ticket(role, org.free_person(role, given), given)


def _mutated(org: Organisation, modes: list[str]) -> None:
    """One ticket's story with these faults, for the first role drawn that they can be put into."""
    for _ in range(12):
        role = org.rng.choice([r for r in ROLES if r.human])
        plan = _base(org, role)
        if all(TICKETED[mode](org, plan, role) for mode in modes):
            plan.because = f"{plan.because}: {' + '.join(modes)}"
            org.plans.append(plan)
            return


def inject(org: Organisation, rounds: int) -> None:
    """So many rounds of every single fault, and half as many pairs drawn at random."""
    for _ in range(rounds):
        for story in [*by_rule.STORIES, *others.STORIES, *keys.STORIES, *groups.STORIES, *joining.STORIES]:
            begins = len(org.plans)
            story(org)
            if story in by_rule.STORIES and org.rng.random() < 0.3:
                approval.not_verified(org, org.plans[begins], ROLES[0])
        for mode in TICKETED:
            _mutated(org, [mode])
        names = sorted(TICKETED)
        for _ in range(len(names) // 2):
            one, two = org.rng.choice(names), org.rng.choice(names)
            if not _apart(one, two):
                _mutated(org, sorted([one, two], key=names.index))
