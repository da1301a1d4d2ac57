"""Ids that come from content, so that they survive the next ingest and any order of files."""

import hashlib
import json
from typing import Any

ID_LENGTH = 20
"""Hexadecimal digits kept of a SHA-256: 80 bits, so that 10 million ids collide with a chance of 4e-11."""


def content_id(*parts: Any) -> str:
    """The id of whatever these parts determine: 20 hexadecimal digits, the same for equal parts."""
    text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def record_id(evidence_sha256: str, ordinal: int) -> str:
    """The id of the record at `ordinal` (0-based) of the file with that SHA-256."""
    return hashlib.sha256(f"{evidence_sha256}:{ordinal}".encode()).hexdigest()[:ID_LENGTH]


def account_id(system: str, name: str) -> str:
    """The id of an account; names compare case-folded."""
    return content_id("account", system.casefold(), name.casefold())


def entitlement_id(system: str, name: str) -> str:
    """The id of an entitlement; names compare case-folded."""
    return content_id("entitlement", system.casefold(), name.casefold())
