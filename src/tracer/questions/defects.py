"""Which controls fail again and again, worst first?"""

import sqlite3
from typing import Any

SEVERITIES = ("critical", "high", "medium", "low")


def defects(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Rows of `defects`, worst first. An empty list: no check failed."""
    rows = [dict(row) for row in connection.execute("SELECT * FROM defects")]
    return sorted(
        rows, key=lambda row: (SEVERITIES.index(row["severity"]), -row["roots"], -row["count"], row["id"])
    )
