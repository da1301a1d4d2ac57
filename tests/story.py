"""A tiny organisation told record by record: its register, source data, tickets, provisioning log and reviews.

Used by tests of judging, and to write the golden cases in `tests/cases/` (see `tests/stories/`). Every control point
has one control, owned from 2024 on by whom `CONTROLS` says, so that a test can name the owner it expects.
"""

import csv
import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

CONTROLS = {
    "source-data": ("HR-01", "hr-ops"), "rule": ("RUL-01", "erp-apps"), "request": ("REQ-01", "intake"),
    "approval": ("APP-01", "signoff"), "exception": ("EXC-01", "waivers"), "provisioning": ("PRV-01", "erp-platform"),
    "verification": ("VER-01", "checkers"), "review": ("REV-01", "erp-business"), "expiry": ("EXP-01", "clockwork"),
    "revocation": ("RVK-01", "offboarding"), "rotation": ("ROT-01", "keyring"), "logging": ("LOG-01", "journal"),
    "governance": ("GOV-01", "boardroom"),
}  # fmt: skip
"""Control point -> the control at it and who owns it. None of these words means anything to a source or to the model."""

HIRED = "2025-01-06T00:00:00Z"
FIELDS = {
    "beneficiary": "customfield_10101", "system": "customfield_10102", "entitlement": "customfield_10103",
    "scope": "customfield_10104", "expires_at": "customfield_10105", "justification": "customfield_10106",
    "approvals": "customfield_10049",
}  # fmt: skip
LIMITS = {"revocation_sla": "PT24H", "source_update_sla": "PT48H", "request_window": "P14D"}
SYSTEM = "erp"


def mail(name: str) -> str:
    """`nora.weber` as an e-mail; what has an @ already stays."""
    return name if "@" in name else f"{name}@corp.example"


def owner_of(point: str) -> str:
    """Who owns the control at this point, unless the story changes it."""
    return mail(CONTROLS[point][1])


@dataclass
class Story:
    """What happened, to be written as evidence; every method adds records and returns the story."""

    register: dict[str, Any] = field(default_factory=dict)
    facts: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    holdings: list[dict[str, Any]] = field(default_factory=list)
    _mails: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for point, (name, owner) in CONTROLS.items():
            self.control(name, point, mail(owner))
        self.register["policy"] = dict(LIMITS)
        self.register["tickets"] = {"jira": dict(FIELDS)}
        for engine in ("erp-engine", "desk-bot"):
            self.identity(engine, "workload", owner="platform", accounts=[{"system": SYSTEM, "name": engine}])

    # The register

    def add(self, section: str, **entry: Any) -> "Story":
        """One more entry of a section of the register."""
        self.register.setdefault(section, []).append(entry)
        return self

    def policy(self, **limits: Any) -> "Story":
        """Limits of the policy; None takes one away."""
        limits = self.register["policy"] | limits
        self.register["policy"] = {name: value for name, value in limits.items() if value is not None}
        return self

    def control(self, name: str, point: str, *owners: str | dict[str, Any], **more: Any) -> "Story":
        """A control; an owner is a name (from 2024 on) or a seat with `owner`, `from`, `to`. Replaces one of that id."""
        seats = [
            one
            if isinstance(one, dict)
            else {"owner": one, "role": f"Owner of {name}", "from": "2024-01-01", "to": None}
            for one in owners
        ]
        known = self.register.setdefault("controls", [])
        known[:] = [one for one in known if one["id"] != name]
        known.append({"id": name, "point": point, "owners": seats, **more})
        return self

    def without_control(self, point: str) -> "Story":
        """No control at this point."""
        self.register["controls"] = [one for one in self.register["controls"] if one["point"] != point]
        return self

    def identity(self, name: str, kind: str, *, owner: str | None = None, **more: Any) -> "Story":
        """An identity of the register."""
        return self.add("identities", id=name, kind=kind, owner=mail(owner) if owner else None, **more)

    def role(
        self, entitlement: str = "gl-poster", eligible: str | None = None, system: str = SYSTEM, **more: Any
    ) -> "Story":
        """A row of the role catalogue."""
        return self.add("roles", system=system, entitlement=entitlement, eligible=eligible, **more)

    def rule(self, expression: str, name: str = "R-ERP", version: int = 1, **more: Any) -> "Story":
        """A rule that grants gl-poster in erp unless `grants` says otherwise, in force from 2025 on."""
        entry = {
            "id": name, "version": version, "from": "2025-01-01", "to": None, "owner": mail("erp-apps"), "language": "cel",
            "expression": expression, "grants": [{"system": SYSTEM, "entitlement": "gl-poster"}],
        }  # fmt: skip
        return self.add("rules", **(entry | more))

    def authority(
        self, approver: str, entitlement: str = "gl-poster", system: str = SYSTEM, **more: Any
    ) -> "Story":
        """Who may approve what, from 2025 on unless said otherwise."""
        seat = {
            "approver": mail(approver),
            "system": system,
            "entitlement": entitlement,
            "from": "2025-01-01",
            "to": None,
        }
        return self.add("authorities", **(seat | more))

    # Source data

    def person(self, name: str, at: str = HIRED, *, system: str = "workday", **attributes: str) -> "Story":
        """Someone in source data; without attributes an active employee of Finance."""
        attributes = {"department": "Finance", "employment_type": "FTE", "status": "active"} | attributes
        for attribute, value in attributes.items():
            self.fact(name, attribute, value, at, system=system)
        return self

    def fact(
        self,
        name: str,
        attribute: str,
        value: str,
        at: str,
        recorded: str | None = None,
        *,
        system: str = "workday",
    ) -> "Story":
        """A value, effective at `at` and recorded then unless said otherwise."""
        worker = self._mails.setdefault(mail(name), f"W-{1001 + len(self._mails)}")
        row = {
            "worker_id": worker,
            "email": mail(name),
            "attribute": attribute,
            "value": value,
            "effective_at": at,
        }
        self.facts.append(row | {"recorded_at": recorded or at, "system": system})
        return self

    # What happened

    def act(
        self,
        at: str,
        action: str,
        account: str | None,
        entitlement: str | None = "gl-poster",
        *,
        executor: str = "desk-bot",
        system: str = SYSTEM,
        **more: Any,
    ) -> "Story":
        """A line of the provisioning log."""
        line = {
            "at": at,
            "action": action,
            "system": system,
            "account": account,
            "entitlement": entitlement,
            "executor": executor,
        }
        self.log.append(line | {"outcome": "success"} | more)
        return self

    def grant(self, at: str, account: str, entitlement: str = "gl-poster", **more: Any) -> "Story":
        """A delivery by desk-bot, or with `rule` by erp-engine."""
        more.setdefault("executor", "erp-engine" if more.get("rule") else "desk-bot")
        return self.act(at, "grant", mail(account), entitlement, **more)

    def until(self, at: str, system: str = SYSTEM) -> "Story":
        """A last record of the system, an attempt that failed: open grants are judged as of then."""
        return self.act(at, "grant", mail("otto.kern"), "reporting-viewer", system=system, outcome="failure")

    def ticket(
        self,
        key: str,
        beneficiary: str | None,
        asked: str,
        approved: Iterable[tuple[str, str]] = (),
        *,
        declined: Iterable[tuple[str, str]] = (),
        requester: str | None = None,
        entitlement: str | None = "gl-poster",
        system: str | None = SYSTEM,
        scope: str | None = None,
        expires_at: str | None = None,
        justification: str | None = "Quarter-end work",
        history: Iterable[tuple[str, str, str]] = (),
        **more: Any,
    ) -> "Story":
        """A Jira request; `approved` and `declined` are approvers with the time of their decision."""
        votes = [(who, at, "approved") for who, at in approved] + [
            (who, at, "declined") for who, at in declined
        ]
        approvals = [
            {
                "id": f"{key}-{number}",
                "finalDecision": verdict,
                "approvers": [{"approver": _user(who), "approverDecision": verdict}],
                "completedDate": {"iso8601": at, "epochMillis": _millis(at)},
            }
            for number, (who, at, verdict) in enumerate(votes)
        ]
        values: dict[str, Any] = {
            "beneficiary": _user(beneficiary) if beneficiary else None,
            "system": {"value": system} if system else None,
            "entitlement": {"value": entitlement} if entitlement else None,
            "scope": scope,
            "expires_at": expires_at,
            "justification": justification,
            "approvals": approvals,
        }
        last = max([asked, *(at for _, at, _ in votes), *(at for at, _, _ in history)])
        fields = {
            "summary": f"Access request {key}",
            "created": asked,
            "updated": last,
            "reporter": _user(requester or beneficiary or "otto.kern"),
            **{FIELDS[name]: value for name, value in values.items()},
        }
        changes = [
            {"created": at, "author": _user(who), "items": [{"field": "status", "toString": status}]}
            for at, who, status in history
        ]
        self.issues.append(
            {"key": key, "id": key, "fields": fields | more, "changelog": {"histories": changes}}
        )
        return self

    def ticket_export(self, first: str, last: str) -> "Story":
        """Two requests that have nothing to do with anything: tickets are covered from the one to the other."""
        for number, at in enumerate((first, last)):
            self.ticket(
                f"ACC-{900 + number}",
                "otto.kern",
                at,
                declined=[("grace.lindt", at)],
                entitlement="reporting-viewer",
            )
        return self

    def review(
        self,
        at: str,
        account: str,
        decision: str = "keep",
        *,
        reviewer: str = "rosa.lund",
        entitlement: str = "gl-poster",
        system: str = SYSTEM,
    ) -> "Story":
        """A line of an access review."""
        row = {
            "reviewed_at": at,
            "reviewer": mail(reviewer),
            "system": system,
            "account": mail(account),
            "entitlement": entitlement,
        }
        self.reviews.append(row | {"decision": decision, "campaign": at[:4]})
        return self

    def held(self, at: str, account: str, entitlement: str = "gl-poster", system: str = SYSTEM) -> "Story":
        """A line of an entitlement snapshot."""
        row = {"as_of": at, "system": system, "account": mail(account), "entitlement": entitlement}
        self.holdings.append(row | {"scope": "", "expires_at": ""})
        return self

    # Writing and judging

    def write(self, folder: Path) -> Path:
        """Write the evidence; returns the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(self.register, sort_keys=False, allow_unicode=True)
        (folder / "register.yaml").write_text(text, encoding="utf-8")
        if self.log:
            lines = "".join(json.dumps(line) + "\n" for line in self.log)
            (folder / "provisioning.jsonl").write_text(lines, encoding="utf-8")
        if self.issues:
            page = {"startAt": 0, "total": len(self.issues), "issues": self.issues}
            (folder / "jira.json").write_text(json.dumps(page, indent=1) + "\n", encoding="utf-8")
        for name, rows in (
            ("source-data", self.facts),
            ("access-reviews", self.reviews),
            ("snapshot", self.holdings),
        ):
            if rows:
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                    writer.writeheader()
                    writer.writerows(rows)
        return folder

    def judge(self, folder: Path) -> "Judged":
        """Write the evidence below `folder`, ingest it and judge it."""
        from tracer.case.opening import open_case
        from tracer.evidence.ingest import ingest
        from tracer.judgement.judge import judge

        summary = ingest(folder / "case.db", [str(self.write(folder / "evidence"))])
        assert summary.problems == []
        connection = open_case(folder / "case.db")
        judge(connection)
        return Judged(connection)


@dataclass
class Judged:
    """A judged case, to be asked what came out."""

    connection: sqlite3.Connection

    def why(
        self, identity: str, entitlement: str = "gl-poster", system: str = SYSTEM, at: str | None = None
    ) -> dict[str, Any]:
        """The answer for one grant, as `tracer why --json` gives it."""
        from tracer.questions.why import why

        return why(self.connection, mail(identity), entitlement, system=system, at=at)[0]

    def root(self, identity: str, entitlement: str = "gl-poster") -> str:
        """The mode of the root, or the verdict where there is none."""
        answer = self.why(identity, entitlement)
        return str(answer["root"]["mode"] if answer["root"] else answer["verdict"])

    def modes(self, identity: str, entitlement: str = "gl-poster") -> set[str]:
        """The modes of all failing checks."""
        answer = self.why(identity, entitlement)
        found = [answer["root"], *answer["contributing"]]
        return {one["mode"] for one in found if one}

    def finding(self, identity: str, mode: str, entitlement: str = "gl-poster") -> dict[str, Any]:
        """One failing check of a grant, root or not."""
        answer = self.why(identity, entitlement)
        return next(one for one in [answer["root"], *answer["contributing"]] if one and one["mode"] == mode)

    def check(self, mode: str, identity: str, entitlement: str = "gl-poster") -> str:
        """What one check says of a grant: pass, fail, no-evidence or not-applicable."""
        grant = self.why(identity, entitlement)["grant"]["id"]
        row = self.connection.execute(
            "SELECT verdict FROM checks WHERE grant_id = ? AND mode = ?", (grant, mode)
        ).fetchone()
        return str(row[0]) if row else "not-applicable"


def _user(name: str) -> dict[str, Any]:
    digest = hashlib.sha256(mail(name).encode()).hexdigest()
    return {"accountId": "5b10" + digest[:20], "emailAddress": mail(name), "active": True}


def _millis(at: str) -> int:
    return int(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() * 1000)
