"""Whether access lay idle for longer than a review interval. Times are UTC text.

Fills `idle`: every time without a use that was longer than `policy.review_interval`. Nothing is read out of silence: the
logs of uses have to cover the whole interval, and access to be known to have been held all that time. Empty where the policy
sets no interval.
"""

import sqlite3
from collections import defaultdict

from tracer.case.policy import limit
from tracer.case.spans import Span, settled
from tracer.case.stage import Stage
from tracer.completeness.gaps_between_files import lateness
from tracer.judgement.prepare.intervals import gaps, held_longer, known_to_be_held, lapses


def build_idle(connection: sqlite3.Connection) -> None:
    """Fill `idle`, for every grant that was held for longer than the interval in a system that logs uses."""
    spans, unknown = use_spans(connection), lapses(connection)
    connection.execute("DROP TABLE IF EXISTS temp.systems_with_uses")
    connection.execute("CREATE TEMP TABLE systems_with_uses (system PRIMARY KEY)")
    connection.executemany(
        "INSERT INTO systems_with_uses VALUES (?)", [(system,) for system in sorted(spans)]
    )
    interval = limit(connection, "review_interval")
    if interval is None:
        return
    used: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(
        """SELECT account_id, entitlement_id, first_at, last_at FROM uses
           UNION ALL SELECT started_by, entitlement_id, first_at, last_at FROM uses WHERE started_by <> account_id
           ORDER BY 3, 4"""
    ):
        used[row["account_id"], row["entitlement_id"] or ""].append((row["first_at"], row["last_at"]))
    rows: list[tuple[str | None, ...]] = []
    for row in held_longer(connection, interval):
        covers = spans.get(row["system"], [])
        if covers:
            own = used.get((row["account_id"], row["entitlement_id"]), [])
            either = sorted(own + used.get((row["account_id"], ""), []))
            known = known_to_be_held(covers, unknown.get(row["grant_id"], []))
            found = gaps(either, known, row["granted_at"], row["held_until"], interval)
            rows.extend((row["grant_id"], *gap) for gap in found)
    connection.executemany("INSERT INTO idle VALUES (?, ?, ?, ?, ?)", rows)


def use_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """System (case-folded) -> the time for which the logs of uses are at hand; a system that logs none has none."""
    found: dict[str, list[Span]] = defaultdict(list)
    for row in connection.execute("SELECT system, first_at, last_at FROM use_spans ORDER BY 1, 2, 3"):
        found[row["system"]].append((row["first_at"], row["last_at"]))
    late = lateness(connection)
    return {system: settled(known, late) for system, known in found.items()}


STAGE = Stage(
    "idle",
    reads=(
        "circumstances",
        "grants",
        "lapses",
        "lateness",
        "policy",
        "use_spans",
        "uses",
    ),
    writes=(
        "idle",
        "systems_with_uses",
    ),
    run=lambda work: build_idle(work.connection),
)
