"""Judging: rebuilds everything derived from evidence, stage by stage. This module alone knows their order."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tracer.case.changing import changing
from tracer.case.functions import add_functions
from tracer.case.opening import CACHE, is_stale
from tracer.case.schema import DERIVED, EVIDENCE, drop_indexes, index
from tracer.completeness.exports import build_exports
from tracer.completeness.lossy_sources import build_losses, tell_losses, tell_unread
from tracer.events.events import build_events
from tracer.events.register_rows import build_register
from tracer.events.reviewed import build_reviewed
from tracer.events.tickets import map_tickets
from tracer.identities.accountable import build_accountable
from tracer.identities.chains import build_chains, session_starts
from tracer.identities.facts import build_facts
from tracer.identities.joins import build_identities
from tracer.identities.kinds import build_kinds
from tracer.identities.owners import build_named
from tracer.judgement.checks.catalogue import catalogue_of, keep_own_checks
from tracer.judgement.checks.running import build_check_records, run_checks, run_stage
from tracer.judgement.prepare.absences import build_absences
from tracer.judgement.prepare.approvals import build_approvals
from tracer.judgement.prepare.changes import build_changes
from tracer.judgement.prepare.credentials import build_credentials
from tracer.judgement.prepare.decided import (
    build_approvers,
    build_conflicts,
    build_exception_authority,
    build_exceptions_at_hand,
    build_renewals,
    build_time_bounds,
)
from tracer.judgement.prepare.decision_holds import build_upheld
from tracer.judgement.prepare.grant_context import build_circumstances
from tracer.judgement.prepare.idle_groups import build_idle_groups
from tracer.judgement.prepare.inputs import build_inputs
from tracer.judgement.prepare.readings import Readings
from tracer.judgement.prepare.removals import build_removals
from tracer.judgement.prepare.reproduction import build_reproductions
from tracer.judgement.prepare.reviews import build_idle, build_reviews_due
from tracer.judgement.prepare.rule_doubts import build_perhaps_ruled
from tracer.judgement.prepare.same_person_doubts import build_perhaps_one
from tracer.judgement.prepare.verifications import build_verifications
from tracer.judgement.verdicts.automation import hand_on
from tracer.judgement.verdicts.defects import build_defects
from tracer.judgement.verdicts.findings import build_findings
from tracer.judgement.verdicts.owners import build_seats
from tracer.judgement.verdicts.runs import build_runs
from tracer.lineage.decisions import build_decisions
from tracer.lineage.extensions import build_extensions
from tracer.lineage.grants import build_grants
from tracer.lineage.groups import build_groups
from tracer.lineage.inherited import build_inherited
from tracer.lineage.inherited_signs import build_inherited_signs
from tracer.lineage.links import build_links
from tracer.lineage.relations import build_fact_relations, build_relations
from tracer.lineage.uses import build_uses


def judge(connection: sqlite3.Connection, own_checks: dict[str, str] | None = None) -> None:
    """Rebuild all derived tables in one transaction; a failure leaves the case as it was.

    `own_checks` (file name -> text) become the organisation's own checks of this case, an empty one takes them away;
    None leaves those with which it was judged before. Raises RegisterError where the register in evidence contradicts
    itself, CheckError where an own check does not run, CaseError where the case cannot be written.
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
        build_register(connection)
        map_tickets(connection)
        build_reviewed(connection)
        build_events(connection)
        build_exports(connection)
        _complete(
            connection,
            "events",
            "event_records",
            "accounts",
            "account_aliases",
            "requests",
            "request_events",
            "facts",
        )
        build_identities(connection)
        build_kinds(connection)
        build_facts(connection)
        _complete(connection, "facts")
        build_chains(connection)
        build_named(connection)
        build_accountable(connection)
        build_extensions(connection)
        build_decisions(connection)
        build_grants(connection)
        build_inherited_signs(connection)
        _complete(connection, "grants")
        build_links(connection)
        build_groups(connection)
        _complete(connection, "grants", "requests", "memberships", "reaches")
        build_losses(connection)
        build_relations(connection)
        build_uses(connection, session_starts(connection))
        readings = Readings(connection)
        build_inputs(connection, readings)
        build_fact_relations(connection)
        build_changes(connection, readings)
        build_reproductions(connection)
        build_approvals(connection)
        build_verifications(connection)
        build_circumstances(connection)
        _complete(
            connection, "circumstances", "evaluations", "differences", "changes", "approvals", "reproductions"
        )
        build_upheld(connection)
        build_perhaps_one(connection)
        build_perhaps_ruled(connection, readings)
        build_approvers(connection)
        build_absences(connection, readings)
        build_exception_authority(connection)
        build_exceptions_at_hand(connection)
        build_conflicts(connection)
        build_time_bounds(connection, readings)
        build_renewals(connection)
        build_reviews_due(connection)
        build_idle(connection)
        build_idle_groups(connection)
        build_removals(connection)
        build_credentials(connection, readings)
        _complete(connection, "compromises")
        catalogue = catalogue_of(connection)
        run_checks(connection, catalogue)
        _complete(connection, "checks")
        build_seats(connection, catalogue)
        run_stage(connection, catalogue, "seats")
        build_seats(connection, catalogue, last=True)
        tell_losses(connection)
        tell_unread(connection)
        build_check_records(connection, catalogue)
        hand_on(connection)
        build_findings(connection, catalogue)
        index(connection, DERIVED)
        build_runs(connection, catalogue)
        build_defects(connection, catalogue)
        build_inherited(connection)
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


def _complete(connection: sqlite3.Connection, *tables: str) -> None:
    """Index these tables now that they are filled, and tell SQLite how large they are: its plans rest on that."""
    index(connection, tables)
    connection.execute("PRAGMA analysis_limit = 1000")
    for name in tables:
        connection.execute(f"ANALYZE {name}")


def ensure_judged(connection: sqlite3.Connection) -> bool:
    """Judge the case if evidence came in since it was last judged; says whether it had to."""
    if not is_stale(connection):
        return False
    judge(connection)
    return True
