"""Zendesk: the roles that the sentences of one change name, a line for each product.

https://developer.zendesk.com/api-reference/ticketing/account-configuration/audit_logs/: `Role changed from End User to
Administrator`, or in several lines `Support role changed from not set to Admin`; exports write the line's end also as
a backslash with an n.
"""

import re
from typing import Any

from tracer.sources.paths import text_of
from tracer.sources.sentences import sentence

LINES = re.compile(r"\r?\n|\\+n")
CHANGED = re.compile(r"^(?:(?P<product>.+?) )?role changed from (?P<old>.+?) to (?P<new>.+)$", re.IGNORECASE)
UNSET = "not set"
GENERAL = "custom"
"""`Custom role changed`: a role that the customer defined, and of no product."""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The entry with `roles`: `old` and `new` of each role that it changed, null where there was or is none."""
    lines = LINES.split(sentence(text_of(record.get("change_description"))))
    return [{**record, "roles": [_role(match) for line in lines if (match := CHANGED.match(line.strip()))]}]


def _role(match: re.Match[str]) -> dict[str, str | None]:
    product = match["product"]
    prefix = f"{product}:" if product and product.casefold() != GENERAL else ""
    return {
        side: None if match[side].casefold() == UNSET else f"{prefix}{match[side]}" for side in ("old", "new")
    }
