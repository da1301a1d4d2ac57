"""The register as YAML, one file per kind of thing."""

from datetime import datetime
from typing import Any

import yaml
from benchmarks.accuracy.company import (
    ANYBODY,
    AWS,
    BREAK_GLASS,
    DELIVERERS,
    DOMAIN,
    ELIGIBLE,
    KEY,
    RECONCILER,
    ROLES,
    RULES,
    SPECIAL,
    SYSTEMS,
    Company,
    Role,
)  # fmt: skip
from benchmarks.accuracy.exports.books import File
from benchmarks.accuracy.exports.tickets import FIELDS, SERVICENOW
from benchmarks.accuracy.moments import day, text
from benchmarks.accuracy.people import Person, Staff
from benchmarks.accuracy.routine import Organisation

POLICY = {
    "revocation_sla": "PT24H", "source_update_sla": "PT24H", "verification_window": "PT24H", "review_interval": "P120D",
    "rotation_interval": "P90D", "request_window": "P14D", "time_bound": ["contractor", "vendor", "external"],
    "compromise_sla": "PT24H", "rule_review_interval": "P500D", "rule_tests": "required", "separate_delivery": "required",
    "verify_removals": "required",
}  # fmt: skip


def write(org: Organisation) -> list[File]:
    """The files of the register."""
    sections: dict[str, dict[str, Any]] = {
        "controls": {"controls": _controls(org.company)},
        "rules": {"rules": _rules()},
        "catalogue": {"roles": _roles(org.deliverers)},
        "authorities": {"authorities": [_times(row) for row in org.company.authorities]},
        "identities": {"identities": _identities(org.staff, org.aliases)},
        "exposures": {"exposures": [_times(row) for row in org.exposures]} if org.exposures else {},
        "policy": {"policy": POLICY, "sources_of_truth": [
            {"attribute": "department", "authoritative": ["workday"], "copies": ["okta"]},
            {"attribute": "employment_type", "authoritative": ["workday"], "copies": ["okta"]},
            {"attribute": "status", "authoritative": ["workday"], "copies": ["okta"]},
            {"attribute": "cost_center", "authoritative": ["workday", "sap-hr"], "copies": []},
        ], "tickets": {"jira": FIELDS, "servicenow": SERVICENOW}},
    }  # fmt: skip
    return [
        File("register", -2, f"register/{name}.yaml", yaml.safe_dump(content, sort_keys=False).encode())
        for name, content in sections.items()
        if content
    ]


def _times(row: dict[str, Any]) -> dict[str, Any]:
    return {key: text(value) if isinstance(value, datetime) else value for key, value in row.items()}


def _controls(company: Company) -> list[dict[str, Any]]:
    found = []
    for control in company.controls.values():
        owners = [
            {"owner": owner, "role": f"Owner of {control.id}", "from": text(begins), "to": text(ends)}
            for owner, begins, ends in control.seats
        ]
        one: dict[str, Any] = {"id": control.id, "point": control.point, "owners": owners}
        found.append(one | ({"covers": control.covers} if control.covers else {}))
    return found


def _rules() -> list[dict[str, Any]]:
    return [
        {"id": rule.id, "version": rule.version, "from": text(day(rule.begins)), "to": text(day(rule.ends)) if rule.ends else None,
         "owner": f"owner-of-{rule.id.lower()}-1@{DOMAIN}" if rule.owned else None, "language": "cel", "expression": rule.text,
         "reviewed_at": [text(day(rule.begins - 3)), *([text(day(-60)), text(day(170))] if rule.reviewed else [])],
         "tested_at": text(day(rule.begins - 2)) if rule.tested else None,
         "grants": [{"system": rule.system, "entitlement": rule.entitlement}]}
        for rule in RULES
    ]  # fmt: skip


def _eligible(role: Role) -> str | None:
    if role.departments is None:
        return None
    listed = ", ".join(f'"{name}"' for name in role.departments)
    return f'identity.status == "active" && identity.department in [{listed}]'


def _provisioners(system: str, by_hand: dict[str, Person]) -> list[str]:
    bots = {"aws": "terraform-ci", "okta": "okta-provisioner", "github": "github-provisioner"}
    return [bots.get(system, DELIVERERS[system]), *([by_hand[system].mail] if system in by_hand else [])]


def _roles(by_hand: dict[str, Person]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for role in [*ROLES, BREAK_GLASS, *SPECIAL]:
        one: dict[str, Any] = {
            "system": role.system, "entitlement": role.entitlement, "approval": "required", "justification": "required",
            "owner": f"{role.system}-role-owner@{DOMAIN}", "provisioners": _provisioners(role.system, by_hand),
        }  # fmt: skip
        if role in ANYBODY:
            del one["provisioners"]
        if (eligible := _eligible(role)) is not None:
            one["eligible"] = eligible
        if role.longest:
            one["max_duration"] = f"P{role.longest.days}D"
        if role.conflict:
            one["conflicts"] = [{"system": role.system, "entitlement": role.conflict}]
        found.append(one)
    found.append({"system": "aws", "entitlement": f"{KEY}*", "approval": "none", "owner": f"aws-role-owner@{DOMAIN}",
                  "provisioners": _provisioners("aws", by_hand)})  # fmt: skip
    return found + [
        {"system": rule.system, "entitlement": rule.entitlement, "eligible": ELIGIBLE[rule.entitlement],
         "owner": f"{rule.system}-role-owner@{DOMAIN}", "provisioners": ["rules-engine"]}
        for rule in {rule.entitlement: rule for rule in RULES}.values()
    ]  # fmt: skip


def _identities(staff: Staff, aliases: dict[str, list[dict[str, str]]]) -> list[dict[str, Any]]:
    bots: list[dict[str, Any]] = [
        {"id": "rules-engine", "kind": "workload", "owner": f"engine-erp-1@{DOMAIN}",
         "accounts": [{"system": s, "name": "rules-engine"} for s in ("erp", "wiki", "intranet")]},
        {"id": RECONCILER, "kind": "workload", "owner": f"access-process-1@{DOMAIN}",
         "accounts": [{"system": system, "name": RECONCILER} for system in SYSTEMS]},
        {"id": "terraform-ci", "kind": "workload", "owner": f"aws-role-owner@{DOMAIN}",
         "accounts": [{"system": "aws", "name": f"{AWS}:user/terraform-ci"}]},
        {"id": "okta-provisioner", "kind": "workload", "owner": f"okta-role-owner@{DOMAIN}",
         "accounts": [{"system": "okta", "name": f"svc-okta@{DOMAIN}"}]},
        {"id": "github-provisioner", "kind": "workload", "owner": f"github-role-owner@{DOMAIN}",
         "accounts": [{"system": "github", "name": "nw-team-bot"}]},
        *({"id": f"{system}-bot", "kind": "workload", "owner": f"{system}-role-owner@{DOMAIN}",
           "accounts": [{"system": system, "name": f"{system}-bot"}]} for system in ("crm", "warehouse", "vault")),
    ]  # fmt: skip
    people: list[dict[str, Any]] = []
    for person in staff.people:
        accounts = [
            {"system": s, "name": person.account(s)} for s in sorted(person.used_systems & {"aws", "github"})
        ]
        accounts += aliases.get(person.mail, [])
        if accounts:
            people.append({"id": person.mail, "kind": "human", "owner": None, "accounts": accounts})
    things: list[dict[str, Any]] = [
        {"id": thing.name, "kind": thing.kind, "owner": thing.owner, "purpose": "works by itself",
         "purpose_ends_at": text(thing.purpose_ends), "known_to": thing.known_to,
         "accounts": [{"system": system, "name": name} for system, name in thing.accounts.items()]}
        for thing in staff.things
    ]  # fmt: skip
    return bots + people + things
