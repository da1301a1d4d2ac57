"""What SQLite does not have of its own: content ids, case folding and globs, as SQL functions."""

import sqlite3
from functools import lru_cache

from tracer.case.globs import matches
from tracer.case.ids import account_id, content_id, entitlement_id
from tracer.case.times import duration, plus


def _fold(text: str | None) -> str | None:
    return None if text is None else str(text).casefold()


def earlier(at: str | None, by: str | None) -> str | None:
    """The time that lies an ISO 8601 duration before `at`; None where either is missing or is not what it should be."""
    if not at or not by:
        return None
    try:
        return plus(at, -duration(by))
    except ValueError:
        return None


def add_functions(connection: sqlite3.Connection) -> None:
    """Make fold, account_id, entitlement_id, content_id, earlier and matches callable from SQL on this connection."""
    remember = lru_cache(maxsize=262_144)
    account, entitlement = remember(account_id), remember(entitlement_id)

    def account_or_null(system: str | None, name: str | None) -> str | None:
        return account(system or "", name) if name else None

    def entitlement_or_null(system: str | None, name: str | None) -> str | None:
        return entitlement(system or "", name) if name else None

    def matches_or_null(pattern: str | None, text: str | None) -> int | None:
        return None if text is None else int(matches(str(pattern or "*"), str(text)))

    connection.create_function("fold", 1, remember(_fold), deterministic=True)
    connection.create_function("account_id", 2, account_or_null, deterministic=True)
    connection.create_function("entitlement_id", 2, entitlement_or_null, deterministic=True)
    connection.create_function("earlier", 2, earlier, deterministic=True)
    connection.create_function("matches", 2, matches_or_null, deterministic=True)
    connection.create_function("content_id", -1, content_id, deterministic=True)
