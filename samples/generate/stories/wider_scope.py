"""Three analysts are approved for one schema each; the automation delivers the whole database."""

from samples.generate.background import deliver_reader, wiki
from samples.generate.world import DOMAIN, World, at

ANALYSTS = [
    ("Oskar Hallin", "2025-12-02T09:00", "MARKETING.CAMPAIGNS"),
    ("Linnea Brask", "2026-01-13T10:00", "MARKETING.LEADS"),
    ("Yusuf Demir", "2026-02-03T13:00", "MARKETING.CAMPAIGNS"),
]


def tell(world: World) -> None:
    """Approver, beneficiary, time and entitlement are right; only the scope is not."""
    for name, asked, approved in ANALYSTS:
        person = world.person(name, "Marketing")
        wiki(world, person)
        deliver_reader(world, person, at(asked), approved, "MARKETING.*")
        owner = f"warehouse-platform@{DOMAIN}"
        world.expect(
            "wider-scope",
            person.email,
            "warehouse",
            "DATA_READER",
            "wrong-access",
            "scope-exceeds-approval",
            owner,
        )
    narrower = world.person("Freja Lind", "Marketing")
    wiki(world, narrower)
    deliver_reader(world, narrower, at("2026-02-17T09:00"), "MARKETING.*", "MARKETING.LEADS")
    world.expect("narrower-scope", narrower.email, "warehouse", "DATA_READER", "conforming")
