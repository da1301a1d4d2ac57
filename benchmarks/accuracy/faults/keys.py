"""Access keys in AWS: each is a grant of `credential:<id>`; rotated by a new key and the deletion of the old one."""

from datetime import datetime, timedelta

from benchmarks.accuracy.company import ROTATION_INTERVAL
from benchmarks.accuracy.moments import DAY, day
from benchmarks.accuracy.people import Thing
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation, issue


def _service(org: Organisation) -> tuple[Thing, str, datetime]:
    """A new service account, its owner, and when it gets its key."""
    owner = org.someone_but().mail
    return org.staff.thing("service-account", owner, "aws"), owner, day(org.rng.uniform(20, 150))


def _put(org: Organisation, story: str, *plans: Plan) -> None:
    for plan in plans:
        plan.because = story
    org.plans += plans


def overdue(org: Organisation) -> None:
    """A key kept for too long, half of the time beside the new one that was made in its stead."""
    thing, owner, given = _service(org)
    old = issue(org, thing, given)
    old.taken = given + ROTATION_INTERVAL + org.span(24 * 3, 24 * 60) if org.rng.random() < 0.5 else None
    old.blame("rotation-overdue", 5, given + ROTATION_INTERVAL, owner)
    _put(org, "access key kept too long", old)
    if org.rng.random() < 0.5:
        new = given + org.span(24 * 50, 24 * 80)
        _put(
            org, "new access key beside the old one", issue(org, thing, new, new + org.span(24 * 40, 24 * 85))
        )


def _leak(org: Organisation, key: Plan) -> datetime:
    exposed = key.given + org.span(24 * 10, 24 * 40)
    reported = (exposed + org.span(1, 40)).replace(microsecond=0)
    org.exposures.append({"system": "aws", "credential": key.entitlement.removeprefix("credential:"), "identity": None,
                          "exposed_at": exposed, "reported_at": reported, "source": "secret scanning"})  # fmt: skip
    return reported


def leaked(org: Organisation) -> None:
    """A leaked key that stayed in force for days, and another of the same account that nobody saw."""
    thing, owner, given = _service(org)
    key = issue(org, thing, given)
    reported = _leak(org, key)
    key.taken = reported + org.span(24 * 3, 24 * 12)
    key.blame("compromise-not-rotated", 4, reported, owner)
    _put(org, "leaked access key kept", key)
    other = given + org.span(24, 24 * 9)
    _put(org, "another access key than the leaked one", issue(org, thing, other, other + timedelta(days=80)))


def leaked_and_deleted(org: Organisation) -> None:
    """A leaked key that was deleted within hours and replaced: nobody may be accused."""
    thing, _, given = _service(org)
    key = issue(org, thing, given)
    key.taken = _leak(org, key) + org.span(1, 20)
    _put(org, "leaked access key deleted in time", key)
    new = key.taken - org.span(0.2, 0.8)
    _put(org, "access key in place of a leaked one", issue(org, thing, new, new + 60 * DAY))


def by_hand(org: Organisation) -> None:
    """A key that an administrator made who may not."""
    thing, owner, given = _service(org)
    key = issue(org, thing, given, given + org.span(24 * 20, 24 * 85))
    key.executor = org.someone_but(owner).account("aws")
    key.blame("unauthorised-executor", 1, key.given, org.company.owner("PROVISIONING-aws", key.given))
    _put(org, "access key made by hand", key)


STORIES = [overdue, leaked, leaked_and_deleted, by_hand]
