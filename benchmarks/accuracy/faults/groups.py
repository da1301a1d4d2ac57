"""Groups inside groups: the ledger is read by those in one of two groups, both inside a third that holds the role."""

from datetime import datetime

from benchmarks.accuracy.company import INNER, LEDGER, OUTER, SLA
from benchmarks.accuracy.moments import day
from benchmarks.accuracy.people import Person, Thing
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation


def _both(org: Organisation, story: str) -> tuple[Person, Plan, Plan]:
    """Somebody new in both groups."""
    given = day(org.rng.uniform(25, 130))
    who = org.free_person(INNER[0], given)
    order = INNER if org.rng.random() < 0.5 else INNER[::-1]
    plans = [
        org.by_ticket(role, who, given + org.span(24 * n * 2, 24 * (n * 6 + 1)))
        for n, role in enumerate(order)
    ]
    for plan in plans:
        plan.because, plan.through_it = story, LEDGER.entitlement
    org.plans += plans
    return who, plans[0], plans[1]


def _over(org: Organisation, who: Person) -> datetime:
    """The person leaves, or goes where nobody reads the ledger."""
    at = day(int(org.rng.uniform(170, 320)))
    if org.rng.random() < 0.5:
        org.staff.leave(who, at)
        who.kept = True
    else:
        org.staff.move(who, "Sales", at)
    return at


def one_group_left(org: Organisation) -> None:
    """Taken out of one group, and still reading through the other."""
    who, one, two = _both(org, "taken out of one group of two")
    at = _over(org, who)
    one.taken = at + org.span(1, 20)
    two.taken = None if org.rng.random() < 0.5 else at + SLA + org.span(5, 300)
    two.blame("revocation-incomplete", 4, at, *org.company.owners("RVK-01", at, at + SLA))


def both_groups_left(org: Organisation) -> None:
    """Taken out of neither: no path was ended, so none was forgotten."""
    who, *plans = _both(org, "taken out of neither group")
    at = _over(org, who)
    for plan in plans:
        plan.blame("revocation-missed", 4, at, *org.company.owners("RVK-01", at, at + SLA))


def both_groups_ended(org: Organisation) -> None:
    """Taken out of both in time."""
    who, one, two = _both(org, "taken out of both groups")
    at = _over(org, who)
    one.taken, two.taken = at + org.span(1, 20), at + org.span(1, 20)


def one_group_too_many(org: Organisation) -> None:
    """One group is given back because the other is enough: what is left was meant to be."""
    _, one, _ = _both(org, "one group given back")
    one.taken = day(org.rng.uniform(170, 330))


def nested_unasked(org: Organisation) -> None:
    """A group put into the outer one, and nobody had asked for it."""
    given = day(org.rng.uniform(25, 300))
    name = f"ledger-guests-{len(org.staff.things)}"
    group = Thing(name, "group", org.someone_but().mail, {OUTER.system: name})
    org.staff.things.append(group)
    plan = org.by_ticket(OUTER, group, given)
    plan.ask, plan.because = None, "group put into another unasked"
    plan.used = False
    plan.taken = given + org.span(24 * 5, 24 * 60)
    plan.blame("no-decision", 1, given, org.company.owner("PROVISIONING-warehouse", given))
    org.plans.append(plan)


STORIES = [one_group_left, both_groups_left, both_groups_ended, one_group_too_many, nested_unasked]
