"""What was done with an access while it was wrong; where it was not wrong, while it was held?"""

import sqlite3
from typing import Any


def uses_of(connection: sqlite3.Connection, grant: str) -> dict[str, Any]:
    """Count, first and last use (UTC) by the account of this grant, of its entitlement or of none in particular.

    All are null, never 0, where no source in evidence logs uses of that system for that time: nobody knows then.
    """
    row = connection.execute(
        """WITH it AS (
             SELECT g.account_id, g.entitlement_id, e.system, g.ended_at,
               max(coalesce(f.wrong_since, g.first_sign_at), g.first_sign_at) AS since
             FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
             LEFT JOIN findings f ON f.id = g.root_finding_id WHERE g.id = :grant)
           SELECT sum(u.count) AS count, min(u.first_at) AS first_at, max(u.last_at) AS last_at,
             EXISTS (SELECT 1 FROM it JOIN use_spans s ON s.system = lower(it.system)
                     WHERE s.last_at >= it.since AND (it.ended_at IS NULL OR s.first_at < it.ended_at)) AS logged
           FROM it JOIN uses u ON u.account_id = it.account_id AND u.last_at >= it.since
             AND (it.ended_at IS NULL OR u.first_at < it.ended_at) AND u.entitlement_id IN ('', it.entitlement_id)""",
        {"grant": grant},
    ).fetchone()
    if row["count"] is None and not row["logged"]:
        return {"count": None, "first_at": None, "last_at": None}
    return {"count": row["count"] or 0, "first_at": row["first_at"], "last_at": row["last_at"]}
