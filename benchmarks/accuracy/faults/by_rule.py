"""Faults of access that a rule gave: source data, rules, the engine. Each is a story of its own."""

from datetime import datetime

from benchmarks.accuracy.company import SLA, campaign
from benchmarks.accuracy.moments import DAY, day
from benchmarks.accuracy.people import Person
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import Organisation


def _finance(org: Organisation, told: bool = True) -> Person:
    return org.staff.hire("Finance", told=told)


def _moment(org: Organisation, low: float = 25, high: float = 300) -> datetime:
    return day(org.rng.uniform(low, high))


def _keep(org: Organisation, plan: Plan, story: str) -> None:
    plan.because = story
    org.plans.append(plan)


def wrong_attribute(org: Organisation) -> None:
    """HR entered a wrong value, everything followed, HR corrected the row months later."""
    person, given = org.staff.hire("Finance", told=False), _moment(org, 25, 250)
    corrected = given + org.span(24 * 10, 24 * 80)
    attribute, true = org.rng.choice([("department", "Sales"), ("employment_type", "Contractor")])
    for name, value in person.facts.items():
        org.staff.say(person, name, value, person.hired, person.hired - org.span(24, 100))
    org.staff.say(person, attribute, true, person.hired, corrected)
    plan = org.by_rule("R-ERP", person, given, corrected + org.span(1, 20))
    plan.blame("wrong-attribute", 2, given, org.company.owner("HR-01", given))
    _keep(org, plan, "HR error")


def stale_copy(org: Organisation) -> None:
    """The person had moved away; the copy, and with it the engine, still said Finance."""
    person, given = _finance(org), _moment(org)
    moved = given - org.span(24 * 3, 24 * 20)
    noticed = given + org.span(24 * 3, 24 * 40)
    org.staff.say(person, "department", "Sales", moved, moved - org.span(5, 50), copied=noticed)
    plan = org.by_rule("R-ERP", person, given, noticed + org.span(0.2, 5))
    plan.blame("stale-copy", 2, given, org.company.owner("SYN-01", given))
    _keep(org, plan, "stale copy")


def late_before_grant(org: Organisation) -> None:
    """A move that took effect before the grant came to the records after it."""
    person, given = _finance(org), _moment(org)
    moved, recorded = given - org.span(24 * 3, 24 * 20), given + org.span(24 * 3, 24 * 40)
    org.staff.say(person, "department", "Sales", moved, recorded)
    plan = org.by_rule("R-ERP", person, given, recorded + org.span(0.2, 20))
    plan.blame("late-update", 2, given, org.company.owner("HR-01", given))
    _keep(org, plan, "late move before the grant")


def conflicting_sources(org: Organisation) -> None:
    """Two sources of truth disagree on the cost centre, and the engine took the one that grants."""
    person, given = org.staff.hire("Data", cost_center="CC-100"), _moment(org)
    for row in person.rows:
        if row.attribute == "cost_center" and row.system == "workday":
            row.value = "CC-300"
    plan = org.by_rule("R-BUDGET", person, given)
    plan.blame(
        "conflicting-sources", 2, given, org.company.owner("HR-01", given), org.company.owner("SAP-01", given)
    )
    _keep(org, plan, "sources disagree")


def missing_attribute(org: Organisation) -> None:
    """No source had a value; the one entered later would not have granted."""
    person, given = org.staff.hire("Support", told=False), _moment(org)
    facts = person.facts | {"employment_type": ""}
    for name, value in facts.items():
        if value:
            org.staff.say(person, name, value, person.hired, person.hired - org.span(24, 100))
    entered = given + org.span(24, 24 * 30)
    org.staff.say(person, "employment_type", "Contractor", person.hired, entered)
    plan = org.by_rule("R-EXPENSES", person, given, entered + org.span(1, 20))
    plan.inputs = facts
    plan.blame("missing-attribute", 2, given, org.company.owner("HR-01", given))
    _keep(org, plan, "no value")


def wrong_correlation(org: Organisation) -> None:
    """The account was taken for that of a namesake in Finance."""
    person, other, given = org.staff.hire("Sales"), _finance(org), _moment(org)
    plan = org.by_rule("R-ERP", person, given)
    plan.inputs = other.facts | {"worker_id": other.worker, "email": other.mail}
    plan.blame("wrong-correlation", 2, given, org.company.owner("COR-01", given))
    _keep(org, plan, "taken for another")


def rule_overgrants(org: Organisation) -> None:
    """Version 2 of the rule lets contractors in, the catalogue does not."""
    person, given = org.staff.hire("Finance", "Contractor"), _moment(org, 65, 190)
    plan = org.by_rule("R-REPORTS", person, given)
    plan.blame("rule-overgrants", 3, given, org.company.owner("RUL-R-REPORTS", given))
    _keep(org, plan, "rule too wide")


def rule_not_satisfied(org: Organisation) -> None:
    """The engine logged inputs on which its own rule is false."""
    person, given = org.staff.hire("Sales"), _moment(org)
    plan = org.by_rule("R-ERP", person, given)
    plan.blame("rule-not-satisfied", 1, given, org.company.owner("ENGINE-erp", given))
    _keep(org, plan, "engine error")


def stale_rule(org: Organisation) -> None:
    """The engine still worked with the version before."""
    person, given = _finance(org), _moment(org, 115, 300)
    plan = org.by_rule("R-ERP", person, given)
    plan.version = 1
    plan.blame("stale-rule", 1, given, org.company.owner("ENGINE-erp", given))
    _keep(org, plan, "old version")


def rule_revocation_missed(org: Organisation) -> None:
    """The rule's condition ended with a move, and the engine took nothing back."""
    person, given = _finance(org), _moment(org, 20, 200)
    at = day(int(org.rng.uniform((given - day(0)) / DAY + 15, 330)))
    org.staff.move(person, "Sales", at)
    plan = org.by_rule(
        "R-ERP", person, given, at + SLA + org.span(3, 24 * 30) if org.rng.random() < 0.5 else None
    )
    plan.blame("revocation-missed", 4, at, *org.company.owners("RVK-01", at, at + SLA))
    _keep(org, plan, "mover kept rule access")


def review_kept(org: Organisation) -> None:
    """The next version would not grant it; the review that should have ended it kept it."""
    person, given = org.staff.hire("Support"), _moment(org, 20, 150)
    plan = org.by_rule("R-ARCHIVE", person, given)
    since = day(180)
    reviewers = org.company.owners("REVIEW-erp", campaign("erp", 2), campaign("erp", 2) + 2 * DAY)
    plan.blame("review-kept-wrong-access", 4, since, *reviewers)
    _keep(org, plan, "review kept what the new version excludes")


def review_missed_for_rule(org: Organisation) -> None:
    """The next version would not grant it, and no review came."""
    person, given = org.staff.hire("Support"), _moment(org, 20, 150)
    plan = org.by_rule("R-ARCHIVE", person, given)
    plan.reviewed = False
    plan.blame("review-missed", 4, day(180), *org.company.owners("REVIEW-erp", given, day(320)))
    _keep(org, plan, "no review of what the new version excludes")


def weak_rules(org: Organisation) -> None:
    """Rules without an owner, a review or a test give what is right."""
    for name, mode in (
        ("R-CANTEEN", "unowned-rule"),
        ("R-NEWS", "rule-unreviewed"),
        ("R-LAB", "rule-untested"),
    ):
        person, given = org.staff.hire(), _moment(org, 20, 320)
        plan = org.by_rule(name, person, given)
        control = "REQ-01" if mode == "unowned-rule" else f"RUL-{name}"
        # a test was missing from the day on which the version came into force
        failed = day(org.rule_in_force(name, given).begins) if mode == "rule-untested" else given
        plan.blame(mode, 5, None, org.company.owner(control, failed))
        _keep(org, plan, f"rule {name}")


STORIES = [
    wrong_attribute, stale_copy, late_before_grant, conflicting_sources, missing_attribute, wrong_correlation, rule_overgrants,
    rule_not_satisfied, stale_rule, rule_revocation_missed, review_kept, review_missed_for_rule, weak_rules,
]  # fmt: skip
