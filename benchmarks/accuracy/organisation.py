"""The simulated organisation of a given size and seed, its files of evidence, and the true answer for each of its grants."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.accuracy.exports.books import LATEST, File
from benchmarks.accuracy.exports.logs import whole
from benchmarks.accuracy.exports.telling import tell
from benchmarks.accuracy.faults.injecting import inject
from benchmarks.accuracy.moments import day
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.routine import (
    Organisation,
    came_to_nothing,
    emergencies,
    live,
    nest,
    serve,
    unanswered,
)

PER_ROUND = 250
"""Members of staff for each round of faults."""


@dataclass(frozen=True)
class Simulation:
    """What is handed in, and what is true: plans by (system, account, entitlement)."""

    files: list[File]
    plans: list[Plan]


def simulate(
    identities: int,
    seed: int = 1,
    rounds: int | None = None,
    latest: timedelta = LATEST,
    yearly: bool = False,
) -> Simulation:
    """An organisation with about so many ordinary identities, and the people of the fault stories besides.

    `yearly`: each source exports one file, for the whole year.
    """
    org = Organisation(seed)
    for number in range(identities):
        if number % 20 == 19:
            serve(org, number)
            continue
        late = org.rng.random() < 0.2
        employment = "Contractor" if org.rng.random() < 0.12 else "FTE"
        center = "CC-100" if org.rng.random() < 0.1 else None
        person = org.staff.hire(None, employment, 200 if late else -40, 10 if late else -400, center)
        if not late and org.rng.random() < 0.03:
            person.renamed = _renaming(org)
            person.later_mail = person.mail.replace("@", "-new@")
            org.staff.say(
                person, "cost_center", person.cost_center, person.renamed, person.renamed + org.span(0.1, 2)
            )
        org.staff.promote(person)
        live(org, person)
    came_to_nothing(org, 10 + identities // 20)
    emergencies(org)
    nest(org)
    inject(org, max(1, round(identities / PER_ROUND)) if rounds is None else rounds)
    unanswered(org)
    for plan in org.plans:
        if plan.system == "aws":
            plan.given = whole(plan.given, "aws")
            plan.taken = whole(plan.taken, "aws") if plan.taken else None
    return Simulation(tell(org, latest, yearly), org.plans)


def _renaming(org: Organisation) -> datetime:
    return day(org.rng.uniform(40, 300))
