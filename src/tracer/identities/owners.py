"""Identities of the people whom the register names: approvers, delegators, holders of exceptions.

The register may name a person by the id of an identity, an e-mail, or one of their account names; this sets
`authorities.identity_id`, `authorities.delegator_id`, `exceptions.identity_id`, `exceptions.cleanup_id`,
`exposures.identity_id` and `knowers.person_id` to the identity meant.
"""

import sqlite3

from tracer.case.functions import add_functions


def identity_of(connection: sqlite3.Connection, name: str | None) -> str | None:
    """The identity that a name in the register means: its id, else its e-mail, else its only account of that name."""
    if not name:
        return None
    row = connection.execute(
        """SELECT id FROM identities WHERE fold(id) = fold(:n)
           UNION ALL SELECT min(identity_id) FROM accounts WHERE fold(name) = fold(:n)
             HAVING count(DISTINCT identity_id) = 1
           UNION ALL SELECT min(id) FROM identities WHERE fold(email) = fold(:n) HAVING count(*) = 1
           LIMIT 1""",
        {"n": name},
    ).fetchone()
    return row[0] if row else None


def build_named(connection: sqlite3.Connection) -> None:
    """Resolve every name in authorities and exceptions; one that means nobody known stays null."""
    add_functions(connection)
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
        names = connection.execute(f"SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL").fetchall()
        connection.executemany(
            f"UPDATE {table} SET {identity} = ? WHERE {name} = ?",
            [(identity_of(connection, row[0]) or row[0], row[0]) for row in names],
        )
