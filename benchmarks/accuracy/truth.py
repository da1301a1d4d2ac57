"""What is known of each grant: the faults that were put into it, and the root that the model's order makes of them.

The orders are those of the model's section 5, written down again here on purpose.
"""

from dataclasses import dataclass, field
from datetime import datetime

CLASSES = {
    "source-data": "wrong-correlation missing-attribute conflicting-sources stale-copy wrong-attribute late-update",
    "decision": """rule-overgrants unowned-rule rule-unreviewed rule-untested no-justification free-text-request policy-ineligible
        self-approval approver-lacks-authority delegation-invalid stale-authority sod-conflict no-expiry-set no-owner-assigned
        self-service-bypass renewal-unapproved exception-unrecorded review-missed review-kept-wrong-access unused-unreviewed
        orphaned-owner unowned-control""",
    "execution": """no-decision provisioned-before-approval provisioned-after-denial wrong-entitlement wrong-subject
        scope-exceeds-approval expiry-dropped rule-not-satisfied stale-rule unauthorised-executor approver-executed not-verified
        verified-wrong removal-not-verified expiry-not-enforced revocation-missed revocation-incomplete exception-not-cleaned-up
        rotation-overdue compromise-not-rotated shared-secret-known-to-leaver unlogged-grant""",
}
CLASS_OF = {mode: name for name, modes in CLASSES.items() for mode in modes.split()}

DELIVERY = [
    "no-decision",
    "provisioned-before-approval",
    "provisioned-after-denial",
    "wrong-entitlement",
    "wrong-subject",
    "scope-exceeds-approval",
    "expiry-dropped",
    "rule-not-satisfied",
    "stale-rule",
    "unauthorised-executor",
]
FACTS = [
    "wrong-correlation",
    "missing-attribute",
    "conflicting-sources",
    "stale-copy",
    "wrong-attribute",
    "late-update",
]
DECISIONS = [
    "rule-overgrants",
    "exception-unrecorded",
    "self-service-bypass",
    "free-text-request",
    "policy-ineligible",
    "sod-conflict",
    "self-approval",
    "delegation-invalid",
    "approver-lacks-authority",
    "no-owner-assigned",
    "no-expiry-set",
    "no-justification",
]
LATER = [
    "late-update",
    "renewal-unapproved",
    "exception-not-cleaned-up",
    "expiry-not-enforced",
    "revocation-incomplete",
    "revocation-missed",
    "compromise-not-rotated",
    "shared-secret-known-to-leaver",
    "review-kept-wrong-access",
    "review-missed",
]
WEAKNESSES = [
    "unowned-rule",
    "rule-unreviewed",
    "rule-untested",
    "stale-authority",
    "review-missed",
    "unused-unreviewed",
    "approver-executed",
    "not-verified",
    "verified-wrong",
    "removal-not-verified",
    "rotation-overdue",
    "unlogged-grant",
    "orphaned-owner",
]
"""As the table of failure modes lists them."""


@dataclass(frozen=True)
class Fault:
    """One fault that was put in: its mode, who may rightly be named for it, and since when the access is wrong.

    `group` is 1 to 4 as in the model, 5 for a weakness. Of several owners each is right (sources that share, a handover
    within the time that a removal may take).
    """

    mode: str
    owners: tuple[str, ...]
    group: int
    wrong_since: datetime | None


@dataclass(frozen=True)
class Verdict:
    """The true answer for one grant."""

    verdict: str
    mode: str | None = None
    owners: tuple[str, ...] = ()
    wrong_since: datetime | None = None
    also: frozenset[str] = field(default_factory=frozenset)

    @property
    def cause(self) -> str | None:
        """The class of the root."""
        return CLASS_OF[self.mode] if self.mode else None


def verdict_of(faults: list[Fault]) -> Verdict:
    """The root of several faults by the model's order."""
    for group, order in enumerate((DELIVERY, FACTS, DECISIONS, LATER, WEAKNESSES), 1):
        found = sorted((f for f in faults if f.group == group), key=lambda f: order.index(f.mode))
        if found:
            name = "control-weakness" if group == 5 else "wrong-access"
            also = frozenset(f.mode for f in faults)
            return Verdict(name, found[0].mode, found[0].owners, found[0].wrong_since, also)
    return Verdict("conforming")
