"""Who is in which group or role, also through others: edges and reachable pairs, never paths.

A group stands in evidence twice: as an entitlement that accounts hold, and as an account that holds entitlements. Both
are one thing where the account is a group (or role), the system is the same, and the account's name, another name of
it, or the last part of its ARN is the entitlement's name. Reads `grants`; fills `memberships` and `reaches`.
"""

import sqlite3

from tracer.case.stage import Stage

FOREVER = "9999"

GROUPS = "('group', 'role', 'team')"
"""Kinds of account and of entitlement that have members."""


MEMBERS = f"""
  SELECT g.id AS grant_id, g.account_id AS member, n.account_id AS grp, g.first_sign_at AS since, g.ended_at AS until,
    g.granted_at IS NOT NULL AS logged
  FROM entitlements e
  CROSS JOIN group_names n ON n.system = fold(e.system) AND n.name = fold(e.name)
  CROSS JOIN grants g ON g.entitlement_id = e.id JOIN accounts a ON a.id = g.account_id
  WHERE coalesce(e.kind, 'group') IN {GROUPS} AND g.account_id <> n.account_id AND (g.ended_at IS NULL OR g.ended_at > g.first_sign_at)
    AND (n.realm IS NULL OR a.name NOT LIKE 'arn:%' OR instr(a.name, ':' || n.realm || ':') > 0)"""
"""Every grant of a group, with the account that is in it and the one that it is; needs `name_groups`."""


def build_groups(connection: sqlite3.Connection) -> None:
    """Fill `memberships` (one row per grant of one) and `reaches` (when a whole path of memberships existed)."""
    name_groups(connection)
    connection.execute(
        f"INSERT OR IGNORE INTO memberships SELECT grant_id, member, grp, since, until FROM ({MEMBERS})"
    )
    connection.execute("DROP TABLE IF EXISTS temp.links")
    connection.execute(
        """CREATE TEMP TABLE links AS SELECT member_id AS member, group_id AS grp, valid_from AS since,
             coalesce(valid_to, '9999') AS until, 0 AS level, grant_id AS worst FROM memberships"""
    )
    close(connection)
    rows = connection.execute(
        "SELECT member, grp, since, until FROM closure ORDER BY member, grp, since, until"
    )
    connection.executemany(
        "INSERT OR IGNORE INTO reaches VALUES (?, ?, ?, ?)",
        (
            (member, group, since, None if until == FOREVER else until)
            for member, group, since, until in _joined(rows.fetchall())
        ),
    )


def name_groups(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `group_names`: every account that is a group, under each name that an entitlement may have for it; `realm` is its AWS account."""
    connection.execute("DROP TABLE IF EXISTS temp.group_names")
    connection.execute(
        "CREATE TEMP TABLE group_names (system, name, account_id, realm, PRIMARY KEY (system, name, account_id))"
    )
    rows = connection.execute(
        f"""SELECT a.id, a.system, a.name FROM accounts a LEFT JOIN identities i ON i.id = a.identity_id
            WHERE a.kind IN {GROUPS} OR i.kind = 'group'
            UNION SELECT a.id, a.system, l.alias FROM accounts a JOIN account_aliases l ON l.account_id = a.id
            LEFT JOIN identities i ON i.id = a.identity_id
            WHERE (a.kind IN {GROUPS} OR i.kind = 'group') AND l.kind <> 'email'
            UNION SELECT a.id, a.system, n.name FROM accounts a
            JOIN entitlement_aliases n ON n.system = fold(a.system) AND n.alias = fold(a.name)
            LEFT JOIN identities i ON i.id = a.identity_id WHERE a.kind IN {GROUPS} OR i.kind = 'group'"""
    ).fetchall()
    found = set()
    for account, system, name in rows:
        found.add((system.casefold(), name.casefold(), account, None))
        if name.startswith("arn:"):
            parts = name.split(":", 5)
            realm = parts[4] if len(parts) > 4 and parts[4] else None
            found.add((system.casefold(), name.rsplit("/", 1)[-1].casefold(), account, realm))
    connection.executemany("INSERT OR IGNORE INTO group_names VALUES (?, ?, ?, ?)", sorted(found, key=str))


def close(connection: sqlite3.Connection) -> None:
    """Fill `closure` from `links`: member and group with the time in which a path existed, and the path's worst link.

    A path is worth what its worst link is (`level`, and which grant that is); one that another covers in time and that
    is no better adds nothing, so that layers of groups cost pairs and not paths, and circles end.
    """
    for name in ("closure", "frontier"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
        connection.execute(f"CREATE TEMP TABLE {name} (member, grp, since, until, level INT, worst)")
    connection.execute("CREATE INDEX temp.closure_pair ON closure (member, grp)")
    connection.execute("DROP TABLE IF EXISTS temp.links_of")
    connection.execute("CREATE TEMP TABLE links_of AS SELECT * FROM links")
    connection.execute("CREATE INDEX temp.links_of_member ON links_of (member)")
    step = "SELECT member, grp, since, until, level, worst FROM links_of"
    while True:
        connection.execute("DROP TABLE IF EXISTS temp.step")
        connection.execute(f"CREATE TEMP TABLE step AS {step}")
        connection.execute("CREATE INDEX temp.step_pair ON step (member, grp)")
        connection.execute("DELETE FROM frontier")
        added = connection.execute(
            """INSERT INTO frontier
               SELECT member, grp, since, until, level, min(worst) FROM step s
               WHERE member <> grp AND NOT EXISTS (
                 SELECT 1 FROM closure c WHERE c.member = s.member AND c.grp = s.grp
                   AND c.since <= s.since AND c.until >= s.until AND c.level <= s.level)
               AND NOT EXISTS (
                 SELECT 1 FROM step o WHERE o.member = s.member AND o.grp = s.grp AND o.since <= s.since
                   AND o.until >= s.until AND o.level <= s.level
                   AND (o.since < s.since OR o.until > s.until OR o.level < s.level))
               GROUP BY member, grp, since, until, level"""
        ).rowcount
        if not added:
            return
        connection.execute("INSERT INTO closure SELECT * FROM frontier")
        step = """SELECT f.member, l.grp, max(f.since, l.since) AS since, min(f.until, l.until) AS until,
                    max(f.level, l.level) AS level, CASE WHEN l.level > f.level THEN l.worst ELSE f.worst END AS worst
                  FROM frontier f JOIN links_of l ON l.member = f.grp
                  WHERE max(f.since, l.since) < min(f.until, l.until)"""


def _joined(rows: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """The rows (sorted) with times of one pair that overlap or touch made one."""
    found: list[tuple[str, str, str, str]] = []
    for member, group, since, until in rows:
        last = found[-1] if found else None
        if last and last[:2] == (member, group) and since <= last[3]:
            found[-1] = (member, group, last[2], max(last[3], until))
        else:
            found.append((member, group, since, until))
    return found


STAGE = Stage(
    "groups",
    reads=(
        "account_aliases",
        "accounts",
        "entitlement_aliases",
        "entitlements",
        "grants",
        "identities",
    ),
    writes=(
        "memberships",
        "reaches",
    ),
    run=lambda work: build_groups(work.connection),
)
