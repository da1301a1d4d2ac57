"""Henrik leaves; people data says so in time; nobody takes him out of the group, and a review keeps him."""

from samples.generate.formats.okta import group_member, service
from samples.generate.staff import PAYROLL_LEAD
from samples.generate.world import DOMAIN, World, at, iso

GROUP = "Payroll approvers"


def tell(world: World) -> None:
    """The same group by the same way for a colleague who stays."""
    for name, asked in (("Henrik Dahl", "2025-08-12T09:00"), ("Stina Holm", "2025-09-09T09:00")):
        person = world.person(name, "Finance")
        day = at(asked)
        world.ticket(
            "servicenow",
            requester=person.email,
            beneficiary=person.email,
            system="okta",
            entitlement=GROUP,
            asked=day,
            approver=PAYROLL_LEAD,
            decided=day.replace(hour=12),
        )
        world.okta.append(group_member(day.replace(hour=13), service("access-desk"), person, GROUP))
        world.verified(day.replace(hour=17), "okta", person.email, GROUP)
        world.reviews.append(
            [
                iso(at("2026-03-10T11:00")),
                f"okta-business@{DOMAIN}",
                "okta",
                person.email,
                GROUP,
                "keep",
                "spring-2026",
            ]
        )
        if name == "Henrik Dahl":
            world.claim(person, "status", "left", at("2026-01-31"), at("2026-01-20T10:00"))
            owner = f"deprovisioning@{DOMAIN}"
            world.expect(
                "leaver-kept", person.email, "okta", GROUP, "wrong-access", "revocation-missed", owner
            )
        else:
            world.expect("colleague-stays", person.email, "okta", GROUP, "conforming")
