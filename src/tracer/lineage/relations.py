"""The lineage of each grant as W3C PROV relations, each with its basis and its record.

Reads `grants`, `events`, `requests`, `decision_inputs`; writes `lineage`. Relations: used, wasGeneratedBy,
wasAssociatedWith, actedOnBehalfOf, wasDerivedFrom, wasInvalidatedBy (https://www.w3.org/TR/prov-o/).
"""

import sqlite3

from tracer.case.stage import Stage

RELATIONS = (
    """SELECT id, 'wasGeneratedBy', 'grant', id, 'event', event_id, 'explicit',
              record_id FROM grants WHERE event_id IS NOT NULL""",
    """SELECT g.id, 'wasAssociatedWith', 'event', g.event_id, 'account', g.executor_id, 'explicit', v.record_id
       FROM grants g JOIN events v ON v.id = g.event_id WHERE g.executor_id IS NOT NULL""",
    """SELECT g.id, 'actedOnBehalfOf', 'account', g.executor_id, 'account', g.started_by, 'explicit', v.record_id
       FROM grants g JOIN events v ON v.id = g.event_id
       WHERE g.started_by IS NOT NULL AND g.executor_id IS NOT NULL AND g.started_by <> g.executor_id""",
    """SELECT g.id, 'used', 'event', g.event_id, 'rule', g.rule || coalesce('@' || g.rule_version, ''), 'explicit', v.record_id
       FROM grants g JOIN events v ON v.id = g.event_id WHERE g.rule IS NOT NULL""",
    """SELECT g.id, 'wasDerivedFrom', 'grant', g.id, 'request', q.ticket, g.ticket_basis, q.record_id
       FROM grants g JOIN requests q ON q.id = g.request_id""",
    """SELECT g.id, 'wasDerivedFrom', 'request', v.ticket, 'event', v.id, 'explicit', v.record_id
       FROM grants g JOIN request_events w ON w.request_id = g.request_id
       JOIN events v ON v.id = w.event_id AND v.verb IN ('approve', 'deny', 'cancel')""",
    """SELECT g.id, 'wasDerivedFrom', 'grant', g.id, 'exception', g.exception, 'explicit', g.record_id
       FROM grants g WHERE g.exception IS NOT NULL""",
    """SELECT g.id, 'used', 'event', g.event_id, 'event', g.override_event_id, 'inferred', v.record_id
       FROM grants g JOIN events v ON v.id = g.override_event_id""",
    """SELECT g.id, 'wasInvalidatedBy', 'grant', g.id, 'event', g.end_event_id, 'explicit', v.record_id
       FROM grants g JOIN events v ON v.id = g.end_event_id""",
    """SELECT g.id, 'used', 'event', g.event_id, 'fact', f.id, 'inferred', f.record_id
       FROM decision_inputs d CROSS JOIN grants g ON g.id = d.grant_id
       CROSS JOIN facts f ON f.record_id = d.record_id AND f.attribute = d.attribute AND f.identity_id = g.identity_id""",
)


def build_relations(connection: sqlite3.Connection) -> None:
    """Fill `lineage`."""
    for select in RELATIONS:
        connection.execute(f"INSERT OR IGNORE INTO lineage {select}")


STAGE = Stage(
    "relations",
    reads=(
        "decision_inputs",
        "events",
        "facts",
        "grants",
        "request_events",
        "requests",
    ),
    writes=("lineage",),
    run=lambda work: build_relations(work.connection),
)
