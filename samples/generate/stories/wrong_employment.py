"""People data said FTE of three contractors; the rule believed it, and one was even kept by a review."""

from datetime import timedelta

from samples.generate.background import wiki
from samples.generate.world import DOMAIN, World, at, iso

CONTRACTORS = [
    ("Mira Solberg", "2025-09-01", "2026-02-12T09:00"),
    ("Idris Kolb", "2025-10-06", "2025-11-19T14:00"),
    ("Anneke Roth", "2026-03-16", "2026-05-20T08:00"),
]


def tell(world: World) -> None:
    """Hired as contractors, entered as FTE, corrected weeks later for the day of joining."""
    for name, joined, corrected in CONTRACTORS:
        person = world.person(name, "Finance", joined=at(joined))
        wiki(world, person)
        world.claim(person, "employment_type", "Contractor", person.joined, at(corrected))
        granted = person.joined + timedelta(hours=7)
        inputs = {"department": "Finance", "employment_type": "FTE", "status": "active"}
        world.log(
            granted,
            "grant",
            "ledger",
            person.email,
            "post-entries",
            "rules-engine",
            rule="R-LEDGER",
            rule_version=2,
            inputs=inputs,
        )
        world.verified(granted + timedelta(hours=3), "ledger", person.email, "post-entries")
        world.log(
            granted + timedelta(days=9, hours=3), "use", "ledger", person.email, "post-entries", person.email
        )
        ended = at(corrected) + timedelta(hours=6)
        world.log(
            ended,
            "revoke",
            "ledger",
            person.email,
            "post-entries",
            "rules-engine",
            rule="R-LEDGER",
            rule_version=2,
        )
        world.expect(
            "hr-error",
            person.email,
            "ledger",
            "post-entries",
            "wrong-access",
            "wrong-attribute",
            f"hr-data@{DOMAIN}",
        )
    first = f"mira.solberg@{DOMAIN}"
    world.reviews.append(
        [
            iso(at("2025-12-10T10:00")),
            f"ledger-business@{DOMAIN}",
            "ledger",
            first,
            "post-entries",
            "keep",
            "winter-2025",
        ]
    )
