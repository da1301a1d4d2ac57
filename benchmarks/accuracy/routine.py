"""How access is given, checked, used and taken when all goes well: the plans that faults are later put into."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from benchmarks.accuracy import company as firm
from benchmarks.accuracy.company import (
    BREAK_GLASS,
    DELIVERERS,
    INNER,
    KEY,
    LEDGER,
    LOGGED,
    OUTER,
    ROLES,
    RULES,
    SPECIAL,
    Company,
    Role,
    Rule,
)
from benchmarks.accuracy.moments import BEGIN, DAY, END, day
from benchmarks.accuracy.people import Person, Staff, Thing
from benchmarks.accuracy.plan import Ask, Extension, Plan, Waiver


@dataclass(frozen=True)
class Invitation:
    """An invitation into the GitHub organisation, and when it was withdrawn, if it was."""

    account: str
    sent: datetime
    withdrawn: datetime | None


class Organisation:
    """The company, its staff, and everything that happens in the year."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.company: Company = firm.build(self.rng)
        self.staff = Staff(self.rng)
        self.plans: list[Plan] = []
        self.idle_asks: list[Ask] = []
        self.failed: list[Plan] = []
        self.numbers = count(1000)
        self.approvers: dict[tuple[str, str], list[Person]] = {}
        self.invitations: list[Invitation] = []
        self.exposures: list[dict[str, object]] = []
        self.aliases: dict[str, list[dict[str, str]]] = {}
        """Accounts that only the register knows, by the person's id."""
        self._appoint()
        self.deliverers = {system: self.staff.hire("Platform") for system in ("crm", "warehouse")}
        """People who may deliver by hand."""

    def span(self, low: float, high: float) -> timedelta:
        """Some hours."""
        return timedelta(milliseconds=round(self.rng.uniform(low, high) * 3_600_000))

    def _appoint(self) -> None:
        """Who may approve what: two in turn for each role, and a deputy in spring whose delegation is in force."""
        for role in [*ROLES, BREAK_GLASS, *SPECIAL]:
            first, second, deputy = (self.staff.hire("Legal") for _ in range(3))
            change = day(self.rng.uniform(120, 240))
            self.authority(first, role, BEGIN - 400 * DAY, change)
            self.authority(second, role, change, None)
            self.authority(deputy, role, day(40), day(100), first)
            self.approvers[role.system, role.entitlement] = [first, second, deputy]

    def authority(
        self, who: Person, role: Role, begins: datetime, ends: datetime | None, by: Person | None = None
    ) -> None:
        """Write down that somebody may approve a role."""
        self.company.authorities.append(
            {"approver": who.mail, "system": role.system, "entitlement": role.entitlement, "from": begins, "to": ends,
             "delegated_by": by.mail if by else None}
        )  # fmt: skip

    def authority_once(self, who: Person, role: Role) -> None:
        """The same for the whole year, unless it is written down already."""
        if not any(
            row["approver"] == who.mail and row["entitlement"] == role.entitlement
            for row in self.company.authorities
        ):
            self.authority(who, role, BEGIN - 400 * DAY, None)

    def approver(self, role: Role, at: datetime) -> Person:
        """Somebody whose authority is in force then."""
        valid = {
            row["approver"]
            for row in self.company.authorities
            if row["system"] == role.system and row["entitlement"] == role.entitlement
            and row["from"] <= at and (row["to"] is None or at < row["to"])
        }  # fmt: skip
        return self.rng.choice(
            [one for one in self.approvers[role.system, role.entitlement] if one.mail in valid]
        )

    def ask(
        self, role: Role, who: Person | Thing, given: datetime, until: datetime | None = None,
        requester: Person | None = None,
    ) -> Ask:  # fmt: skip
        """A request for access that is to be delivered at `given`, approved in time by someone who may."""
        decided = given - self.span(0.05, 60)
        asked = decided - self.span(0.5, 90)
        approver = self.approver(role, decided).mail
        until = until.replace(microsecond=0) if until else None
        requester = requester or (who if isinstance(who, Person) else self.someone_but(approver))
        return Ask(
            f"NW-{next(self.numbers)}", requester, who, role.system, role.entitlement, asked, approver, decided,
            scope=role.scope, until=until,
        )  # fmt: skip

    def someone_but(self, *mails: str | None) -> Person:
        """One of those who stay all year, and none of these."""
        return self.rng.choice([one for one in self.staff.people[:30] if one.mail not in mails])

    def by_ticket(
        self, role: Role, who: Person | Thing, given: datetime, taken: datetime | None = None,
        until: datetime | None = None,
    ) -> Plan:  # fmt: skip
        """Access that was asked for, approved, delivered, verified; in force until `taken` or `until`."""
        if role.longest and until is None:
            until = min(given + role.longest - DAY, END + 30 * DAY)
        until = until.replace(microsecond=0) if until else None
        by_hand = role.system in LOGGED or self.rng.random() < 0.5
        if until and until < END and (taken > until if taken else by_hand):
            taken = until - self.span(1, 30)
        plan = Plan(
            who, role.system, role.entitlement, given, DELIVERERS[role.system],
            ask=self.ask(role, who, given, until), scope=role.scope, taken=taken,
            until=None if role.system in LOGGED else until, names_ticket=role.system not in LOGGED, because="ticket",
        )  # fmt: skip
        plan.verified = given + self.span(0.5, 20)
        return plan

    def rule_in_force(self, name: str, at: datetime) -> Rule:
        """The version in force then."""
        return next(
            rule for rule in RULES
            if rule.id == name and day(rule.begins) <= at and (rule.ends is None or at < day(rule.ends))
        )  # fmt: skip

    def by_rule(self, name: str, who: Person, given: datetime, taken: datetime | None = None) -> Plan:
        """Access that a rule gives by the attributes of a person."""
        rule = self.rule_in_force(name, given)
        plan = Plan(
            who, rule.system, rule.entitlement, given, DELIVERERS[rule.system], rule=rule.id, version=rule.version,
            inputs=dict(who.facts), taken=taken, used=rule.system == "erp", because=f"rule {name}",
        )  # fmt: skip
        plan.verified = given + self.span(0.5, 20)
        return plan

    def by_exception(self, who: Person, given: datetime) -> Plan:
        """Break-glass: overridden, recorded, cleaned up in time."""
        by = self.company.owner("EXC-01", given)
        waiver = Waiver(f"EX-{next(self.numbers)}", "break-glass", given - self.span(0.2, 3), given + self.span(8, 24),
                        self.approvers[BREAK_GLASS.system, BREAK_GLASS.entitlement][1].mail, by)  # fmt: skip
        plan = Plan(who, "vault", "root-token", given, DELIVERERS["vault"], waiver=waiver, because="break-glass",
                    overridden=given - self.span(0.01, 0.1))  # fmt: skip
        plan.taken = waiver.until - self.span(0.2, 5)
        plan.verified = given + self.span(0.1, 2)
        return plan

    def free_person(self, role: Role, given: datetime, employment: str = "FTE") -> Person:
        """Someone new whom the catalogue allows the role, at work long before."""
        return self.staff.hire(self.rng.choice(role.departments or ("Platform",)), employment)


def other_department(org: Organisation, allowed: tuple[str, ...]) -> str | None:
    """A department that the role is not for."""
    others = [name for name in firm.DEPARTMENTS if name not in allowed]
    return org.rng.choice(others) if others else None


def live(org: Organisation, person: Person) -> None:
    """The year of an ordinary member of staff: birthright access, some tickets, perhaps a move, perhaps a last day."""
    rng = org.rng
    start = max(person.hired, BEGIN + 10 * DAY)
    if rng.random() < 0.12 and person.hired < day(150):
        org.staff.leave(person, day(int(rng.uniform(200, 350))))
    elif rng.random() < 0.12 and person.hired < day(150):
        org.staff.move(
            person,
            rng.choice([d for d in firm.DEPARTMENTS if d != person.department]),
            day(int(rng.uniform(180, 340))),
        )
    org.plans.append(org.by_rule("R-WIKI", person, start + org.span(2, 300), _gone(org, person.left)))
    over = _first(person.left, person.moved)
    if person.department == "Finance" and person.employment == "FTE":
        org.plans.append(org.by_rule("R-ERP", person, start + org.span(2, 400), _gone(org, over)))
        if rng.random() < 0.3:
            org.plans.append(org.by_rule("R-REPORTS", person, start + org.span(2, 3000), _gone(org, over)))
    if person.cost_center == "CC-100":
        org.plans.append(org.by_rule("R-BUDGET", person, start + org.span(2, 400), _gone(org, person.left)))
    if person.department in ("Legal", "Support") and start < day(150) and rng.random() < 0.3:
        stays = person.department == "Legal"
        dropped = day(180) + org.span(1, 20)
        ends = _gone(org, over) if stays else _first(_gone(org, over), dropped)
        org.plans.append(org.by_rule("R-ARCHIVE", person, start + org.span(2, 400), ends))
    if person.employment != "Contractor" and rng.random() < 0.3:
        org.plans.append(org.by_rule("R-EXPENSES", person, start + org.span(2, 400), _gone(org, person.left)))
    if person.moved and person.moved < day(300):
        _settle_in(org, person)
    elif person.left and person.left < day(290) and rng.random() < 0.15:
        _come_back(org, person)
    fitting = [r for r in ROLES if r.human and (r.departments is None or person.department in r.departments)]
    for role in rng.sample(fitting, min(len(fitting), rng.choice([0, 1, 1, 2, 2, 3]))):
        if role.conflict and any(
            p.holder is person and p.entitlement == role.conflict for p in org.plans[-6:]
        ):
            continue
        _ticketed(org, person, role, start)


def _settle_in(org: Organisation, person: Person) -> None:
    """What the new department brings."""
    assert person.moved
    after = person.moved + org.span(30, 300)
    if person.department_now == "Finance" and person.employment == "FTE":
        plan = org.by_rule("R-ERP", person, after)
        plan.inputs = person.facts | {"department": "Finance"}
        org.plans.append(plan)
    held = {plan.entitlement for plan in org.plans[-12:] if plan.holder is person}
    fitting = [
        r for r in ROLES
        if r.human and r.departments and person.department_now in r.departments
        and person.department not in r.departments and r.entitlement not in held and not r.conflict
    ]  # fmt: skip
    if fitting and person.employment == "FTE":
        role = org.rng.choice(fitting)
        org.plans.append(org.by_ticket(role, person, person.moved + org.span(24 * 6, 24 * 30)))
        org.plans[-1].because = "ticket after a move"


def _come_back(org: Organisation, person: Person) -> None:
    """Hired again under the same number: birthright access from then on."""
    assert person.left
    again = person.left + org.span(24 * 20, 24 * 50)
    person.came_back = again.replace(hour=0, minute=0, second=0, microsecond=0)
    org.staff.say(person, "status", "active", person.came_back, person.came_back - org.span(20, 90))
    org.plans.append(org.by_rule("R-WIKI", person, person.came_back + org.span(5, 50)))
    org.plans[-1].because = "rule R-WIKI after coming back"


def came_to_nothing(org: Organisation, number: int) -> None:
    """Requests that were denied or withdrawn, or that nobody has answered: nothing is delivered for them."""
    for n in range(number):
        role = org.rng.choice([r for r in ROLES if r.human])
        at = BEGIN - org.span(24 * 20, 24 * 25) if n < 6 else day(org.rng.uniform(-10, 360))
        ask = org.ask(role if n else ROLES[0], org.someone_but(), at)
        ask.decision = org.rng.choice(["denied", "cancelled", "pending"])
        org.idle_asks.append(ask)


def unanswered(org: Organisation) -> None:
    """The last requests of the year, one in each ticket system: what is delivered before lies in time that exports cover."""
    for role in (ROLES[0], ROLES[2]):
        ask = org.ask(role, org.someone_but(), END - org.span(20, 40))
        ask.decision, ask.decided = "pending", None
        org.idle_asks.append(ask)


def emergencies(org: Organisation) -> None:
    """Break-glass in every month, in order: the exceptions of the whole year are at hand."""
    for number in range(13):
        given = day(3 + 29.5 * number + org.rng.uniform(0, 2))
        org.plans.append(org.by_exception(org.free_person(BREAK_GLASS, given), given))


def _first(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at), default=None)


def _gone(org: Organisation, at: datetime | None) -> datetime | None:
    """Shortly after what ends it: within the time that a removal may take."""
    return at + org.span(-3, 22) if at else None


def _ticketed(org: Organisation, person: Person, role: Role, start: datetime) -> None:
    given = start + 6 * DAY + org.span(0, 24 * 200)
    eligible_until = person.left
    if person.moved and role.departments and len(role.departments) < len(firm.DEPARTMENTS):
        eligible_until = person.moved
    if given > END - 20 * DAY or (eligible_until and given > eligible_until - 10 * DAY):
        return
    until = (
        given + org.span(24 * 20, 24 * 140)
        if person.employment == "Contractor" or org.rng.random() < 0.2
        else None
    )
    if role.longest and until:
        until = min(until, given + role.longest - DAY)
    needless = given + org.span(24 * 10, 24 * 250) if org.rng.random() < 0.3 else None
    taken = _first(_gone(org, eligible_until), needless if needless and needless < END else None)
    plan = org.by_ticket(role, person, given, taken, until)
    _vary(org, plan, role)
    if plan.until and plan.until < END - 40 * DAY and plan.taken is None and not eligible_until:
        _extend(org, plan, role)
    org.plans.append(plan)


def _vary(org: Organisation, plan: Plan, role: Role) -> None:
    """What differs from case to case and is right all the same."""
    ask = plan.ask
    assert ask is not None
    dice = org.rng.random()
    if dice < 0.1 and role.scope:
        plan.scope = role.scope.replace("*", "DAILY")
    elif dice < 0.2:
        ask.requester = org.someone_but(ask.approver)
    elif dice < 0.25:
        earlier = replace(
            ask, ticket=f"NW-{next(org.numbers)}", asked=ask.asked - org.span(24, 90), decision="denied"
        )
        earlier.decided = earlier.asked + org.span(0.2, 20)
        earlier.approver = org.approver(role, earlier.decided).mail
        org.idle_asks.append(earlier)
    elif dice < 0.3:
        org.failed.append(replace(plan, given=plan.given - org.span(0.01, 0.02)))


def _extend(org: Organisation, plan: Plan, role: Role) -> None:
    """Approved in time, and given back before the new end."""
    if role.longest or plan.until is None:
        return
    at = plan.until - org.span(30, 100)
    until = (plan.until + org.span(24 * 10, 24 * 35)).replace(microsecond=0)
    plan.extensions.append(Extension(at, until, org.ask(role, plan.holder, at, until)))
    plan.because = "extended ticket"


def serve(org: Organisation, number: int) -> None:
    """The year of a service account or an API key."""
    rng = org.rng
    role = rng.choice([r for r in ROLES if not r.human])
    owner = rng.choice(org.staff.people[:40])
    ends = day(int(rng.uniform(150, 330))) if rng.random() < 0.3 else None
    kind = "api-key" if number % 3 == 0 and role.system == "vault" else "service-account"
    thing = org.staff.thing(kind, owner.mail, role.system, ends)
    given = day(rng.uniform(12, 120))
    plan = org.by_ticket(role, thing, given, _gone(org, ends))
    assert plan.ask is not None
    plan.ask.requester = owner if owner.mail != plan.ask.approver else org.someone_but(plan.ask.approver)
    if kind == "api-key":
        plan.rotations = rotations(org, plan)
    plan.because = kind
    org.plans.append(plan)
    if role.system == "aws":
        _keys(org, thing, plan)


def _keys(org: Organisation, thing: Thing, plan: Plan) -> None:
    """Access keys one after the other, each new one made a little before the old one is deleted."""
    over = plan.taken or END + DAY
    given = plan.given + org.span(0.5, 20)
    while given < over - DAY and given < END - DAY:
        following = given + org.span(24 * 50, 24 * 85)
        ends = min(following + org.span(0.2, 20), over)
        org.plans.append(issue(org, thing, given, ends if ends < END else None))
        given = following


def issue(org: Organisation, thing: Thing, given: datetime, taken: datetime | None = None) -> Plan:
    """A new access key of a service account, verified, until it is deleted."""
    key = f"AKIA{org.rng.randrange(16**16):016X}"
    plan = Plan(
        thing,
        "aws",
        f"{KEY}{key}",
        given,
        DELIVERERS["aws"],
        taken=taken,
        names_ticket=False,
        because="access key",
    )
    plan.verified = given + org.span(0.5, 20)
    return plan


def invite(org: Organisation, plan: Plan, withdrawn: bool = False) -> None:
    """Sent once it was approved, and before it was accepted."""
    assert plan.ask and plan.ask.decided
    sent = plan.ask.decided + (plan.given - plan.ask.decided) * 0.7
    org.invitations.append(Invitation(plan.account, sent, plan.given if withdrawn else None))


def nest(org: Organisation) -> None:
    """The group that holds the role of the ledger, and the two groups in it, all asked for and approved."""
    groups = {}
    for name in (OUTER.entitlement, *(role.entitlement for role in INNER)):
        groups[name] = Thing(name, "group", org.someone_but().mail, {OUTER.system: name})
        org.staff.things.append(groups[name])
    for role, name in ((LEDGER, OUTER.entitlement), *((OUTER, role.entitlement) for role in INNER)):
        plan = org.by_ticket(role, groups[name], day(org.rng.uniform(12, 20)))
        plan.because, plan.used = "group", False
        org.plans.append(plan)


def rotations(org: Organisation, plan: Plan) -> list[datetime]:
    """Changed in good time, to the end of the grant or of the year."""
    found, at = [], plan.given
    while (at := at + org.span(24 * 50, 24 * 85)) < (plan.taken or END):
        found.append(at)
    return found
