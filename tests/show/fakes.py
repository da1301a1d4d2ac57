"""A case file with a few judged rows, and questions that answer with the examples: showing is tested without judging."""

import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.show.examples import CONFORMING, HOSTILE, UNDETERMINED, WEAKNESS, WRONG, hostile

from tracer.case.opening import open_case
from tracer.errors import UsageError
from tracer.questions.findings import matching

HOSTILE_GRANT = "e5" * 10

DEFECT: dict[str, Any] = {
    "id": "9a" * 10,
    "control": "HR-01",
    "mode": "wrong-attribute",
    "class": "source-data",
    "owner": "hr-ops@corp.example",
    "count": 4,
    "roots": 4,
    "first_at": "2026-01-12T08:00:00.000Z",
    "last_at": "2026-03-12T08:00:00.000Z",
    "trend": "rising",
    "identities": 3,
    "entitlements": 2,
    "non_human": 0.25,
    "runs": 40,
    "rate": 0.1,
    "rate_low": 0.04,
    "rate_high": 0.23,
    "elsewhere_rate": None,
    "cost": None,
    "currency": None,
    "severity": "high",
    "note": None,
}


def answers() -> dict[str, dict[str, Any]]:
    """Grant id -> its answer: one of each verdict, and the hostile one."""
    poisoned = hostile()
    poisoned["grant"]["id"] = HOSTILE_GRANT
    return {answer["grant"]["id"]: answer for answer in (WRONG, poisoned, WEAKNESS, UNDETERMINED, CONFORMING)}


def case_file(path: Path) -> Path:
    """A case file with the grants of `answers`, one file of evidence and its record; all text hostile in the second."""
    connection = open_case(path, create=True)
    file_id, record = "11" * 10, "22" * 10
    connection.execute(
        "INSERT INTO evidence (id, path, sha256, bytes, source, records, kept, counted, skipped, rejected) "
        "VALUES (?, 'hr/workday.csv', ?, 9, 'source-data', 13, 1, 0, 12, 0)",
        (file_id, "cd" * 32),
    )
    connection.execute(
        "INSERT INTO records (id, evidence_id, ordinal, sha256, raw) VALUES (?, ?, 12, ?, ?)",
        (record, file_id, "ab" * 32, HOSTILE),
    )
    for number, answer in enumerate(answers().values()):
        _insert(connection, number, answer)
    connection.commit()
    connection.close()
    return path


def _insert(connection: sqlite3.Connection, number: int, answer: dict[str, Any]) -> None:
    grant, root = answer["grant"], answer["root"]
    key = f"{number:02d}" * 10
    connection.execute(
        "INSERT INTO identities (id, kind, name) VALUES (?, 'human', ?)",
        (key, f"{number} {grant['identity']}"),
    )
    connection.execute(
        "INSERT INTO entitlements (id, system, name) VALUES (?, ?, ?)",
        (key, grant["system"], grant["entitlement"]),
    )
    connection.execute(
        "INSERT INTO grants (id, identity_id, entitlement_id, granted_at, basis, verdict, root_finding_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            grant["id"],
            key,
            key,
            grant["granted_at"],
            grant["basis"],
            answer["verdict"],
            key if root else None,
        ),
    )
    if root:
        connection.execute(
            "INSERT INTO findings (id, grant_id, class, mode, control_point, part, is_root, control, owner, "
            "wrong_since, because) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)",
            (
                *(key, grant["id"], root["class"], root["mode"], root["control_point"], root["part"]),
                *(root["control"], root["owner"], grant["wrong_since"], root["because"]),
            ),
        )
    connection.execute(
        "INSERT INTO checks (grant_id, mode, verdict) VALUES (?, 'rule-overgrants', 'pass')",
        (grant["id"],),
    )


def fake_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The questions answer with the examples; judging does nothing."""

    def why(
        _connection: Any, identity: str, entitlement: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        if identity == "nora":
            raise UsageError(
                "'nora' may be nora.weber@corp.example or nora.falk@corp.example", todo="name one of them"
            )
        found = list(answers().values())
        return [found[0]] if entitlement else found

    def grant_of(_connection: Any, grant: str, **_: Any) -> dict[str, Any]:
        if grant not in answers():
            raise UsageError(f"no grant {grant!r} in this case", todo="take the id that tracer why prints")
        return answers()[grant]

    def findings(_connection: Any, *, everything: bool = False, **_: Any) -> list[dict[str, Any]]:
        rows = [
            answer["root"] | {"grant": key, "is_root": True, "verdict": answer["verdict"]}
            for key, answer in answers().items()
            if answer["root"]
        ]
        quiet = [
            {"grant": key, "verdict": answer["verdict"], "missing": answer["missing"], "is_root": False}
            for key, answer in answers().items()
            if not answer["root"] and everything
        ]
        return rows + quiet

    modules: dict[str, dict[str, Any]] = {
        "tracer.questions.why": {"why": why, "grant_of": grant_of},
        "tracer.questions.findings": {"findings": findings, "matching": matching},
        "tracer.questions.defects": {"defects": lambda _connection: [DEFECT]},
        "tracer.judgement.judge": {"ensure_judged": lambda _connection, ran=None: None, "STAGES": ()},
    }
    for name, functions in modules.items():
        module = ModuleType(name)
        module.__dict__.update(functions)
        monkeypatch.setitem(sys.modules, name, module)
