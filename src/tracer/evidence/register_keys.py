"""What a register may say: its sections, their keys, and what kind of value each takes."""

from collections.abc import Mapping

Kinds = Mapping[str, str]

SECTIONS: dict[str, Kinds] = {
    "controls": {"id": "text!", "point": "point!", "covers": "covers", "owners": "owners", "responder": "text"},
    "rules": {
        "id": "text!", "version": "text!", "from": "time", "to": "time", "owner": "text", "language": "text",
        "expression": "text!", "reviewed_at": "times", "tested_at": "time", "grants": "grants",
    },
    "roles": {
        "system": "text", "entitlement": "text", "eligible": "text", "privileged": "flag", "max_duration": "duration",
        "approval": "text", "justification": "text", "cost": "any", "conflicts": "grants", "owner": "text",
        "provisioners": "texts",
    },
    "authorities": {
        "approver": "text!", "system": "text", "entitlement": "text", "from": "time", "to": "time", "delegated_by": "text",
    },
    "exceptions": {
        "id": "text!", "kind": "text", "identity": "text", "system": "text", "entitlement": "text",
        "recorded_by": "text", "recorded_at": "time", "approved_by": "text", "expires_at": "time", "cleanup_owner": "text",
    },
    "identities": {
        "id": "text!", "kind": "kind", "owner": "text", "on_behalf_of": "text", "purpose": "text",
        "purpose_ends_at": "time", "known_to": "texts", "accounts": "accounts",
    },
    "exposures": {
        "system": "text", "credential": "text", "identity": "text", "exposed_at": "time", "reported_at": "time", "source": "text",
    },
    "sources_of_truth": {"attribute": "text!", "authoritative": "texts", "copies": "texts"},
}  # fmt: skip
"""Section -> key -> kind of value; a kind that ends in `!` must be there."""

POLICY: Kinds = {
    "revocation_sla": "duration", "source_update_sla": "duration", "verification_window": "duration",
    "review_interval": "duration", "rotation_interval": "duration", "request_window": "duration",
    "time_bound": "texts", "rule_review_interval": "duration", "rule_tests": "text", "separate_delivery": "text",
    "verify_removals": "text", "compromise_sla": "duration",
}  # fmt: skip

TICKETS = [
    "beneficiary",
    "requester",
    "system",
    "entitlement",
    "scope",
    "expires_at",
    "justification",
    "approvals",
]
"""What a field of a ticket system may hold."""

NESTED: dict[str, Kinds] = {
    "owners": {"owner": "text", "role": "text", "from": "time", "to": "time"},
    "grants": {"system": "text", "entitlement": "text"},
    "accounts": {"system": "text!", "name": "text!"},
    "covers": {"system": "texts", "entitlement": "texts", "attribute": "texts", "rule": "texts"},
}

POINTS = [
    "source-data",
    "rule",
    "request",
    "approval",
    "exception",
    "provisioning",
    "verification",
    "review",
    "expiry",
    "revocation",
    "rotation",
    "logging",
    "governance",
]

KINDS = ["human", "service-account", "workload", "api-key", "ai-agent", "vendor", "group"]

KEYS = {"controls": "id", "exceptions": "id", "identities": "id", "sources_of_truth": "attribute"}
"""Sections whose entries have an id."""
