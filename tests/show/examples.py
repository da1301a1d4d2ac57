"""Answers as `why` gives them, written by hand: one per verdict, and one whose evidence an attacker wrote."""

from copy import deepcopy
from typing import Any

HOSTILE = (
    "<script>document.title='owned'</script>\x1b[2J\u202eexe.txt\x07 [x](javascript:alert(1)) `|` \n# forged"
)
"""Markup, an escape sequence, a bidi override, a Markdown link and a forged heading in one value."""


def evidence(file: str, ordinal: int) -> dict[str, Any]:
    return {"file": file, "ordinal": ordinal, "sha256": "ab" * 32}


def finding(mode: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "0f" * 10,
        "class": "source-data",
        "mode": mode,
        "control_point": "source-data",
        "part": "created",
        "control": "HR-01",
        "owner": "hr-ops@corp.example",
        "owner_role": "Head of HR operations",
        "owner_basis": "register",
        "owner_now": "people@corp.example",
        "responder": "hr-desk@corp.example",
        "shared_with": [],
        "responsibility": 1.0,
        "confidence": 0.97,
        "because": "HR held employment_type FTE until 2026-02-02; it was Contractor all along.",
        "evidence": [evidence("hr/workday.csv", 12), evidence("hr/workday.csv", 40)],
    } | changes


def link(at: str | None, what: str, file: str, ordinal: int, **more: Any) -> dict[str, Any]:
    return {"at": at, "what": what, "basis": "explicit", "evidence": [evidence(file, ordinal)]} | more


WRONG: dict[str, Any] = {
    "grant": {
        "id": "a1" * 10,
        "identity": "nora.weber@corp.example",
        "kind": "human",
        "account": "nweber",
        "system": "erp",
        "entitlement": "gl-poster",
        "granted_at": "2026-01-12T08:00:00.000Z",
        "ended_at": None,
        "wrong_since": "2026-01-12T08:00:00.000Z",
        "basis": "rule",
        "still_open": True,
    },
    "verdict": "wrong-access",
    "root": finding("wrong-attribute"),
    "contributing": [
        finding(
            "review-kept-wrong-access",
            id="0e" * 10,
            **{"class": "decision"},
            control_point="review",
            part="failed-to-stop",
            control="REV-1",
            owner="mia.falk@corp.example",
            owner_role=None,
            because="Mia Falk kept the access on 2026-03-01 while it was wrong.",
            evidence=[evidence("reviews.csv", 3)],
        )
    ],
    "lineage": {
        "source_data": [
            link(
                "2026-01-01T00:00:00.000Z",
                "workday: employment_type = FTE",
                "hr/workday.csv",
                12,
                attribute="employment_type",
                value="FTE",
                system="workday",
                recorded_at="2026-01-01T00:00:00.000Z",
                reading="known-then",
            )
        ],
        "rule": link(
            "2026-01-10T00:00:00.000Z", "R-ERP@3 says yes", "register.yaml", 4, id="R-ERP", version="3"
        ),
        "request": None,
        "approvals": [],
        "exception": None,
        "executor": link(
            "2026-01-12T08:00:00.000Z",
            "idm-engine granted gl-poster",
            "idm/log.jsonl.gz",
            118,
            account="idm-engine",
        ),
        "verification": None,
        "reviews": [
            link("2026-03-01T00:00:00.000Z", "mia.falk kept it", "reviews.csv", 3, by="mia.falk@corp.example")
        ],
        "revocation": None,
    },
    "paths": [],
    "unchecked": ["sod-conflict", "stale-rule"],
    "missing": [
        {
            "need": "verification records of erp",
            "ask": "erp-apps@corp.example",
            "period": ["2026-01-12T08:00:00.000Z", "2026-01-13T08:00:00.000Z"],
        }
    ],
    "blast_radius": {"grants": 3, "identities": 2},
    "uses": {"count": 12, "first_at": "2026-01-12T09:00:00.000Z", "last_at": "2026-03-03T09:00:00.000Z"},
    "judged": {"checks": 48, "of": 50},
}

UNDETERMINED: dict[str, Any] = deepcopy(WRONG) | {
    "grant": WRONG["grant"]
    | {"id": "b2" * 10, "wrong_since": None, "basis": "none", "entitlement": "AdministratorAccess"},
    "verdict": "undetermined",
    "root": None,
    "contributing": [],
    "missing": [
        {
            "need": "tickets that cover aws",
            "ask": "access-process@corp.example",
            "period": ["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"],
        }
    ],
    "blast_radius": {"grants": 0, "identities": 0},
    "uses": {"count": None, "first_at": None, "last_at": None},
}

CONFORMING: dict[str, Any] = deepcopy(WRONG) | {
    "grant": WRONG["grant"] | {"id": "c3" * 10, "wrong_since": None, "entitlement": "viewer"},
    "verdict": "conforming",
    "root": None,
    "contributing": [],
    "missing": [],
    "unchecked": [],
    "blast_radius": {"grants": 0, "identities": 0},
}

WEAKNESS: dict[str, Any] = deepcopy(WRONG) | {
    "grant": WRONG["grant"] | {"id": "d4" * 10, "wrong_since": None, "entitlement": "reader"},
    "verdict": "control-weakness",
    "root": finding(
        "not-verified",
        **{"class": "execution"},
        control_point="verification",
        part="failed-to-stop",
        control=None,
        owner=None,
        owner_role=None,
        owner_now=None,
        responder=None,
        owner_basis="derived",
        because="Nobody compared the access with the decision within PT24H.",
    ),
    "contributing": [],
    "missing": [],
}


def hostile() -> dict[str, Any]:
    """A wrong access all of whose texts an attacker wrote."""

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            kept = (
                "at",
                "id",
                "class",
                "mode",
                "control_point",
                "part",
                "verdict",
                "basis",
                "sha256",
                "period",
            )
            times = ("granted_at", "ended_at", "wrong_since", "first_at", "last_at", "recorded_at")
            return {k: v if k in kept or k in times else poison(v) for k, v in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        return HOSTILE + value if isinstance(value, str) else value

    answer = poison(deepcopy(WRONG))
    assert isinstance(answer, dict)
    answer["unchecked"] = []
    return answer
