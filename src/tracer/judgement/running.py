"""Running the checks, each in one statement over all grants, and what they need of each other.

Fills `checks` and, for what did not pass, `check_records`; of a check that passed `checks.record_id` is the evidence.
A check runs after what its header names; what it needs of the others stands in temporary tables: `limits` (the durations
of the policy in seconds), `failing` (all that is known of every check that fails), `wrong_since` (per grant that is
wrong), and `seats` of owners. No row in `checks` means: does not apply to this grant.
"""

import contextlib
import sqlite3
from collections.abc import Iterable

from tracer.case.times import duration
from tracer.judgement.catalogue import Catalogue, CheckError
from tracer.judgement.checks import VERDICTS, Check
from tracer.judgement.modes import modes

OF_MISSING = ("need", "ask", "period_from", "period_to")
OF_FAILURE = ("failed_at", "person", "shared", "system", "attribute")
WEAK_ALONE = "rotation-overdue"
"""A credential that is only old is a weakness of the rotation, not wrong access."""


def run_checks(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Run the checks that ask nothing of the others, then those that ask since when a grant is wrong."""
    for name in ("failing", "seats"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    # Few checks fail, and what comes after asks about those alone: in a table of their own it need not look for them.
    connection.execute(
        f"""CREATE TEMP TABLE failing (grant_id, mode, since, before_grant, because, {", ".join(OF_FAILURE)}, record_id,
              PRIMARY KEY (grant_id, mode)) WITHOUT ROWID"""
    )
    _limits(connection)
    for after in ("", "wrong-since"):
        run_stage(connection, catalogue, after)
        _wrong_since(connection, catalogue)


def _limits(connection: sqlite3.Connection) -> None:
    """The durations that the policy sets, as `limits`: name, value as it stands there, seconds."""
    connection.execute("DROP TABLE IF EXISTS temp.limits")
    connection.execute("CREATE TEMP TABLE limits (name PRIMARY KEY, value, seconds)")
    for row in connection.execute("SELECT name, value FROM policy WHERE value IS NOT NULL").fetchall():
        with contextlib.suppress(ValueError):
            seconds = duration(row["value"]).total_seconds()
            connection.execute("INSERT INTO limits VALUES (?, ?, ?)", (row["name"], row["value"], seconds))


def run_stage(connection: sqlite3.Connection, catalogue: Catalogue, after: str) -> None:
    """Run the checks of one stage; then those in whose stead another answers are no longer applicable."""
    for check in catalogue.checks.values():
        if check.after == after:
            _run(connection, check)
    _yield(connection, catalogue, after)


def _run(connection: sqlite3.Connection, check: Check) -> None:
    connection.execute("DROP TABLE IF EXISTS temp.answers")
    query = f"CREATE TEMP TABLE answers AS SELECT * FROM (\n{check.sql.rstrip().rstrip(';')}\n)"
    if check.mode in modes():
        connection.execute(query)
    else:
        _run_own(connection, check, query)
    told = {row["name"] for row in connection.execute("PRAGMA temp.table_info(answers)")}

    if "records" in told:
        connection.execute(
            """INSERT OR IGNORE INTO check_records
               SELECT ? || '-' || a.grant_id, r.value FROM answers a, json_each(a.records) r
               WHERE a.verdict <> 'pass' AND r.value IS NOT NULL""",
            (check.mode,),
        )
    (answers,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    if _keep(connection, check.mode, told) < answers:
        # It answered twice for a grant, and its first answer stands.
        connection.execute(
            "DELETE FROM checks WHERE id IN (SELECT ? || '-' || grant_id FROM answers)", (check.mode,)
        )
        connection.execute(
            "DELETE FROM answers WHERE rowid NOT IN (SELECT min(rowid) FROM answers GROUP BY grant_id)"
        )
        _keep(connection, check.mode, told)
    failure = ("since", "before_grant", "because", *OF_FAILURE)
    connection.execute(
        f"""INSERT INTO failing (grant_id, mode, {", ".join(failure)}, record_id)
            SELECT grant_id, ?, {", ".join(_told(failure, told))}, {_first(told)} FROM answers WHERE verdict = 'fail'""",
        (check.mode,),
    )


def _keep(connection: sqlite3.Connection, mode: str, told: set[str]) -> int:
    """Put the answers of a check into `checks`, and say how many are new; one statement for each verdict is the fastest."""
    kept = 0
    for verdict, columns in (("no-evidence", OF_MISSING), ("fail", OF_FAILURE), ("", ())):
        which = "verdict = :verdict" if verdict else "verdict NOT IN ('no-evidence', 'fail')"
        kept += connection.execute(
            f"""INSERT OR IGNORE INTO checks ({", ".join(("id", "grant_id", "mode", "verdict", "because", *columns))}, record_id)
                SELECT :mode || '-' || grant_id, grant_id, :mode, verdict, because, {"".join(f"{one}, " for one in _told(columns, told))}
                  {_first(told)} FROM answers WHERE {which}""",
            {"mode": mode, "verdict": verdict},
        ).rowcount
    return kept


def _told(columns: Iterable[str], told: set[str]) -> list[str]:
    """These columns of `answers`, null where the check does not select them."""
    return [name if name in told else "NULL" for name in columns]


def _first(told: set[str]) -> str:
    """The first record that a check names; nearly always it is the first of all."""
    return FIRST_RECORD if "records" in told else "NULL"


FIRST_RECORD = """coalesce(json_extract(records, '$[0]'),
  (SELECT r.value FROM json_each(records) r WHERE r.value IS NOT NULL LIMIT 1))"""


READS = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


def _run_own(connection: sqlite3.Connection, check: Check, query: str) -> None:
    """Run an organisation's own check: it may read whatever the case holds, and change nothing.

    Raises CheckError where it does not run or does not answer as a check does.
    """
    try:
        connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in READS else sqlite3.SQLITE_DENY
        )
        try:
            connection.execute(f"EXPLAIN SELECT * FROM (\n{check.sql.rstrip().rstrip(';')}\n)")
        finally:
            connection.set_authorizer(None)
        connection.execute(query)
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
    wrong = connection.execute(
        f"""SELECT verdict, grant_id FROM answers WHERE verdict IS NULL OR verdict NOT IN ({places})
            OR because IS NULL OR grant_id IS NULL OR grant_id NOT IN (SELECT id FROM grants) LIMIT 1""",
        VERDICTS,
    ).fetchone()
    if wrong is not None:
        raise CheckError(
            f"the check {check.mode} says {wrong['verdict']!r} of grant {wrong['grant_id']!r}",
            todo=f"a verdict is one of {', '.join(VERDICTS)}, of a grant of the case, with a sentence why",
        )


def _yield(connection: sqlite3.Connection, catalogue: Catalogue, after: str) -> None:
    """Where a mode that answers in a check's stead fails, the check does not apply; only what this stage ran is new."""
    ran = {check.mode for check in catalogue.checks.values() if check.after == after}
    pairs = [(mode.id, other) for mode in catalogue.modes.values() for other in mode.yields_to]
    pairs = [(mode, other) for mode, other in pairs if mode in ran or other in ran]
    others = sorted({other for _, other in pairs})
    connection.execute("DROP TABLE IF EXISTS temp.failed")
    connection.execute(
        "CREATE TEMP TABLE failed (mode, grant_id, PRIMARY KEY (mode, grant_id)) WITHOUT ROWID"
    )
    connection.execute(
        f"INSERT INTO failed SELECT mode, grant_id FROM failing WHERE mode IN ({_list(others)})", others
    )
    for mode, other in pairs:
        connection.execute(
            """UPDATE checks SET verdict = 'not-applicable', because = :other || ' answers in its stead', need = NULL, ask = NULL,
                 period_from = NULL, period_to = NULL, failed_at = NULL, person = NULL, shared = NULL, system = NULL, attribute = NULL
               WHERE id IN (SELECT :mode || '-' || grant_id FROM failed WHERE mode = :other) AND verdict IN ('fail', 'no-evidence')""",
            {"mode": mode, "other": other},
        )
        connection.execute(
            "DELETE FROM failing WHERE (grant_id, mode) IN (SELECT grant_id, :mode FROM failed WHERE mode = :other)",
            {"mode": mode, "other": other},
        )


def _wrong_since(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Since when each grant is wrong: from the grant on, or from what should have ended it."""
    connection.execute("DROP TABLE IF EXISTS temp.wrong_since")
    connection.execute("CREATE TEMP TABLE wrong_since (grant_id PRIMARY KEY, wrong_since)")
    from_start, later = _places(catalogue)
    connection.execute(
        f"""INSERT INTO wrong_since SELECT grant_id, min(since) FROM (
              SELECT k.grant_id, c.granted_at AS since FROM failing k CROSS JOIN circumstances c ON c.grant_id = k.grant_id
                WHERE k.mode || ':' || coalesce(k.before_grant, 0) IN ({_list(from_start)})
              UNION ALL SELECT k.grant_id, k.since FROM failing k
                WHERE k.since IS NOT NULL AND k.mode || ':' || coalesce(k.before_grant, 0) IN ({_list(later)})
              UNION ALL SELECT h.grant_id, h.since FROM changes h JOIN circumstances c ON c.grant_id = h.grant_id
                WHERE h.expression = 'rule-version' AND h.since < c.held_until)
            GROUP BY grant_id""",
        [*from_start, *later],
    )


def _places(catalogue: Catalogue) -> tuple[list[str], list[str]]:
    """`mode:before_grant` of what makes access wrong from the start (rules 1 to 3), and of what does later (4)."""
    ranked = [
        (f"{mode.id}:{before}", place)
        for mode in catalogue.modes.values()
        if mode.id != WEAK_ALONE
        for before in (0, 1)
        if (place := mode.rank(bool(before)))
    ]
    start = [key for key, place in ranked if not place.startswith("4")]
    return start, [key for key, place in ranked if place.startswith("4")]


def _list(values: Iterable[str]) -> str:
    return ", ".join("?" for _ in values)
