"""Source data as bitemporal facts: what was so when, and when each system came to say so.

Reads `claims`; writes `facts` and the status of identities. The same row in two exports is one fact. `valid_to` is
when, as known now, the next value of that system takes effect; null means it still holds.
"""

import sqlite3

from tracer.case.functions import add_functions
from tracer.case.stage import Stage
from tracer.rules.cel import attribute_paths


def build_facts(connection: sqlite3.Connection) -> None:
    """Fill `facts` from the rows of source data, each joined to its identity by worker id, else by e-mail."""
    add_functions(connection)
    connection.execute(
        """INSERT OR IGNORE INTO facts (id, identity_id, attribute, value, system, valid_from, recorded_at, record_id, ordinal)
           SELECT content_id('fact', i.id, c.attribute, c.value, c.system, c.effective_at, c.recorded_at),
                  i.id, c.attribute, coalesce(c.value, ''), c.system, c.effective_at, c.recorded_at, min(c.record_id),
                  max(r.ordinal)
           FROM claims c JOIN records r ON r.id = c.record_id
           LEFT JOIN person_keys w ON w.kind = 'worker-id' AND w.key = fold(c.worker_id)
           LEFT JOIN person_keys e ON e.kind = 'email' AND e.key = fold(c.email)
           JOIN identities i ON i.id = coalesce(w.identity_id, e.identity_id)
           GROUP BY 1"""
    )
    _keys(connection)
    connection.execute(
        """UPDATE facts SET valid_to = (
             SELECT min(n.valid_from) FROM facts n
             WHERE n.identity_id = facts.identity_id AND n.attribute = facts.attribute
               AND n.system = facts.system AND n.valid_from > facts.valid_from)"""
    )
    connection.execute(
        """UPDATE identities SET status = (
             SELECT value FROM facts f
             LEFT JOIN sources_of_truth t ON t.attribute = 'status' AND t.system = f.system
             WHERE f.identity_id = identities.id AND f.attribute = 'status' AND coalesce(t.role, '') <> 'copy'
             ORDER BY f.valid_from DESC, f.recorded_at DESC, f.ordinal DESC, f.value LIMIT 1)"""
    )


def _keys(connection: sqlite3.Connection) -> None:
    """Worker id and e-mail as facts too, since each was first said, where a rule or the catalogue reads them."""
    texts = connection.execute(
        "SELECT cel FROM rules WHERE cel IS NOT NULL UNION SELECT cel FROM roles WHERE cel IS NOT NULL"
    ).fetchall()
    read = {name for (text,) in texts for name in attribute_paths(text)}
    for name in ("email", "worker_id"):
        if name in read:
            connection.execute(
                f"""INSERT OR IGNORE INTO facts (id, identity_id, attribute, value, system, valid_from, recorded_at, record_id, ordinal)
                    SELECT content_id('fact', i.id, '{name}', min(c.{name}), c.system, min(c.effective_at), min(c.recorded_at)),
                           i.id, '{name}', min(c.{name}), c.system, min(c.effective_at), min(c.recorded_at), min(c.record_id), 0
                    FROM claims c LEFT JOIN person_keys w ON w.kind = 'worker-id' AND w.key = fold(c.worker_id)
                    LEFT JOIN person_keys e ON e.kind = 'email' AND e.key = fold(c.email)
                    JOIN identities i ON i.id = coalesce(w.identity_id, e.identity_id)
                    WHERE c.{name} <> '' AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.identity_id = i.id AND f.attribute = '{name}')
                    GROUP BY i.id, c.system, fold(c.{name})"""
            )


STAGE = Stage(
    "facts",
    reads=(
        "claims",
        "person_keys",
        "records",
        "roles",
        "rules",
        "sources_of_truth",
    ),
    writes=("facts",),
    completes=("identities",),
    run=lambda work: build_facts(work.connection),
)
