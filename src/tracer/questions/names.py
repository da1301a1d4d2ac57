"""What a name on the command line means: an identity, an entitlement, a finding; an ambiguous one lists the candidates."""

import re
import shlex
import sqlite3
from collections.abc import Sequence

from tracer.case.functions import add_functions
from tracer.errors import CaseError, UsageError

MOST_NAMED = 12
"""Candidates that an error names."""

SHORTEST = 4
"""Characters of an id from which its beginning is taken for it."""


SESSION = re.compile(
    r"arn:(?P<partition>aws[\w-]*):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/.+|(?P<id>AROA\w+):.+",
    re.IGNORECASE,
)
"""How AWS writes a session of a role, in its log and in alerts."""


def ambiguous(what: str, name: str, candidates: Sequence[str]) -> UsageError:
    """The error that lists what a name may mean."""
    shown = ", ".join(candidates[:MOST_NAMED])
    more = f" and {len(candidates) - MOST_NAMED} more" if len(candidates) > MOST_NAMED else ""
    return UsageError(f"{name!r} is more than one {what}: {shown}{more}", todo="name one of them")


def is_glob(name: str) -> bool:
    """Whether a name that nothing is called stands for a pattern, as in a register."""
    return "*" in name or "?" in name


def text(name: str) -> str:
    """The name, where it can stand in a case file at all. Raises UsageError for no name and for bytes that are no text."""
    if not name.strip():
        raise UsageError("the name is empty", todo="give a name, or a part of it")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{name!a} is no text in UTF-8", todo="give a name, or a part of it") from None
    return name


def identity_named(connection: sqlite3.Connection, name: str) -> str:
    """The one identity that a name means: its id, an account or alias, a worker id, a unique part or glob of one.

    Raises UsageError where it is ambiguous, CaseError where nobody is called so.
    """
    exact = identities_called(connection, name)
    part = "matches(?, {})" if is_glob(name) else "instr(fold({}), fold(?)) > 0"
    near = exact or _identities(connection, part, name)
    if len(near) == 1:
        return near[0]
    if near:
        raise ambiguous("identity", name, near)
    raise CaseError(
        f"no identity or account is called {name!r}, and no ticket, key, session or event in evidence is",
        todo=_instead(connection, name),
    )


def _instead(connection: sqlite3.Connection, name: str) -> str:
    """What to do where a name is nobody's: it may be that of an entitlement."""
    rows = connection.execute(
        """SELECT name FROM entitlements WHERE fold(name) = fold(:name)
           UNION SELECT name FROM entitlement_aliases WHERE alias = fold(:name) LIMIT 1""",
        {"name": name},
    ).fetchall()
    if rows:
        return f"it is an entitlement: see who held it with tracer who CASE {shlex.quote(rows[0][0])}"
    return "give a part of a name, or a whole id"


def identities_called(connection: sqlite3.Connection, name: str) -> list[str]:
    """The identities of which this is the id, or the whole name of an account, sorted.

    What is written exactly so goes first, then what differs in case alone; of both, their own id before all else.
    A session of AWS is named after its role, of which it is the account.
    """
    found = _identities(connection, "{} = ?", name) or _identities(connection, "fold({}) = fold(?)", name)
    session = SESSION.fullmatch(name)
    if found or session is None:
        return found
    role = session["id"] or f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"
    return _identities(connection, "fold({}) = fold(?)", role)


def _identities(connection: sqlite3.Connection, condition: str, name: str) -> list[str]:
    add_functions(connection)
    by_id = connection.execute(
        f"SELECT id FROM identities WHERE {condition.format('id')}", (name,)
    ).fetchall()
    if by_id and "=" in condition:
        return sorted({row[0] for row in by_id})
    rows = connection.execute(
        f"""SELECT identity_id FROM accounts WHERE {condition.format("name")}
            UNION SELECT a.identity_id FROM account_aliases l JOIN accounts a ON a.id = l.account_id
            WHERE {condition.format("l.alias")}
            UNION SELECT id FROM identities WHERE {condition.format("coalesce(worker_id, '')")}""",
        (name, name, name),
    ).fetchall()
    return sorted({row[0] for row in [*by_id, *rows] if row[0]})


def entitlement_named(connection: sqlite3.Connection, name: str, system: str | None) -> sqlite3.Row:
    """The one entitlement (id, system, name) that a name, a unique part or a glob of one means.

    Raises UsageError where it is ambiguous, CaseError where there is none.
    """
    add_functions(connection)
    name = text(name)
    alias = "EXISTS (SELECT 1 FROM entitlement_aliases n WHERE n.name = entitlements.name AND n.system = fold(entitlements.system) AND n.alias = fold(:name))"
    part = "matches(:name, name)" if is_glob(name) else "instr(fold(name), fold(:name)) > 0"
    for condition in ("name = :name", "fold(name) = fold(:name)", alias, part):
        rows = connection.execute(
            f"""SELECT id, system, name FROM entitlements
                WHERE {condition} AND (:system IS NULL OR fold(system) = fold(:system)) ORDER BY name, system""",
            {"name": name, "system": system and text(system)},
        ).fetchall()
        if len(rows) == 1:
            found: sqlite3.Row = rows[0]
            return found
        if rows:
            raise ambiguous("entitlement", name, [f"{row['name']} in {row['system']}" for row in rows])
    place = f" in {system}" if system else ""
    raise CaseError(f"no entitlement{place} is called {name!r}", todo="give a part of its name")


def entitlements_also(connection: sqlite3.Connection, alias: str) -> frozenset[tuple[str, str]]:
    """System (case-folded) and name of the entitlements that have this as another name, such as their full id."""
    add_functions(connection)
    rows = connection.execute(
        "SELECT system, name FROM entitlement_aliases WHERE alias = fold(?)", (text(alias),)
    )
    return frozenset((row["system"], row["name"]) for row in rows)


def finding_named(connection: sqlite3.Connection, name: str) -> str:
    """The one finding that an id, its beginning, or the id of a grant (for its root) means.

    Raises UsageError where the beginning fits several, CaseError where nothing is found.
    """
    row = connection.execute("SELECT root_finding_id FROM grants WHERE id = ?", (text(name),)).fetchone()
    if row is not None:
        if row[0] is None:
            raise CaseError(f"no check failed for grant {name}", todo="name a finding")
        return str(row[0])
    rows = connection.execute(
        "SELECT id FROM findings WHERE id = :n OR length(:n) >= :least AND substr(id, 1, length(:n)) = lower(:n) ORDER BY id",
        {"n": name, "least": SHORTEST},
    ).fetchall()
    if len(rows) > 1:
        raise ambiguous("finding", name, [one[0] for one in rows])
    if not rows:
        raise CaseError(f"no finding has the id {name!r}", todo="list them with: tracer findings CASE")
    return str(rows[0][0])
