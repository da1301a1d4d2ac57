"""Whether each decision stands on the facts as known now: what the checks of source data ask, where no fault of theirs is found.

Reads `evaluations` and `differences`; makes the temporary table `upheld`: of every grant whose decision holds on the
inputs that it used, the verdict ('pass' or 'no-evidence') and why.
"""

import sqlite3

from tracer.case.stage import Stage


def build_upheld(connection: sqlite3.Connection) -> None:
    """Prepare `upheld`. An attribute without a value leaves the question open, unless the value entered later is known."""
    connection.execute("DROP TABLE IF EXISTS temp.upheld")
    connection.execute(
        "CREATE TEMP TABLE upheld (grant_id PRIMARY KEY, verdict, because) WITHOUT ROWID",
    )
    connection.execute(
        """WITH known AS (
             SELECT n.grant_id, n.result, n.reason, n.values_used, n.blank IS NOT NULL AND EXISTS (
               SELECT 1 FROM json_each(n.blank) b WHERE b.value NOT IN (
                 SELECT x.attribute FROM differences x
                 WHERE x.grant_id = n.grant_id AND x.mode = 'missing-attribute' AND x.now_value IS NOT NULL)) AS open_blank
             FROM evaluations u
             JOIN evaluations n ON n.grant_id = u.grant_id AND n.subject = 'decision' AND n.reading = 'known-now'
             WHERE u.subject = 'decision' AND u.reading = 'used' AND u.result = 1)
           INSERT INTO upheld
           SELECT grant_id, CASE WHEN result IS NULL OR open_blank = 1 THEN 'no-evidence' ELSE 'pass' END,
             CASE WHEN result IS NULL THEN 'the decision cannot be evaluated on source data: ' || coalesce(reason, 'unknown')
                  WHEN open_blank = 1 THEN 'source data holds no value for what decides: ' || values_used
                  ELSE 'the decision stands on the facts as known now: ' || values_used END
           FROM known ORDER BY grant_id"""
    )


STAGE = Stage(
    "decision-holds",
    reads=(
        "differences",
        "evaluations",
    ),
    writes=("upheld",),
    run=lambda work: build_upheld(work.connection),
)
