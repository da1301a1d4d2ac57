"""Running the checks, each in one statement over all grants, and what they need of each other.

Fills `checks` and, for what did not pass, `check_records`; a check that passed rests on the records of its grant.
A check runs after what its header names; what it needs of the others stands in temporary tables: `limits` (the durations
of the policy in seconds), `failing` (all that is known of every check that fails), `wrong_since` (per grant that is
wrong), and `seats` of owners. No row in `checks` means: does not apply to this grant.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator

from tracer.case.stage import Stage
from tracer.case.times import duration
from tracer.judgement.checks.catalogue import Catalogue, catalogue_of
from tracer.judgement.checks.files import Check
from tracer.judgement.checks.modes import modes
from tracer.judgement.checks.own_checks import answer_own

OF_MISSING = ("need", "ask", "period_from", "period_to")
OF_FAILURE = ("since", "before_grant", "failed_at", "person", "shared", "system", "attribute")
TOLD_OF = (
    dict.fromkeys(OF_MISSING, "missing")
    | dict.fromkeys(OF_FAILURE, "failure")
    | dict.fromkeys(("record_id", "records"), "rest")
)
"""Columns of `checks`, and the column of `telling` that says of which verdicts they say something."""
WEAK_ALONE = "rotation-overdue"
"""A credential that is only old is a weakness of the rotation, not wrong access."""


def run_checks(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Run the checks that ask nothing of the others, then those that ask since when a grant is wrong."""
    for name in ("failing", "places", "seats", "telling"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("CREATE TEMP TABLE places (mode PRIMARY KEY, first, last)")
    # Few checks fail, and what comes after asks about those alone: in a table of their own it need not look for them.
    connection.execute(
        f"""CREATE TEMP TABLE failing (grant_id, mode, because, record_id, {", ".join(OF_FAILURE)},
              PRIMARY KEY (grant_id, mode)) WITHOUT ROWID"""
    )
    # Looked up once per answer: a verdict is a long expression, which would be worked out for each column that asks for it.
    connection.execute(
        "CREATE TEMP TABLE telling (of_verdict PRIMARY KEY, missing, failure, rest) WITHOUT ROWID"
    )
    connection.execute(
        "INSERT INTO telling VALUES ('no-evidence', 1, NULL, 1), ('fail', NULL, 1, 1), ('not-applicable', NULL, NULL, 1)"
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
    """Write each answer once, straight into `checks`; what did not pass, one in ten, is then read from there."""
    query = check.sql.rstrip().rstrip(";")
    if check.mode not in modes():
        answer_own(connection, check, query)
        query = "SELECT * FROM answers"
    told = {column for column, *_ in connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 0").description}
    (first,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM checks").fetchone()
    connection.execute(
        f"""INSERT INTO checks (grant_id, mode, verdict, because, {", ".join(TOLD_OF)})
            SELECT grant_id, :mode, verdict, because, {", ".join(_rest(told))}
            FROM (\n{query}\n) LEFT JOIN telling t ON t.of_verdict = verdict""",
        {"mode": check.mode},
    )
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM checks").fetchone()
    place = {"mode": check.mode, "first": first, "last": last}
    connection.execute("INSERT INTO places VALUES (:mode, :first, :last)", place)
    failure = ", ".join(("grant_id", "mode", "because", "record_id", *OF_FAILURE))
    connection.execute(
        f"""INSERT OR IGNORE INTO failing ({failure})
            SELECT {failure} FROM checks WHERE id BETWEEN :first AND :last AND verdict = 'fail'""",
        place,
    )


def _rest(told: set[str]) -> Iterator[str]:
    """What a check says beyond its verdict, where the verdict asks for it: of the others SQLite then works out nothing."""
    for name, asked in TOLD_OF.items():
        yield f"CASE WHEN t.{asked} THEN {name} END" if name in told else "NULL"


def build_check_records(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Fill `check_records`, once the answers are indexed: few of them have not passed."""
    connection.executemany(
        """INSERT OR IGNORE INTO check_records
           SELECT k.id, j.value FROM checks k, json_each(json_insert(coalesce(k.records, '[]'), '$[#]', k.record_id)) j
           WHERE k.mode = ? AND k.verdict IN ('fail', 'no-evidence', 'not-applicable') AND j.value IS NOT NULL""",
        [(mode,) for mode in catalogue.checks],
    )


def _yield(connection: sqlite3.Connection, catalogue: Catalogue, after: str) -> None:
    """Where a mode that answers in a check's stead fails, the check does not apply; only what this stage ran is new."""
    ran = {check.mode for check in catalogue.checks.values() if check.after == after}
    pairs = [(mode.id, other) for mode in catalogue.modes.values() for other in mode.yields_to]
    pairs = [(mode, other) for mode, other in pairs if mode in ran or other in ran]
    failed = {mode for (mode,) in connection.execute("SELECT DISTINCT mode FROM failing")}
    nothing = ", ".join(f"{name} = NULL" for name in (*OF_MISSING, *OF_FAILURE))
    pairs = [(mode, other) for mode, other in pairs if other in failed]
    for mode, other in pairs:
        connection.execute(
            f"""UPDATE checks SET verdict = 'not-applicable', because = :other || ' answers in its stead', {nothing}
                WHERE id BETWEEN (SELECT first FROM places WHERE mode = :mode) AND (SELECT last FROM places WHERE mode = :mode)
                  AND verdict IN ('fail', 'no-evidence') AND grant_id IN (SELECT grant_id FROM failing WHERE mode = :other)""",
            {"mode": mode, "other": other},
        )
    connection.executemany(
        "DELETE FROM failing WHERE mode = ? AND grant_id IN (SELECT grant_id FROM failing WHERE mode = ?)",
        pairs,
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


STAGE = Stage(
    "checks",
    reads=(
        "absences",
        "accounts",
        "approvals",
        "changes",
        "circumstances",
        "compromises",
        "conflicts",
        "decision_inputs",
        "differences",
        "entitlements",
        "evaluations",
        "events",
        "exceptions",
        "exceptions_at_hand",
        "facts",
        "grants",
        "identities",
        "idle",
        "lapsed_changes",
        "lapses",
        "memberships",
        "meta",
        "perhaps_one",
        "perhaps_ruled",
        "policy",
        "reaches",
        "removals",
        "renewals",
        "reproductions",
        "requests",
        "reviews_due",
        "roles",
        "rotations",
        "rules",
        "systems_with_uses",
        "time_bounds",
        "unread",
        "unread_approvals",
        "unread_changes",
        "unread_sections",
        "unsettled_changes",
        "upheld",
        "verified",
    ),
    writes=(
        "checks",
        "failing",
        "places",
        "wrong_since",
    ),
    completes=("telling",),
    run=lambda work: run_checks(work.connection, work.once(catalogue_of)),
)


CHECK_RECORDS = Stage(
    "check-records",
    reads=(
        "checks",
        "meta",
    ),
    writes=("check_records",),
    run=lambda work: build_check_records(work.connection, work.once(catalogue_of)),
)
