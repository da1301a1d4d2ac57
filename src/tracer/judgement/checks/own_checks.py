"""Running an organisation's own checks: their SQL is not ours, so what it may do and what it answers is looked at."""

import sqlite3

from tracer.judgement.checks.catalogue import CheckError
from tracer.judgement.checks.files import VERDICTS, Check

READS = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


def answer_own(connection: sqlite3.Connection, check: Check, sql: str) -> None:
    """Run the check into the temporary table `answers`; it may read whatever the case holds, and change nothing.

    Raises CheckError where it does not run or does not answer as a check does.
    """
    try:
        connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in READS else sqlite3.SQLITE_DENY
        )
        try:
            connection.execute(f"EXPLAIN SELECT * FROM (\n{sql}\n)")
        finally:
            connection.set_authorizer(None)
        connection.execute("DROP TABLE IF EXISTS temp.answers")
        connection.execute(f"CREATE TEMP TABLE answers AS SELECT * FROM (\n{sql}\n)")
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise CheckError(f"the check {check.mode} does not run: {error}", todo="mend its SQL") from error
    told = [row["name"] for row in connection.execute("PRAGMA temp.table_info(answers)")]
    if missing := [name for name in ("grant_id", "verdict", "because") if name not in told]:
        raise CheckError(f"the check {check.mode} does not select {', '.join(missing)}")
    twice = connection.execute(
        "SELECT grant_id FROM answers GROUP BY grant_id HAVING count(DISTINCT verdict) > 1 ORDER BY 1 LIMIT 1"
    ).fetchone()
    if twice is not None:
        raise CheckError(
            f"the check {check.mode} gives grant {twice['grant_id']!r} several verdicts",
            todo="let it select one row of each grant",
        )
    places = ", ".join("?" * len(VERDICTS))
    unreadable = "NOT json_valid(records)" if "records" in told else "0"
    wrong = connection.execute(
        f"""SELECT verdict, grant_id FROM answers WHERE verdict IS NULL OR verdict NOT IN ({places})
            OR because IS NULL OR grant_id IS NULL OR grant_id NOT IN (SELECT id FROM grants) OR {unreadable} LIMIT 1""",
        VERDICTS,
    ).fetchone()
    if wrong is not None:
        raise CheckError(
            f"the check {check.mode} says {wrong['verdict']!r} of grant {wrong['grant_id']!r}",
            todo=f"a verdict is one of {', '.join(VERDICTS)}, of a grant of the case, with a sentence why; records are a JSON array",
        )
    # Where it answers twice for a grant, its first answer stands.
    connection.execute(
        "DELETE FROM answers WHERE rowid NOT IN (SELECT min(rowid) FROM answers GROUP BY grant_id)"
    )
