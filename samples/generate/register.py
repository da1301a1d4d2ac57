"""The organisation's register: controls and owners, rules, role catalogue, authorities, policy, accounts, ticket fields."""

from pathlib import Path

import yaml

from samples.generate.staff import (
    CLOUD_LEAD,
    CRM_LEAD,
    DATA_LEAD,
    ENGINEERING_LEAD,
    PAYROLL_LEAD,
    PIPELINE,
    PIPELINE_SUBJECT,
)
from samples.generate.world import DOMAIN, World

SINCE = "2024-01-01"
SYSTEMS = {
    "aws": ("cloud-platform", "Head of cloud platform"),
    "github": ("github-platform", "Owner of the GitHub organisation"),
    "okta": ("directory-platform", "Owner of the directory"),
    "ledger": ("ledger-platform", "Head of finance systems"),
    "wiki": ("wiki-platform", "Owner of the wiki"),
    "crm": ("crm-platform", "Owner of the CRM"),
    "warehouse": ("warehouse-platform", "Head of the data platform"),
    "vault": ("vault-platform", "Owner of the secret store"),
}
ACTIVE = 'identity.status == "active"'
LEDGER = f'identity.department == "Finance" && identity.employment_type == "FTE" && {ACTIVE}'
PLATFORM = f'identity.department == "Platform" && {ACTIVE}'


def control(name: str, point: str, owner: str, role: str, **covers: object) -> dict[str, object]:
    """A control with one owner for all the time."""
    entry: dict[str, object] = {"id": name, "point": point}
    if covers:
        entry["covers"] = covers
    entry["owners"] = [{"owner": f"{owner}@{DOMAIN}", "role": role, "from": SINCE, "to": None}]
    entry["responder"] = f"responders@{DOMAIN}"
    return entry


def controls() -> list[dict[str, object]]:
    """One control for each point, most of them for each system."""
    rows = [
        control("HR-01", "source-data", "hr-data", "Head of people data", system="people-hub"),
        control("SYN-01", "source-data", "identity-sync", "Owner of the directory sync", system="okta"),
        control("REQ-01", "request", "access-process", "Access process owner"),
        control("APR-01", "approval", "access-process", "Access process owner"),
        control("EXC-01", "exception", "exceptions-desk", "Exception owner"),
        control("GOV-01", "governance", "access-process", "Access process owner"),
        control("RVK-01", "revocation", "deprovisioning", "Head of deprovisioning"),
        control("ROT-01", "rotation", "access-process", "Access process owner"),
        control("RUL-LEDGER", "rule", "ledger-apps", "Owner of the ledger application", rule="R-LEDGER"),
        control("RUL-WIKI", "rule", "wiki-platform", "Owner of the wiki", rule="R-WIKI"),
        control("ENG-01", "provisioning", "identity-engine", "Owner of the rules engine", rule="R-*"),
    ]
    for system, (owner, role) in SYSTEMS.items():
        for point, short in (
            ("provisioning", "PRV"),
            ("verification", "VER"),
            ("expiry", "EXP"),
            ("logging", "LOG"),
        ):
            rows.append(control(f"{short}-{system.upper()}", point, owner, role, system=system))
        rows.append(
            control(
                f"REV-{system.upper()}",
                "review",
                f"{system}-business",
                f"Business owner of {system}",
                system=system,
            )
        )
    return rows


def rule(
    name: str,
    version: int,
    since: str,
    until: str | None,
    owner: str,
    expression: str,
    system: str,
    entitlement: str,
) -> object:
    """One version of a rule."""
    return {
        "id": name,
        "version": version,
        "from": since,
        "to": until,
        "owner": f"{owner}@{DOMAIN}",
        "language": "cel",
        "expression": expression,
        "grants": [{"system": system, "entitlement": entitlement}],
    }


def role(
    system: str, entitlement: str, eligible: str, provisioner: str, approval: bool = True
) -> dict[str, object]:
    """One line of the role catalogue."""
    entry: dict[str, object] = {"system": system, "entitlement": entitlement, "eligible": eligible}
    if approval:
        entry["approval"] = "required"
    return entry | {"owner": f"{SYSTEMS[system][0]}@{DOMAIN}", "provisioners": [provisioner]}


def authority(approver: str, system: str, entitlement: str) -> dict[str, object]:
    """Who may approve what, without an end."""
    return {
        "approver": approver,
        "system": system,
        "entitlement": entitlement,
        "from": SINCE,
        "to": None,
        "delegated_by": None,
    }


def machine(name: str, owner: str, *accounts: tuple[str, str]) -> dict[str, object]:
    """An automation with its accounts."""
    rows = [{"system": system, "name": account} for system, account in accounts]
    return {"id": name, "kind": "workload", "owner": f"{owner}@{DOMAIN}", "accounts": rows}


def write(world: World, folder: Path) -> None:
    """Four files, as different teams keep them."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = {
        "rules": [
            rule(
                "R-LEDGER",
                1,
                SINCE,
                "2025-03-01",
                "ledger-apps",
                f'identity.department == "Finance" && {ACTIVE}',
                "ledger",
                "post-entries",
            ),
            rule("R-LEDGER", 2, "2025-03-01", None, "ledger-apps", LEDGER, "ledger", "post-entries"),
            rule("R-WIKI", 1, SINCE, None, "wiki-platform", ACTIVE, "wiki", "editor"),
        ],
        "roles": [
            role("ledger", "post-entries", LEDGER, "rules-engine", approval=False),
            role("wiki", "editor", ACTIVE, "rules-engine", approval=False),
            role("crm", "sales-seat", f'identity.department == "Sales" && {ACTIVE}', "desk-automation"),
            role("warehouse", "DATA_READER", ACTIVE, "desk-automation"),
            role("vault", "prod-secrets", PLATFORM, "desk-automation"),
            role("aws", "AdministratorAccess", PLATFORM, "infra-pipeline"),
            role(
                "github",
                "larkfield/builders",
                f'identity.department == "Engineering" && {ACTIVE}',
                "team-sync",
            ),
            role("github", "larkfield/release-keys", PLATFORM, "team-sync"),
            role("okta", "Payroll approvers", f'identity.department == "Finance" && {ACTIVE}', "access-desk"),
        ],
    }
    authorities = [
        authority(CRM_LEAD, "crm", "sales-seat"),
        authority(DATA_LEAD, "warehouse", "DATA_READER"),
        authority(ENGINEERING_LEAD, "github", "larkfield/builders"),
        authority(CLOUD_LEAD, "github", "larkfield/release-keys"),
        authority(CLOUD_LEAD, "aws", "*"),
        authority(CLOUD_LEAD, "vault", "prod-secrets"),
        authority(PAYROLL_LEAD, "okta", "Payroll approvers"),
    ]
    machines = [
        machine("rules-engine", "identity-engine", ("ledger", "rules-engine"), ("wiki", "rules-engine")),
        machine(
            "desk-automation",
            "access-process",
            *((s, "desk-automation") for s in ("crm", "warehouse", "vault")),
        ),
        machine("reconciler", "access-process", *((system, "reconciler") for system in SYSTEMS)),
        machine("infra-pipeline", "cloud-platform", ("aws", PIPELINE), ("aws", PIPELINE_SUBJECT)),
        machine("team-sync", "github-platform", ("github", "lark-team-sync")),
        machine("access-desk", "directory-platform", ("okta", "access-desk")),
    ]
    people = [
        {
            "id": email,
            "kind": "human",
            "owner": None,
            "accounts": [{"system": system, "name": name} for system, name in accounts],
        }
        for email, accounts in sorted(world.accounts.items())
    ]
    attributes = ["department", "employment_type", "status"]
    policy = {
        "sources_of_truth": [
            {"attribute": name, "authoritative": ["people-hub"], "copies": ["okta"]} for name in attributes
        ],
        "policy": {
            "revocation_sla": "PT24H",
            "source_update_sla": "PT48H",
            "verification_window": "PT24H",
            "review_interval": "P365D",
            "rotation_interval": "P365D",
            "request_window": "P14D",
        },
        "tickets": {
            "jira": dict(
                zip(
                    [
                        "beneficiary",
                        "system",
                        "entitlement",
                        "scope",
                        "expires_at",
                        "justification",
                        "approvals",
                    ],
                    [f"customfield_{n}" for n in (12001, 12002, 12003, 12004, 12005, 12006, 12050)],
                    strict=True,
                )
            ),
            "servicenow": {
                "beneficiary": "requested_for.email",
                "requester": "opened_by.email",
                "system": "u_target_system",
                "entitlement": "u_entitlement",
                "scope": "u_scope",
                "expires_at": "u_access_until",
                "justification": "u_justification",
            },
        },
    }
    files: dict[str, object] = {
        "controls": {"controls": controls()},
        "catalogue": catalogue,
        "people": {"authorities": authorities + world.extra_authorities, "identities": machines + people},
        "policy": policy,
    }
    for name, content in files.items():
        text = yaml.safe_dump(content, sort_keys=False, width=120, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(text)
