"""Judging: rebuilds everything derived from evidence, stage by stage. This module alone knows their order."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tracer.case.changing import changing
from tracer.case.functions import add_functions
from tracer.case.opening import CACHE, is_stale
from tracer.case.schema import DERIVED, EVIDENCE, drop_indexes, index
from tracer.case.stage import StageRun, run_stages
from tracer.completeness import exports, lossy_sources
from tracer.events import events, register_rows, reviewed, tickets
from tracer.identities import accountable, chains, facts, joins, kinds, register_names
from tracer.judgement.checks import running
from tracer.judgement.checks.catalogue import keep_own_checks
from tracer.judgement.prepare import (
    absences,
    approvals,
    approvers,
    changes,
    conflicts,
    credentials,
    decision_holds,
    exception_authority,
    exceptions_at_hand,
    grant_context,
    idle,
    idle_groups,
    inputs,
    removals,
    renewals,
    reproduction,
    reviews_due,
    rule_doubts,
    same_person_doubts,
    time_bounds,
    verifications,
)
from tracer.judgement.verdicts import automation, defects, findings, owners, runs
from tracer.lineage import (
    decisions,
    extensions,
    grants,
    groups,
    inherited,
    inherited_signs,
    links,
    relations,
    uses,
)

STAGES = (
    register_rows.STAGE,
    tickets.STAGE,
    reviewed.STAGE,
    events.STAGE,
    exports.STAGE,
    joins.STAGE,
    kinds.STAGE,
    facts.STAGE,
    chains.STAGE,
    register_names.STAGE,
    accountable.STAGE,
    extensions.STAGE,
    decisions.STAGE,
    grants.STAGE,
    inherited_signs.STAGE,
    links.STAGE,
    groups.STAGE,
    lossy_sources.STAGE,
    uses.STAGE,
    inputs.STAGE,
    relations.STAGE,
    changes.STAGE,
    reproduction.STAGE,
    approvals.STAGE,
    verifications.STAGE,
    grant_context.STAGE,
    decision_holds.STAGE,
    same_person_doubts.STAGE,
    rule_doubts.STAGE,
    approvers.STAGE,
    absences.STAGE,
    exception_authority.STAGE,
    exceptions_at_hand.STAGE,
    conflicts.STAGE,
    time_bounds.STAGE,
    renewals.STAGE,
    reviews_due.STAGE,
    idle.STAGE,
    idle_groups.STAGE,
    removals.STAGE,
    credentials.STAGE,
    running.STAGE,
    owners.STAGE,
    owners.UNOWNED,
    lossy_sources.WHAT_IS_LOST,
    running.CHECK_RECORDS,
    automation.STAGE,
    findings.STAGE,
    runs.STAGE,
    defects.STAGE,
    inherited.STAGE,
)
"""All stages, in the order in which they run: each after those that fill what it reads."""


def judge(
    connection: sqlite3.Connection,
    own_checks: dict[str, str] | None = None,
    *,
    ran: Callable[[StageRun], None] | None = None,
) -> None:
    """Rebuild all derived tables in one transaction; a failure leaves the case as it was.

    `own_checks` (file name -> text) become the organisation's own checks of this case, an empty one takes them away;
    None leaves those with which it was judged before. `ran` is told of each stage that is done. Raises RegisterError where
    the register in evidence contradicts itself, CheckError where an own check does not run, CaseError where the case cannot
    be written.
    """
    add_functions(connection)
    with _room(connection), changing(connection):
        # An ingest that was killed made no indexes, and judging without them takes minutes.
        index(connection, EVIDENCE)
        drop_indexes(connection, DERIVED)
        if own_checks is not None:
            keep_own_checks(connection, own_checks)
        for name in reversed(DERIVED):
            connection.execute(f"DELETE FROM {name}")
        for run in run_stages(STAGES, connection):
            if ran is not None:
                ran(run)
        connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('stale', '0')")


ROOM = ("temp_store = FILE", "temp.cache_size = -131072", "cache_size = -786432")
"""What judging may hold in memory, in KiB, whatever the size of the case; what does not fit waits in temporary files."""


@contextmanager
def _room(connection: sqlite3.Connection) -> Iterator[None]:
    connection.commit()
    for setting in ROOM:
        connection.execute(f"PRAGMA {setting}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size = {CACHE}")
        connection.execute("PRAGMA shrink_memory")


def ensure_judged(connection: sqlite3.Connection, *, ran: Callable[[StageRun], None] | None = None) -> bool:
    """Judge the case if evidence came in since it was last judged; says whether it had to."""
    if not is_stale(connection):
        return False
    judge(connection, ran=ran)
    return True
