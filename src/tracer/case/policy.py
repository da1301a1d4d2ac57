"""Limits that the organisation set itself, in the `policy` of its register."""

import sqlite3
from datetime import timedelta

from tracer.case.times import duration


def limit(connection: sqlite3.Connection, name: str) -> timedelta | None:
    """A limit of the policy; None where it is not set, and then it is not checked."""
    row = connection.execute("SELECT value FROM policy WHERE name = ?", (name,)).fetchone()
    return duration(row[0]) if row and row[0] else None
