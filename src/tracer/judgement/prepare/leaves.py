"""When somebody left: their status in the authoritative source is no longer active, as known now."""

import re

from tracer.judgement.prepare.readings import Fact, Readings

ACTIVE = ("active", "enabled", "employed", "current", "true", "1", "yes")
"""Values of `status`, case-folded, that say somebody is there."""

ON_LEAVE = re.compile(r"(^|[\s_-])leave([\s_-]|$)")
"""Somebody on leave comes back: no longer there is only who left."""


def is_there(status: str) -> bool:
    """Whether this status means that somebody has not left; one without a value says nothing and counts as being there."""
    said = status.strip().casefold()
    return not said or said in ACTIVE or ON_LEAVE.search(said) is not None


def leaves(readings: Readings, identity: str) -> list[Fact]:
    """The facts with which each leave of this identity began, in order; somebody who came back may have left twice."""
    return [fact for fact, _ in absences(readings, identity)]


def absences(readings: Readings, identity: str) -> list[tuple[Fact, str | None]]:
    """Each leave of this identity in order, with when they came back (UTC; None: they did not)."""
    found: list[tuple[Fact, str | None]] = []
    facts = readings.facts(identity, "status")
    for place, fact in enumerate(facts):
        if place + 1 < len(facts) and facts[place + 1].valid_from == fact.valid_from:
            continue  # corrected: the later entry for the same time stands
        gone = bool(found) and found[-1][1] is None
        if gone and is_there(fact.value):
            found[-1] = (found[-1][0], fact.valid_from)
        elif not gone and not is_there(fact.value):
            found.append((fact, None))
    return found
