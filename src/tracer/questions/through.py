"""By which memberships of its own an account came into the group that gave it access."""

import sqlite3

SQL = """
SELECT DISTINCT d.name FROM grants g
CROSS JOIN grants o ON o.entitlement_id = g.entitlement_id AND o.via IS NULL
CROSS JOIN accounts v ON v.id = o.account_id AND v.name = g.via
CROSS JOIN memberships m ON m.member_id = g.account_id
CROSS JOIN accounts d ON d.id = m.group_id
WHERE g.id = :grant AND g.via IS NOT NULL
  AND m.valid_from <= coalesce(:at, g.ended_at, '9999') AND coalesce(m.valid_to, '9999') > coalesce(:at, g.first_sign_at)
  AND (m.group_id = v.id OR EXISTS (
    SELECT 1 FROM reaches r WHERE r.member_id = m.group_id AND r.group_id = v.id
      AND r.valid_from <= coalesce(:at, g.ended_at, '9999') AND coalesce(r.valid_to, '9999') > coalesce(:at, g.first_sign_at)))
ORDER BY d.name
"""
"""Few groups hold one entitlement, and an account is in few: no path is ever walked."""


def through(connection: sqlite3.Connection, grant: str, at: str | None = None) -> list[str]:
    """The groups that the account of this inherited grant was in itself and that lead to the access, sorted.

    At `at`, else at any time of the grant. Empty where the grant is direct.
    """
    return [row[0] for row in connection.execute(SQL, {"grant": grant, "at": at})]


def path(via: str | None, groups: list[str]) -> str:
    """The path in words: direct, through the group, or through groups that are in it."""
    if not via:
        return "direct"
    return f"through {via}" if groups in ([], [via]) else f"through {', '.join(groups)} to {via}"
