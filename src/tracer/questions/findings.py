"""Which findings are there, by class, owner, control, part and time?"""

import sqlite3
from functools import cache
from typing import Any

from tracer.case.functions import add_functions
from tracer.judgement.checks.catalogue import catalogue_of
from tracer.questions.answers import SHAPE, finding_shape, missing_of


def findings(
    connection: sqlite3.Connection,
    *,
    klass: str | None = None,
    owner: str | None = None,
    control: str | None = None,
    part: str | None = None,
    since: str | None = None,
    everything: bool = False,
) -> list[dict[str, Any]]:
    """Findings in the contract's shape, roots of wrong access first; `everything` adds one line per grant without any.

    `since` keeps what failed at or after that time (UTC). An empty list: no check failed on what was asked for.
    """
    add_functions(connection)
    rows = connection.execute(
        """SELECT f.*, g.verdict, g.first_sign_at, g.identity_id, e.system, e.name AS entitlement FROM findings f
           JOIN grants g ON g.id = f.grant_id JOIN entitlements e ON e.id = g.entitlement_id
           WHERE (:klass IS NULL OR f.class = :klass) AND (:owner IS NULL OR fold(f.owner) = fold(:owner))
             AND (:control IS NULL OR fold(f.control) = fold(:control)) AND (:part IS NULL OR f.part = :part)
             AND (:since IS NULL OR coalesce(f.failed_at, g.first_sign_at) >= :since)""",
        {"klass": klass, "owner": owner, "control": control, "part": part, "since": since},
    ).fetchall()
    order = {mode: position for position, mode in enumerate(catalogue_of(connection).modes)}
    rows.sort(
        key=lambda row: (
            row["verdict"] != "wrong-access",
            not row["is_root"],
            order[row["mode"]],
            row["first_sign_at"],
            row["id"],
        )
    )
    missing = cache(lambda grant: missing_of(connection, grant))
    found = [
        finding_shape(connection, row)
        | {
            "grant": row["grant_id"],
            "is_root": bool(row["is_root"]),
            "verdict": row["verdict"],
            "wrong_since": row["wrong_since"],
            "missing": missing(row["grant_id"]),
        }
        | {"identity": row["identity_id"], "system": row["system"], "entitlement": row["entitlement"]}
        for row in rows
    ]
    return found + _others(connection) if everything else found


NO_FINDING: dict[str, Any] = dict.fromkeys((*SHAPE, "attribute", "wrong_since")) | {
    "shared_with": [],
    "evidence": [],
    "dispositions": [],
    "is_root": False,
}
"""What of a finding a line says that has none: keys are never missing."""


def matching(rows: list[dict[str, Any]], words: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows that one of the words speaks of: a verdict, class, part or failure mode, or `any` for every finding."""
    return [
        row
        for row in rows
        if {row["verdict"], row.get("class"), row.get("part"), row.get("mode")} & set(words)
        or ("any" in words and row.get("mode"))
    ]


def _others(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """One line per grant without a finding."""
    rows = connection.execute(
        """SELECT g.id, g.verdict, g.identity_id, e.system, e.name AS entitlement FROM grants g
           JOIN entitlements e ON e.id = g.entitlement_id
           WHERE g.via IS NULL AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.grant_id = g.id) ORDER BY g.verdict DESC, g.first_sign_at, g.id"""
    ).fetchall()
    return [
        NO_FINDING
        | {
            "grant": row["id"],
            "verdict": row["verdict"],
            "identity": row["identity_id"],
            "system": row["system"],
            "entitlement": row["entitlement"],
            "missing": missing_of(connection, row["id"]),
        }
        for row in rows
    ]
