"""What entitlements are called: one name for each, whichever of its names a record or the register writes.

Reads `aliases` of the kinds `entitlement-id` (the id of what the record names) and `entitlement-name` (what the id in
the record is called); writes `entitlement_aliases`. An alias that means several entitlements means none, and a name
that several share leaves them their ids. An id whose names are its own alone was renamed: its latest name stands.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from tracer.case.entitlement_names import EntitlementNames

NAMED = ("requests", "roles", "authorities", "exceptions")
"""Derived tables with a system and an entitlement as somebody wrote them."""

IDS = """SELECT fold(system) AS system, fold(alias) AS id, name, record_id, 0 AS told_by_id
         FROM aliases WHERE kind = 'entitlement-id'
         UNION ALL SELECT fold(system), fold(name), alias, record_id, 1 FROM aliases WHERE kind = 'entitlement-name'"""
"""Each id with each name that a record gives it; `told_by_id` where the record's act names the id and not the name."""


def settle_entitlement_names(connection: sqlite3.Connection) -> None:
    """Fill `entitlement_aliases`, and write each entitlement of `told`, tickets and register by its one name."""
    connection.execute("DROP TABLE IF EXISTS temp.id_names")
    connection.execute(
        f"""CREATE TEMP TABLE id_names AS
            SELECT system, id, fold(name) AS folded, min(name) AS name, max(told_by_id) AS told_by_id
            FROM ({IDS}) WHERE id <> fold(name) GROUP BY 1, 2, 3"""
    )
    if connection.execute("SELECT 1 FROM temp.id_names LIMIT 1").fetchone() is None:
        return
    connection.execute("CREATE INDEX temp.id_names_id ON id_names (system, id)")
    connection.execute("CREATE INDEX temp.id_names_name ON id_names (system, folded)")
    shared = "EXISTS (SELECT 1 FROM temp.id_names o WHERE o.system = n.system AND o.folded = n.folded AND o.id <> n.id)"
    connection.execute(
        f"""INSERT INTO entitlement_aliases (system, alias, name)
            SELECT system, id, name FROM temp.id_names n GROUP BY system, id
            HAVING count(*) = 1 AND NOT (told_by_id AND {shared})"""
    )
    _renamed(connection, shared)
    # A name that is itself the alias of another would make a chain: leave those alone.
    connection.execute(
        """DELETE FROM entitlement_aliases
           WHERE (system, alias) IN (SELECT system, fold(name) FROM entitlement_aliases)"""
    )
    for table in ("told", *NAMED):
        connection.execute(
            f"""UPDATE {table} SET entitlement = n.name FROM entitlement_aliases n
                WHERE n.system = fold({table}.system) AND n.alias = fold({table}.entitlement)"""
        )
    _in_rules(connection)


def _renamed(connection: sqlite3.Connection, shared: str) -> None:
    """The ids that have several names, none of which is another's: the latest name stands for the id and the others."""
    connection.execute("DROP TABLE IF EXISTS temp.renamed")
    connection.execute(
        f"""CREATE TEMP TABLE renamed AS SELECT system, id FROM temp.id_names n
            GROUP BY system, id HAVING count(*) > 1 AND max({shared}) = 0"""
    )
    if connection.execute("SELECT 1 FROM temp.renamed LIMIT 1").fetchone() is None:
        return
    rows = connection.execute(
        f"""SELECT system, id, fold(name) AS folded, min(name) AS name,
              max(coalesce((SELECT max(at) FROM acts a WHERE a.record_id = x.record_id),
                           (SELECT max(as_of) FROM holdings h WHERE h.record_id = x.record_id), '')) AS last_at
            FROM ({IDS}) x JOIN temp.renamed r USING (system, id) GROUP BY 1, 2, 3
            ORDER BY 1, 2, last_at DESC, folded"""
    ).fetchall()
    latest: dict[tuple[str, str], str] = {}
    aliases = set()
    for row in rows:
        name = latest.setdefault((row["system"], row["id"]), row["name"])
        aliases |= {
            (row["system"], one, name) for one in (row["id"], row["folded"]) if one != name.casefold()
        }
    connection.executemany("INSERT OR IGNORE INTO entitlement_aliases VALUES (?, ?, ?)", sorted(aliases))


def _in_rules(connection: sqlite3.Connection) -> None:
    """The same for what rules grant, which stands in the rule's row as JSON; a glob of ids means each that it fits."""
    names = EntitlementNames(connection)
    for row in connection.execute(
        "SELECT id, version, grants FROM rules WHERE grants IS NOT NULL"
    ).fetchall():
        grants = [meant for one in json.loads(row["grants"]) for meant in _meant(names, one)]
        connection.execute(
            "UPDATE rules SET grants = ? WHERE id = ? AND version IS ?",
            (json.dumps(grants, sort_keys=True), row["id"], row["version"]),
        )


def _meant(names: EntitlementNames, one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What an entry of a rule gives, by its one name; as it is written where it is nobody's other name."""
    found = names.called(str(one.get("system") or "*"), str(one.get("entitlement") or "*"))
    if set("*?") & set(str(one.get("entitlement") or "*")) or not found:
        yield one
    yield from ({**one, "entitlement": name} for name in found)
