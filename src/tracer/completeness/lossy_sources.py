"""Sources that lose records here and there: what they do not say is no proof that it did not happen.

Two exports that disagree about the same time show it of their source, and records that break off what others begin. Where
several sources lose records, they were lost on the way that all evidence came.
"""

import sqlite3

from tracer.case.stage import Stage
from tracer.completeness.broken_chains import broken
from tracer.completeness.unread import unread, unread_register

SEVERAL = 2
"""So many sources that lose records are no accident of one of them."""


def build_losses(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `losses` (sources that lose records) and take their files out of `exports`."""
    connection.execute("DROP TABLE IF EXISTS temp.losses")
    connection.execute("CREATE TEMP TABLE losses (source PRIMARY KEY) WITHOUT ROWID")
    found = {source for (source,) in connection.execute("SELECT source FROM temp.lost")} | broken(connection)
    found |= {source for (source,) in connection.execute("SELECT DISTINCT source FROM temp.unmapped")}
    if len(found) >= SEVERAL:
        found = {
            source
            for (source,) in connection.execute(
                "SELECT DISTINCT source FROM evidence WHERE source IS NOT NULL"
            )
        }
    connection.executemany("INSERT INTO losses VALUES (?)", [(source,) for source in sorted(found)])
    connection.execute(
        """DELETE FROM temp.exports WHERE evidence_id IN (
             SELECT id FROM evidence WHERE source IN (SELECT source FROM losses))"""
    )


KINDS = {
    ("request", "approval"): ("ticket",),
    ("logging", "verification", "revocation", "rotation", "provisioning"): ("audit-log", "provisioning"),
    ("review",): ("review",),
    ("source-data",): ("source-data",),
}
"""Kinds of evidence that answer what is asked for at these points."""

EVIDENCE = {points: f"kind IN ({', '.join(map(repr, kinds))})" for points, kinds in KINDS.items()} | {
    (
        "exception",
    ): "id IN (SELECT r.evidence_id FROM entries n JOIN records r ON r.id = n.record_id WHERE n.section = 'exceptions')",
}
"""The files of evidence that do: those of these kinds, and whatever holds exceptions."""

SECTIONS = {
    ("request", "approval"): ("tickets", "authorities", "exceptions", "identities", "roles", "rules"),
    ("governance",): ("controls", "identities"),
    ("exception",): ("exceptions",),
    ("source-data",): ("sources_of_truth",),
    ("provisioning",): ("identities", "roles"),
    ("rule",): ("rules",),
    ("revocation",): ("policy",),
}
"""Sections of the register that do."""


def tell_unread(connection: sqlite3.Connection) -> None:
    """Say with what is asked for which record of it could not be read: mending that may be all that it takes."""
    for points, kinds in KINDS.items():
        for one in unread(connection, *kinds):
            connection.execute(
                f"""UPDATE checks SET need = need || '; ' || ? WHERE verdict = 'no-evidence' AND ask IN ({", ".join("?" * len(points))})
                      AND coalesce(period_to, ?) >= ? AND coalesce(period_from, '') <= ?""",
                (one.said, *points, one.last, one.first, one.last),
            )
    for points, sections in SECTIONS.items():
        if said := unread_register(connection, *sections):
            connection.execute(
                f"""UPDATE checks SET need = need || '; ' || ? WHERE verdict = 'no-evidence'
                      AND ask IN ({", ".join("?" * len(points))}) AND instr(need, ?) = 0""",
                (said, *points, said),
            )


def tell_losses(connection: sqlite3.Connection) -> None:
    """Say with what is asked for that it is at hand, but loses records: who has handed it in cannot know that."""
    for points, evidence in EVIDENCE.items():
        (names,) = connection.execute(
            f"""SELECT group_concat(source, ', ') FROM (
                  SELECT DISTINCT source FROM evidence WHERE source IN (SELECT source FROM losses) AND {evidence} ORDER BY 1)"""
        ).fetchone()
        if names:
            connection.execute(
                f"""UPDATE checks SET need = need || ', whole: what is in evidence of ' || ? || ' lacks records'
                    WHERE verdict = 'no-evidence' AND ask IN ({", ".join("?" * len(points))})""",
                (names, *points),
            )


def losing(connection: sqlite3.Connection) -> set[str]:
    """The sources that lose records."""
    return {source for (source,) in connection.execute("SELECT source FROM temp.losses")}


def tell_what_is_lost(connection: sqlite3.Connection) -> None:
    """Say in the answers that rest on silence which evidence is known to be missing: lost by its source, or unread."""
    tell_losses(connection)
    tell_unread(connection)


STAGE = Stage(
    "lossy-sources",
    reads=(
        "counted",
        "entitlements",
        "entries",
        "event_records",
        "events",
        "evidence",
        "exceptions",
        "grants",
        "holes",
        "lateness",
        "lost",
        "policy",
        "records",
        "requests",
        "sources",
        "spans",
        "unmapped",
        "unread",
    ),
    writes=(
        "losses",
        "telling",
    ),
    completes=("exports",),
    run=lambda work: build_losses(work.connection),
)


WHAT_IS_LOST = Stage(
    "what-is-lost",
    reads=(
        "entries",
        "evidence",
        "losses",
        "records",
        "unread",
        "unread_sections",
    ),
    writes=(),
    completes=("checks",),
    run=lambda work: tell_what_is_lost(work.connection),
)
