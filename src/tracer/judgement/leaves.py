"""When somebody left: their status in the authoritative source is no longer active, as known now."""

from tracer.judgement.readings import Fact, Readings

ACTIVE = ("active", "enabled", "employed", "current")
"""Values of `status`, case-folded, that say somebody is there."""


def leaves(readings: Readings, identity: str) -> list[Fact]:
    """The facts with which each leave of this identity began, in order; somebody who came back may have left twice."""
    found: list[Fact] = []
    there = True
    facts = readings.facts(identity, "status")
    for place, fact in enumerate(facts):
        if place + 1 < len(facts) and facts[place + 1].valid_from == fact.valid_from:
            continue  # corrected: the later entry for the same time stands
        active = not fact.value.strip() or fact.value.strip().casefold() in ACTIVE
        if there and not active:
            found.append(fact)
        there = active
    return found
