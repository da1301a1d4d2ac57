"""Which controls fail again and again, worst first?"""

import sqlite3
from collections import Counter, defaultdict
from typing import Any

from tracer.questions.mark import DISPOSITIONS, standing

SEVERITIES = ("critical", "high", "medium", "low")


def defects(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Rows of `defects`, worst first, with how many of their findings stand confirmed, disputed and accepted.

    An empty list: no check failed.
    """
    said = _said(connection)
    rows = [
        dict(row) | {word: said[row["control"], row["mode"]][word] for word in DISPOSITIONS}
        for row in connection.execute("SELECT * FROM defects")
    ]
    return sorted(
        rows, key=lambda row: (SEVERITIES.index(row["severity"]), -row["roots"], -row["count"], row["id"])
    )


def _said(connection: sqlite3.Connection) -> dict[tuple[str | None, str], Counter[str]]:
    """Control and mode -> how many findings have which disposition."""
    found: dict[tuple[str | None, str], Counter[str]] = defaultdict(Counter)
    for finding, disposition in standing(connection).items():
        row = connection.execute("SELECT control, mode FROM findings WHERE id = ?", (finding,)).fetchone()
        if row is not None:
            found[row["control"], row["mode"]][disposition] += 1
    return found
