"""Identities of the people whom the register names: approvers, delegators, holders of exceptions.

The register may name a person by the id of an identity, an e-mail, or one of their account names; this sets
`authorities.identity_id`, `authorities.delegator_id`, `exceptions.identity_id`, `exceptions.cleanup_id`,
`exposures.identity_id` and `knowers.person_id` to the identity meant.
"""

import sqlite3

from tracer.case.functions import add_functions
from tracer.case.stage import Stage

MEANT = """SELECT 1 AS rank, fold(id) AS name, min(id) AS meant FROM identities GROUP BY 2
  UNION ALL SELECT 2, fold(name), min(identity_id) FROM accounts WHERE name IS NOT NULL GROUP BY 2 HAVING count(DISTINCT identity_id) = 1
  UNION ALL SELECT 3, fold(email), min(id) FROM identities WHERE email IS NOT NULL GROUP BY 2 HAVING count(*) = 1"""
"""What a name in the register means: the id of an identity, else its only account of that name, else its e-mail."""


def meant(connection: sqlite3.Connection) -> dict[str, str]:
    """Names (case-folded) that mean an identity -> its id."""
    return {row[1]: row[2] for row in connection.execute(f"{MEANT} ORDER BY 1 DESC")}


def build_named(connection: sqlite3.Connection) -> None:
    """Resolve every name in authorities and exceptions; one that means nobody known stays null."""
    add_functions(connection)
    connection.execute("DROP TABLE IF EXISTS temp.meant")
    connection.execute("CREATE TEMP TABLE meant (rank, name, meant, PRIMARY KEY (name, rank)) WITHOUT ROWID")
    connection.execute(f"INSERT INTO meant {MEANT}")
    for table, name, identity in (
        ("authorities", "approver", "identity_id"),
        ("authorities", "delegated_by", "delegator_id"),
        ("exceptions", "identity", "identity_id"),
        ("exceptions", "approved_by", "approver_id"),
        ("exceptions", "cleanup_owner", "cleanup_id"),
        ("identities", "owner", "owner_id"),
        ("exposures", "identity", "identity_id"),
        ("knowers", "name", "person_id"),
    ):
        connection.execute(
            f"""UPDATE {table} SET {identity} = coalesce((
                  SELECT meant FROM meant WHERE meant.name = fold({table}.{name}) ORDER BY rank LIMIT 1), {name})
                WHERE {name} IS NOT NULL"""
        )
    connection.execute("DROP TABLE temp.meant")


STAGE = Stage(
    "people-of-the-register",
    reads=("accounts",),
    writes=(),
    completes=(
        "authorities",
        "exceptions",
        "exposures",
        "identities",
        "knowers",
    ),
    run=lambda work: build_named(work.connection),
)
