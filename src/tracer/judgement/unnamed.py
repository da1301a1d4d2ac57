"""Approvers whom the register does not name though they approve as a matter of course: its list is not whole there.

Somebody without authority who approves does so now and then. Who took many of the decisions on an entitlement, all of
them delivered, either is one of its approvers whose row is missing, or the list is not kept: nobody can tell which from
the list. Where this is so of several people, the list proves nothing of anybody.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import comb

HABIT = 5
"""Who approved fewer requests for an entitlement did it now and then."""

SELDOM = 1 / 20
"""No more of the decisions on an entitlement are taken by somebody without authority, as a rule."""

CHANCE = 0.01
"""How seldom these many of them may come by chance."""

SEVERAL = 2
"""So many people whom the list should name are no accident of one row."""

Named = tuple[str, str, str]
"""An approver, and the system and entitlement that they approve."""


class Unnamed:
    """Whom the register should name; `decisions` are approver, system, entitlement, request, and whether any row names them."""

    def __init__(self, decisions: Iterable[tuple[str, str, str, str, bool]]) -> None:
        of_all: dict[tuple[str, str], set[str]] = defaultdict(set)
        of_one: dict[Named, set[str]] = defaultdict(set)
        for approver, system, entitlement, request, named in decisions:
            of_all[system, entitlement].add(request)
            if not named:
                of_one[approver, system, entitlement].add(request)
        self._habitual = {
            key for key, taken in of_one.items() if _too_often(len(taken), len(of_all[key[1], key[2]]))
        }
        self._partial = len({approver for approver, _, _ in self._habitual}) >= SEVERAL

    def may_be(self, approver: str | None, system: str, entitlement: str) -> bool:
        """Whether a row that names this approver may be missing."""
        return self._partial or (approver, system, entitlement) in self._habitual


def _too_often(taken: int, number: int) -> bool:
    """Whether so many of these decisions are too many for somebody without authority."""
    if taken < HABIT:
        return False
    fewer = sum(comb(number, k) * SELDOM**k * (1 - SELDOM) ** (number - k) for k in range(taken))
    return 1 - fewer <= CHANCE
