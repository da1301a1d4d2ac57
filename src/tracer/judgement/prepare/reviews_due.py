"""Whether reviews were done when they were due. Times are UTC text.

Fills `reviews_due`: every time between two reviews that was longer than `policy.review_interval`. Nothing is read out of
silence: a miss counts only where the files of reviews cover the whole interval, and only where access is known to have been
held all that time. Empty where the policy sets no interval.
"""

import sqlite3
from collections import defaultdict

from tracer.case.policy import limit
from tracer.case.stage import Stage
from tracer.completeness.coverage import review_spans
from tracer.judgement.prepare.intervals import gaps, held_longer, known_to_be_held, lapses


def build_reviews_due(connection: sqlite3.Connection) -> None:
    """Fill `reviews_due`, for every grant that was held for longer than the interval."""
    interval = limit(connection, "review_interval")
    if interval is None:
        return
    spans, unknown = review_spans(connection), lapses(connection)
    done: dict[tuple[str, str], list[str]] = defaultdict(list)
    # +at: the few reviews are sorted, for in the order of the index on time every event would be read.
    for row in connection.execute(
        """SELECT subject_id, entitlement_id, at FROM events WHERE verb = 'review' AND outcome = 'success'
             AND subject_id IS NOT NULL AND entitlement_id IS NOT NULL ORDER BY +at"""
    ):
        done[row["subject_id"], row["entitlement_id"]].append(row["at"])
    connection.executemany(
        "INSERT INTO reviews_due VALUES (?, ?, ?, ?, ?)",
        (
            (row["grant_id"], *gap)
            for row in held_longer(connection, interval)
            for gap in gaps(
                [(at, at) for at in done.get((row["account_id"], row["entitlement_id"]), [])],
                known_to_be_held(spans.get(row["system"], []), unknown.get(row["grant_id"], [])),
                row["granted_at"],
                row["held_until"],
                interval,
            )
        ),
    )


STAGE = Stage(
    "reviews-due",
    reads=(
        "circumstances",
        "entitlements",
        "events",
        "evidence",
        "exports",
        "grants",
        "lapses",
        "lateness",
        "policy",
        "spans",
    ),
    writes=("reviews_due",),
    run=lambda work: build_reviews_due(work.connection),
)
