"""Approvers whom the register does not name though they approve as a matter of course: its list is not whole there.

Somebody without authority who approves does so now and then, and one who does it often is a failure to be found, not a
gap in a list. But where several people, and not few of all who approve as a matter of course, took many of the decisions
on an entitlement, all of them delivered, rows are missing: then the list proves nothing of anybody.
"""

from collections import defaultdict
from collections.abc import Iterable

from tracer.completeness.chance import too_often

HABIT = 5
"""Who approved fewer requests for an entitlement did it now and then."""

SELDOM = 1 / 20
"""No more of the decisions on an entitlement are taken by somebody without authority, as a rule."""

SEVERAL = 4
"""So many people whom the list should name do not all approve what they may not."""

NOT_FEW = 1 / 20
"""So large a part of all who approve as a matter of course."""

Named = tuple[str, str, str]
"""An approver, and the system and entitlement that they approve."""


def lacks_approvers(decisions: Iterable[tuple[str, str, str, str, bool]]) -> bool:
    """Whether the list lacks rows; `decisions` are approver, system, entitlement, request, and whether any row names them."""
    of_all: dict[tuple[str, str], set[str]] = defaultdict(set)
    of_one: dict[Named, set[str]] = defaultdict(set)
    rows: dict[Named, bool] = {}
    for approver, system, entitlement, request, named in decisions:
        of_all[system, entitlement].add(request)
        of_one[approver, system, entitlement].add(request)
        rows[approver, system, entitlement] = named
    habitual = [
        key
        for key, taken in of_one.items()
        if len(taken) >= HABIT and too_often(len(taken), len(of_all[key[1:]]), SELDOM)
    ]
    unnamed = {key[0] for key in habitual if not rows[key]}
    return len(unnamed) >= max(SEVERAL, NOT_FEW * len({key[0] for key in habitual}))
