"""Whose clock runs how far from the true time: every source writes what its own clock says.

The truth stays decidable: what has to come one after the other in two sources lies further apart than two clocks do.
"""

from datetime import datetime, timedelta

SKEW = {
    "cloudtrail": 0, "okta": 41, "github": -58, "provisioning": 23, "jira": -37, "servicenow": 52, "hr": -49, "reviews": 17,
}  # fmt: skip
"""Seconds that a source's clock is ahead."""

WIDEST = timedelta(seconds=max(SKEW.values()) - min(SKEW.values()))
"""How far two clocks are apart at most."""


def told(at: datetime, source: str) -> datetime:
    """The moment by the clock of a source."""
    return at + timedelta(seconds=SKEW.get(source, 0))
