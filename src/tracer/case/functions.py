"""What SQLite does not have of its own: content ids, case folding and globs, as SQL functions."""

import sqlite3
from functools import lru_cache

from tracer.case.ids import account_id, content_id, entitlement_id


def _fold(text: str | None) -> str | None:
    return None if text is None else str(text).casefold()


def add_functions(connection: sqlite3.Connection) -> None:
    """Make fold, account_id, entitlement_id and content_id callable from SQL on this connection."""
    remember = lru_cache(maxsize=262_144)
    account, entitlement = remember(account_id), remember(entitlement_id)

    def account_or_null(system: str | None, name: str | None) -> str | None:
        return account(system or "", name) if name else None

    def entitlement_or_null(system: str | None, name: str | None) -> str | None:
        return entitlement(system or "", name) if name else None

    connection.create_function("fold", 1, remember(_fold), deterministic=True)
    connection.create_function("account_id", 2, account_or_null, deterministic=True)
    connection.create_function("entitlement_id", 2, entitlement_or_null, deterministic=True)
    connection.create_function("content_id", -1, content_id, deterministic=True)
