"""End dates as known now: an end that a log delivered is a source value too, and can be corrected like any other.

Reads `events`, `facts`, `sources_of_truth`. Where an authoritative system held the delivered end as the value of an
attribute when it was delivered, what that attribute says now, with all later corrections, is the end.
"""

import sqlite3
from collections import defaultdict

TIME = "CASE WHEN {0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN strftime('%Y-%m-%dT%H:%M:%fZ', {0}) END"


def corrected_ends(connection: sqlite3.Connection) -> dict[str, str]:
    """Grant event -> the end as known now (UTC), for those whose delivered end was corrected at its source.

    Where attributes that held the same end say different things now, which of them it came from is not known: none counts.
    """
    rows = connection.execute(
        f"""SELECT v.id, v.expires_at, f.attribute, f.system, {TIME.format("n.value")} AS now FROM events v
           JOIN accounts a ON a.id = v.subject_id
           JOIN facts f ON f.identity_id = a.identity_id AND f.recorded_at <= v.at AND f.valid_from <= v.expires_at
             AND {TIME.format("f.value")} = v.expires_at
           JOIN facts n ON n.identity_id = f.identity_id AND n.attribute = f.attribute AND n.system = f.system
             AND n.valid_from <= v.expires_at
           LEFT JOIN sources_of_truth t ON t.attribute = f.attribute AND fold(t.system) = fold(f.system)
           WHERE v.verb = 'grant' AND v.outcome = 'success' AND v.expires_at IS NOT NULL AND coalesce(t.role, '') <> 'copy'
           ORDER BY v.id, n.valid_from, n.recorded_at, n.ordinal, n.value"""
    )
    latest = {(row["id"], row["expires_at"], row["attribute"], row["system"]): row["now"] for row in rows}
    said: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for (event, delivered, _, _), now in latest.items():
        said[event, delivered].add(now)
    return {
        event: now
        for (event, delivered), ends in said.items()
        if len(ends) == 1 and (now := next(iter(ends))) and now != delivered
    }
