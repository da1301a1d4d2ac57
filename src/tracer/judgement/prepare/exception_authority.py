"""Whether who approved the exception behind a grant was allowed to."""

import sqlite3

from tracer.case.stage import Stage
from tracer.completeness.unread import lacks_section
from tracer.judgement.prepare.approvals import authorities, standing
from tracer.judgement.prepare.controls import Controls


def build_exception_authority(connection: sqlite3.Connection) -> None:
    """Whether who approved the exception behind each grant was allowed to: 1 or 0; null where nobody says who may.

    May do it who had authority for the entitlement when the exception was recorded, and the owner of the exception
    control at that time. Where the register lists no authority for the entitlement it sets no limit; where it has no
    control of exceptions to it, who owns that is not known.
    """
    known, controls = authorities(connection), Controls(connection)
    unread = (
        controls.unread or lacks_section(connection, "authorities") or lacks_section(connection, "identities")
    )
    rows = connection.execute(
        """SELECT c.grant_id, c.system, c.entitlement, x.approver_id, coalesce(x.recorded_at, c.granted_at) AS at
           FROM circumstances c JOIN exceptions x ON x.id = c.exception_id WHERE x.approver_id IS NOT NULL"""
    ).fetchall()
    found = []
    for row in rows:
        held, _, _ = standing(known, row["approver_id"], row["system"], row["entitlement"], row["at"])
        seat = controls.seat("exception", row["at"], system=row["system"], entitlement=row["entitlement"])
        owns = (seat.owner or "").casefold() == row["approver_id"].casefold()
        allowed = owns or held in ("own", "delegated")
        unknown = not allowed and (unread or held == "unlisted" or seat.control is None)
        found.append((None if unknown else int(allowed), row["grant_id"]))
    connection.executemany("UPDATE circumstances SET exception_allowed = ? WHERE grant_id = ?", found)


STAGE = Stage(
    "exception-authority",
    reads=(
        "accounts",
        "authorities",
        "control_owners",
        "controls",
        "entitlement_aliases",
        "entitlements",
        "exceptions",
        "identities",
        "reaches",
        "unread_sections",
    ),
    writes=(),
    completes=("circumstances",),
    run=lambda work: build_exception_authority(work.connection),
)
