"""What a name on the command line means: an identity, one of its accounts, a unique part of one, or an id in the evidence."""

import sqlite3

from tracer.case.functions import add_functions
from tracer.errors import CaseError, UsageError

MOST_NAMED = 12
"""Candidates that an error names."""


def grants_named(
    connection: sqlite3.Connection, name: str, entitlement: str | None, system: str | None
) -> list[str]:
    """Ids of the grants that are meant, sorted.

    `name` is an identity, an account or alias, a unique part of one, or the id of an access key, session, ticket, event
    or grant. Raises UsageError where it is ambiguous, CaseError where nothing is found.
    """
    add_functions(connection)
    found = _by_id(connection, name)
    if not found:
        identity = identity_named(connection, name)
        found = [
            row[0] for row in connection.execute("SELECT id FROM grants WHERE identity_id = ?", (identity,))
        ]
        if not found:
            raise CaseError(
                f"{identity} was granted nothing in evidence",
                todo="see what others hold with: tracer findings CASE --all",
            )
    found = _of_system(connection, found, system)
    if entitlement is not None:
        found = _of_entitlement(connection, found, name, entitlement)
    return sorted(found)


def identity_named(connection: sqlite3.Connection, name: str) -> str:
    """The one identity that a name means."""
    exact = _identities(connection, "fold({}) = fold(?)", name)
    if len(exact) == 1:
        return exact[0]
    if len(exact) > 1:
        raise _ambiguous("identity", name, exact)
    near = _identities(connection, "instr(fold({}), fold(?)) > 0", name)
    if len(near) == 1:
        return near[0]
    if near:
        raise _ambiguous("identity", name, near)
    raise CaseError(
        f"no identity or account is called {name!r}",
        todo="give a part of its name, or a ticket, key or event id",
    )


def _identities(connection: sqlite3.Connection, condition: str, name: str) -> list[str]:
    by_id = connection.execute(
        f"SELECT id FROM identities WHERE {condition.format('id')}", (name,)
    ).fetchall()
    if by_id and condition.startswith("fold"):
        return sorted({row[0] for row in by_id})
    rows = connection.execute(
        f"""SELECT identity_id FROM accounts WHERE {condition.format("name")}
            UNION SELECT a.identity_id FROM account_aliases l JOIN accounts a ON a.id = l.account_id
            WHERE {condition.format("l.alias")}
            UNION SELECT id FROM identities WHERE {condition.format("coalesce(worker_id, '')")}""",
        (name, name, name),
    ).fetchall()
    return sorted({row[0] for row in [*by_id, *rows] if row[0]})


def _ambiguous(what: str, name: str, candidates: list[str]) -> UsageError:
    shown = ", ".join(candidates[:MOST_NAMED])
    more = f" and {len(candidates) - MOST_NAMED} more" if len(candidates) > MOST_NAMED else ""
    return UsageError(f"{name!r} is more than one {what}: {shown}{more}", todo="name one of them")


def _by_id(connection: sqlite3.Connection, name: str) -> list[str]:
    rows = connection.execute(
        """SELECT id FROM grants WHERE id = :n OR event_id = :n OR fold(ticket) = fold(:n)
           UNION SELECT g.id FROM grants g JOIN events v ON v.id = g.event_id WHERE v.session = :n
           UNION SELECT g.id FROM grants g JOIN entitlements e ON e.id = g.entitlement_id
             WHERE fold(e.name) = fold('credential:' || :n)""",
        {"n": name},
    )
    return [row[0] for row in rows]


def _of_system(connection: sqlite3.Connection, grants: list[str], system: str | None) -> list[str]:
    if system is None:
        return grants
    kept = [
        grant
        for grant in grants
        if connection.execute(
            "SELECT 1 FROM grants g JOIN entitlements e ON e.id = g.entitlement_id WHERE g.id = ? AND fold(e.system) = fold(?)",
            (grant, system),
        ).fetchone()
    ]
    if not kept:
        raise CaseError(f"nothing was granted in system {system!r}", todo="leave out --system to see all")
    return kept


def _of_entitlement(
    connection: sqlite3.Connection, grants: list[str], name: str, entitlement: str
) -> list[str]:
    held = {
        grant: connection.execute(
            "SELECT e.id, e.name, e.system FROM grants g JOIN entitlements e ON e.id = g.entitlement_id WHERE g.id = ?",
            (grant,),
        ).fetchone()
        for grant in grants
    }
    wanted = entitlement.casefold()
    chosen = {grant: row for grant, row in held.items() if row["name"].casefold() == wanted}
    chosen = chosen or {grant: row for grant, row in held.items() if wanted in row["name"].casefold()}
    if not chosen:
        names = sorted({row["name"] for row in held.values()})
        raise CaseError(
            f"{name} was not granted {entitlement!r} in evidence",
            todo=f"granted were {', '.join(names[:MOST_NAMED])}",
        )
    different = sorted({f"{row['name']} in {row['system']}" for row in chosen.values()})
    if len(different) > 1:
        raise _ambiguous("entitlement", entitlement, different)
    return list(chosen)
