"""Who approved what each grant rests on first, and who did besides."""

import sqlite3

from tracer.case.stage import Stage


def build_approvers(connection: sqlite3.Connection) -> None:
    """Who approved each grant first, and who did besides."""
    connection.execute(
        """UPDATE circumstances SET (approver_id, other_approvers) = (
             SELECT o.first, (SELECT json_group_array(name) FROM (SELECT DISTINCT approver_id AS name FROM approvals
               WHERE grant_id = circumstances.grant_id AND approver_id <> o.first ORDER BY 1))
             FROM (SELECT approver_id AS first FROM approvals
               WHERE grant_id = circumstances.grant_id AND approver_id IS NOT NULL ORDER BY at, id LIMIT 1) o)
           WHERE grant_id IN (SELECT grant_id FROM approvals)"""
    )


STAGE = Stage(
    "approvers",
    reads=("approvals",),
    writes=(),
    completes=("circumstances",),
    run=lambda work: build_approvers(work.connection),
)
