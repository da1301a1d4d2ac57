"""The organisation as its register describes it: systems, roles, rules with versions, controls with owners that change."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from benchmarks.accuracy.moments import BEGIN, DAY, day

DOMAIN = "northwind.example"
AWS = "arn:aws:iam::210987654321"
DEPARTMENTS = ["Finance", "Sales", "Support", "Platform", "Data", "Legal"]
LOGGED = {"aws": "cloudtrail", "okta": "okta", "github": "github"}
"""Systems with a vendor's audit log; the others are in our provisioning log."""
DELIVERERS = {
    "crm": "crm-bot", "warehouse": "warehouse-bot", "vault": "vault-bot", "aws": f"{AWS}:user/terraform-ci",
    "okta": f"svc-okta@{DOMAIN}", "github": "nw-team-bot", "erp": "rules-engine", "wiki": "rules-engine",
    "intranet": "rules-engine",
}  # fmt: skip
RECONCILER = "reconciler"

SLA = timedelta(hours=24)
REVIEW_INTERVAL, ROTATION_INTERVAL, REQUEST_WINDOW = 120 * DAY, 90 * DAY, 14 * DAY
CAMPAIGNS = [55, 145, 235, 320]
"""Days on which the reviews of the year begin."""


@dataclass(frozen=True)
class Role:
    """An entitlement that is asked for by ticket."""

    system: str
    entitlement: str
    departments: tuple[str, ...] | None
    scope: str | None = None
    longest: timedelta | None = None
    conflict: str | None = None
    human: bool = True


ROLES = [
    Role("crm", "sales-seat", ("Sales", "Support")),
    Role("crm", "export", ("Sales", "Finance")),
    Role("warehouse", "DATA_READER", tuple(DEPARTMENTS), scope="FINANCE.REPORTS.*"),
    Role("warehouse", "DATA_WRITER", ("Data", "Finance"), scope="SALES.ORDERS.*", conflict="AUDIT_SIGNOFF"),
    Role("warehouse", "AUDIT_SIGNOFF", ("Data", "Finance"), conflict="DATA_WRITER"),
    Role("vault", "prod-secrets", ("Platform", "Data"), longest=60 * DAY),
    Role("aws", "PowerUserAccess", ("Platform", "Data")),
    Role("aws", "BillingReadOnly", ("Finance", "Legal")),
    Role("okta", "Payroll admins", ("Finance",)),
    Role("okta", "Partner portal", tuple(DEPARTMENTS)),
    Role("github", "northwind/deployers", ("Platform",)),
    Role("github", "northwind/models", ("Data",)),
    Role("vault", "kv-read", None, human=False),
    Role("aws", "PipelineDeploy", None, human=False),
]
BREAK_GLASS = Role("vault", "root-token", ("Platform", "Data"))

LEDGER = Role("warehouse", "LEDGER_READ", None, human=False)
OUTER = Role("warehouse", "ledger-staff", None, human=False)
INNER = [Role("warehouse", name, ("Finance", "Legal")) for name in ("ledger-emea", "ledger-apac")]
"""Two groups of people inside a group that holds the role; group and role are granted alike."""
MEMBER = Role("github", "northwind:member", tuple(DEPARTMENTS))
"""Membership of the organisation, by an invitation that is accepted."""
CONSENT = Role("okta", "files.read", None, human=False)
"""A scope that people may let applications have, once it is approved."""
SPECIAL = [LEDGER, OUTER, *INNER, MEMBER, CONSENT]
ANYBODY = (MEMBER, CONSENT)
"""Roles without a list of permitted provisioners: whoever is invited or consents delivers it."""
KEY = "credential:"


@dataclass(frozen=True)
class Rule:
    """One version of a rule: its text, and the entitlement that it gives."""

    id: str
    version: int
    begins: float
    ends: float | None
    text: str
    system: str
    entitlement: str
    owned: bool = True
    reviewed: bool = True
    tested: bool = True


ACTIVE = 'identity.status == "active"'
FINANCE_STAFF = f'identity.department == "Finance" && identity.employment_type == "FTE" && {ACTIVE}'
RULES = [
    Rule("R-WIKI", 1, -300, None, ACTIVE, "wiki", "editor"),
    Rule("R-ERP", 1, -300, 110, FINANCE_STAFF, "erp", "gl-poster"),
    Rule("R-ERP", 2, 110, None, f'{FINANCE_STAFF} && identity.cost_center != ""', "erp", "gl-poster"),
    Rule("R-BUDGET", 1, -300, None, f'identity.cost_center == "CC-100" && {ACTIVE}', "erp", "budget-viewer"),
    Rule("R-EXPENSES", 1, -300, None, f'identity.employment_type != "Contractor" && {ACTIVE}', "erp", "expenses"),
    Rule("R-REPORTS", 1, -300, 60, FINANCE_STAFF, "erp", "reports"),
    Rule("R-REPORTS", 2, 60, 200, f'identity.department == "Finance" && {ACTIVE}', "erp", "reports"),
    Rule("R-REPORTS", 3, 200, None, FINANCE_STAFF, "erp", "reports"),
    Rule("R-ARCHIVE", 1, -300, 180, f'identity.department in ["Legal", "Support"] && {ACTIVE}', "erp", "archive"),
    Rule("R-ARCHIVE", 2, 180, None, f'identity.department == "Legal" && {ACTIVE}', "erp", "archive"),
    Rule("R-CANTEEN", 1, -300, None, ACTIVE, "intranet", "canteen", owned=False),
    Rule("R-NEWS", 1, -600, None, ACTIVE, "intranet", "news", reviewed=False),
    Rule("R-LAB", 1, -300, None, ACTIVE, "intranet", "lab", tested=False),
]  # fmt: skip
ELIGIBLE = {
    "editor": ACTIVE, "gl-poster": FINANCE_STAFF, "budget-viewer": f'identity.cost_center == "CC-100" && {ACTIVE}',
    "expenses": f'identity.employment_type != "Contractor" && {ACTIVE}', "reports": FINANCE_STAFF,
    "archive": f'identity.department in ["Legal", "Support"] && {ACTIVE}', "canteen": ACTIVE, "news": ACTIVE, "lab": ACTIVE,
}  # fmt: skip
"""What the catalogue says of the entitlements that rules give."""


@dataclass
class Control:
    """A control, what it covers, and the seats of its owner: (owner, from, to)."""

    id: str
    point: str
    covers: dict[str, Any]
    seats: list[tuple[str, datetime, datetime | None]]


@dataclass
class Company:
    """Controls and authorities; who owned and who could approve what at a moment."""

    controls: dict[str, Control] = field(default_factory=dict)
    authorities: list[dict[str, Any]] = field(default_factory=list)

    def owner(self, control: str, at: datetime) -> str:
        """The owner of a control at a moment; a seat includes its first instant and excludes its last."""
        return next(
            owner
            for owner, begins, ends in self.controls[control].seats
            if begins <= at and (ends is None or at < ends)
        )

    def owners(self, control: str, begins: datetime, ends: datetime) -> tuple[str, ...]:
        """Everyone who owned it between two moments."""
        return tuple(
            owner
            for owner, one, two in self.controls[control].seats
            if one <= ends and (two is None or begins < two)
        )


SYSTEMS = ["crm", "warehouse", "vault", "aws", "okta", "github", "erp", "wiki", "intranet"]


def build(rng: random.Random) -> Company:
    """The controls, each with no, one or two handovers in the year, to the minute."""
    company = Company()

    def add(name: str, point: str, desk: str, **covers: Any) -> None:
        moments = sorted(
            day(rng.uniform(20, 350)).replace(second=0, microsecond=0) for _ in range(rng.randrange(3))
        )
        edges = [BEGIN - 700 * DAY, *moments, None]
        seats = [(f"{desk}-{n + 1}@{DOMAIN}", edges[n], edges[n + 1]) for n in range(len(edges) - 1)]
        company.controls[name] = Control(name, point, covers, seats)  # type: ignore[arg-type]

    add("HR-01", "source-data", "hr-data", system="workday")
    add("SAP-01", "source-data", "sap-hr-data", system="sap-hr")
    add("SYN-01", "source-data", "identity-sync", system="okta")
    add("COR-01", "source-data", "correlation", attribute="correlation")
    add("REQ-01", "request", "access-process")
    add("EXC-01", "exception", "exceptions")
    add("RVK-01", "revocation", "deprovisioning")
    add("ROT-01", "rotation", "secrets-desk")
    for rule in sorted({rule.id for rule in RULES if rule.owned}):
        add(f"RUL-{rule}", "rule", f"owner-of-{rule.lower()}", rule=rule)
    for system in SYSTEMS:
        for point, desk in (
            ("approval", "business"), ("provisioning", "platform"), ("verification", "platform"), ("review", "business"),
            ("expiry", "platform"), ("logging", "platform"),
        ):  # fmt: skip
            add(f"{point.upper()}-{system}", point, f"{system}-{desk}-{point[:3]}", system=system)
        if system in ("erp", "wiki", "intranet"):
            add(f"ENGINE-{system}", "provisioning", f"engine-{system}", system=system, rule="R-*")
    return company


def campaign(system: str, number: int) -> datetime:
    """When the reviews of a system begin."""
    return day(CAMPAIGNS[number] + sum(map(ord, system)) % 9)
