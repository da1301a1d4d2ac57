"""Who else was hit by what caused a finding, and what was done with the access while it was wrong?

Reached is every other grant made by the same rule version, wrong fact, approver without authority or executor since
the control began to fail, and every grant in which that control failed in the same way.
"""

import sqlite3
from collections import Counter
from typing import Any

from tracer.questions.answers import finding_shape
from tracer.questions.canned import canned
from tracer.questions.uses import uses_of


def blast(connection: sqlite3.Connection, finding: str) -> dict[str, Any]:
    """The finding, since when its control fails, every other grant that it reaches, and uses while each was wrong.

    `failed` of a grant says whether the same control failed there in the same way; the others have the cause in common
    and may be right. `uses` are null, never 0, where no source logs uses of that system for that time, and for grants
    that are not wrong. Times are UTC.
    """
    row = connection.execute("SELECT * FROM findings WHERE id = ?", (finding,)).fetchone()
    grants = [dict(one) for one in connection.execute(canned()["blast"].sql, {"finding": finding})]
    for one in grants:
        one["still_open"], one["failed"] = bool(one["still_open"]), bool(one["failed"])
    return {
        "finding": finding_shape(connection, row) | {"grant": row["grant_id"]},
        "since": _began(connection, row),
        "blast_radius": _counts(grants),
        "uses": uses_of(connection, row["grant_id"]),
        "grants": grants,
    }


class Radii:
    """How many other grants of how many identities a finding reaches, and in how many the control failed alike?

    Findings of one cause reach the same grants, each but its own: these are looked up once for all answers of a question.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._reached: dict[tuple[Any, ...], tuple[int, Counter[str]]] = {}

    def of(self, finding: str | None) -> dict[str, int]:
        """The counts for one finding; all 0 for none."""
        if finding is None:
            return _counts([])
        identity, *cause = self.connection.execute(CAUSE, {"finding": finding}).fetchone()
        if tuple(cause) not in self._reached:
            sql = f"SELECT identity, failed FROM ({canned()['blast'].sql})"
            rows = self.connection.execute(sql, {"finding": finding}).fetchall()
            held = Counter(row["identity"] for row in rows)
            held[identity] += 1
            self._reached[tuple(cause)] = sum(row["failed"] for row in rows), held
        failed, held = self._reached[tuple(cause)]
        alone = held[identity] == 1
        return {"grants": held.total() - 1, "identities": len(held) - alone, "failed": failed}


CAUSE = """
    SELECT g.identity_id, f.mode, f.control, f.class, f.control_point,
      CASE WHEN f.control_point IN ('rule', 'provisioning') THEN json_array(g.rule, g.rule_version) END AS rule,
      CASE WHEN f.control_point IN ('provisioning', 'exception') OR f.mode = 'self-service-bypass'
           THEN json_array(g.executor_id, e.system) END AS executor,
      CASE WHEN f.class = 'source-data' THEN json_array(g.identity_id, k.system, k.attribute) END AS fact,
      CASE WHEN f.mode IN ('approver-lacks-authority', 'delegation-invalid') THEN g.id END AS approved
    FROM findings f JOIN grants g ON g.id = f.grant_id JOIN entitlements e ON e.id = g.entitlement_id
    LEFT JOIN checks k ON k.grant_id = f.grant_id AND k.mode = f.mode WHERE f.id = :finding"""
"""Whose grant the finding is of, and all else by which `blast.sql` finds what it reaches."""


def _counts(grants: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "grants": len(grants),
        "identities": len({one["identity"] for one in grants}),
        "failed": sum(bool(one["failed"]) for one in grants),
    }


def _began(connection: sqlite3.Connection, finding: sqlite3.Row) -> str | None:
    """When this control first failed in this way, as far as evidence goes back."""
    row = connection.execute(
        """SELECT min(coalesce(f.failed_at, g.first_sign_at)) FROM findings f JOIN grants g ON g.id = f.grant_id
           WHERE f.mode = ? AND f.control IS ?""",
        (finding["mode"], finding["control"]),
    ).fetchone()
    return str(row[0]) if row[0] is not None else None
