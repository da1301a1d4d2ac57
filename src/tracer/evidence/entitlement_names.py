"""What entitlements are called: one name for each, whichever of its names a record or the register writes.

Reads `aliases` of the kinds `entitlement-id` (the id of what the record names) and `entitlement-name` (what the id in
the record is called); writes `entitlement_aliases`. An alias that means several entitlements means none, and a name
that several share leaves them their ids.
"""

import json
import sqlite3

NAMED = ("requests", "roles", "authorities", "exceptions")
"""Derived tables with a system and an entitlement as somebody wrote them."""


def settle_entitlement_names(connection: sqlite3.Connection) -> None:
    """Fill `entitlement_aliases`, and write each entitlement of `told`, tickets and register by its one name."""
    connection.execute(
        """INSERT INTO entitlement_aliases (system, alias, name)
           SELECT fold(system), fold(alias), min(name) FROM (
             SELECT system, name, alias FROM aliases WHERE kind = 'entitlement-id'
             UNION ALL
             SELECT system, min(alias), name FROM aliases a WHERE kind = 'entitlement-name' AND (
               SELECT count(DISTINCT fold(o.name)) FROM aliases o WHERE o.kind = 'entitlement-name'
                 AND fold(o.system) = fold(a.system) AND fold(o.alias) = fold(a.alias)) = 1
             GROUP BY fold(system), fold(name) HAVING count(DISTINCT fold(alias)) = 1)
           WHERE fold(alias) <> fold(name)
           GROUP BY 1, 2 HAVING count(DISTINCT fold(name)) = 1"""
    )
    # A name that is itself the alias of another would make a chain: leave those alone.
    connection.execute(
        """DELETE FROM entitlement_aliases WHERE EXISTS (
             SELECT 1 FROM entitlement_aliases o WHERE o.system = entitlement_aliases.system
               AND fold(o.name) = entitlement_aliases.alias)"""
    )
    if connection.execute("SELECT 1 FROM entitlement_aliases LIMIT 1").fetchone() is None:
        return
    for table in ("told", *NAMED):
        connection.execute(
            f"""UPDATE {table} SET entitlement = n.name FROM entitlement_aliases n
                WHERE n.system = fold({table}.system) AND n.alias = fold({table}.entitlement)"""
        )
    _in_rules(connection)


def _in_rules(connection: sqlite3.Connection) -> None:
    """The same for what rules grant, which stands in the rule's row as JSON."""
    names = {
        (row["system"], row["alias"]): row["name"]
        for row in connection.execute("SELECT system, alias, name FROM entitlement_aliases")
    }
    for row in connection.execute(
        "SELECT id, version, grants FROM rules WHERE grants IS NOT NULL"
    ).fetchall():
        grants = json.loads(row["grants"])
        for one in grants:
            key = str(one.get("system") or "").casefold(), str(one.get("entitlement") or "").casefold()
            if key in names:
                one["entitlement"] = names[key]
        connection.execute(
            "UPDATE rules SET grants = ? WHERE id = ? AND version IS ?",
            (json.dumps(grants, sort_keys=True), row["id"], row["version"]),
        )
