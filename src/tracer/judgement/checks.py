"""Running the checks: one SQL file per failure mode, each set-wise over all grants.

A check file begins with `-- key: value` lines (`mode`, `evidence`, and `after: wrong-since` where it asks what the
others found) and selects `grant_id, verdict, because` and what else it knows of `need, ask, period_from, period_to,
failed_at, since, before_grant, person, system, attribute, records`. A grant that it does not return is one to which it
does not apply.
"""

import json
import sqlite3
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tracer.case.ids import content_id
from tracer.judgement.modes import modes

VERDICTS = ("pass", "fail", "no-evidence", "not-applicable")


@dataclass(frozen=True)
class Check:
    """One check file."""

    mode: str
    evidence: str
    after: str
    sql: str


@cache
def checks() -> dict[str, Check]:
    """All checks that are built, by mode, in the order of the table of failure modes."""
    folder = files("tracer.judgement") / "checks"
    found = {}
    for entry in folder.iterdir():
        if entry.name.endswith(".sql"):
            check = parse(entry.read_text(encoding="utf-8"))
            found[check.mode] = check
    return {mode: found[mode] for mode in modes() if mode in found}


def parse(text: str) -> Check:
    """A check from the text of its file."""
    header = {}
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        key, _, value = line.removeprefix("--").partition(":")
        header[key.strip()] = value.strip()
    return Check(header["mode"], header.get("evidence", ""), header.get("after", ""), text)


def unchecked() -> list[str]:
    """Failure modes for which no check is built yet; they are never read as passed."""
    return [mode for mode in modes() if mode not in checks()]


def run_checks(connection: sqlite3.Connection) -> None:
    """Fill `checks` and `check_records`, and the temporary tables `check_times` and `wrong_since`."""
    connection.execute("DROP TABLE IF EXISTS temp.check_times")
    connection.execute("CREATE TEMP TABLE check_times (check_id PRIMARY KEY, since, before_grant)")
    for check in checks().values():
        if not check.after:
            _run(connection, check)
    _yield(connection)
    _wrong_since(connection)
    for check in checks().values():
        if check.after:
            _run(connection, check)
    _yield(connection)
    _wrong_since(connection)


def _run(connection: sqlite3.Connection, check: Check) -> None:
    known = _columns(connection)
    told: set[str] = set()
    for row in connection.execute(check.sql).fetchall():
        values: dict[str, Any] = dict(row)
        grant = values["grant_id"]
        if values["verdict"] not in VERDICTS or grant in told:
            continue
        told.add(grant)
        records = [r for r in json.loads(values.pop("records", None) or "[]") if r]
        since, before = values.pop("since", None), values.pop("before_grant", None)
        if values["verdict"] != "no-evidence":
            for name in ("need", "ask", "period_from", "period_to"):
                values.pop(name, None)
        if values["verdict"] != "fail":
            for name in ("failed_at", "person", "system", "attribute"):
                values.pop(name, None)
        values |= {
            "id": content_id("check", grant, check.mode),
            "mode": check.mode,
            "record_id": records[0] if records else None,
        }
        kept = {name: value for name, value in values.items() if name in known}
        connection.execute(
            f"INSERT INTO checks ({', '.join(kept)}) VALUES ({', '.join('?' * len(kept))})",
            list(kept.values()),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO check_records VALUES (?, ?)",
            [(values["id"], record) for record in records],
        )
        connection.execute("INSERT INTO check_times VALUES (?, ?, ?)", (values["id"], since, before))
    rest = connection.execute("SELECT id FROM grants").fetchall()
    connection.executemany(
        "INSERT INTO checks (id, grant_id, mode, verdict, because) VALUES (?, ?, ?, 'not-applicable', ?)",
        [
            (
                content_id("check", row["id"], check.mode),
                row["id"],
                check.mode,
                "does not apply to this grant",
            )
            for row in rest
            if row["id"] not in told
        ],
    )


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {row["name"] for row in connection.execute("PRAGMA table_info(checks)")}


def _yield(connection: sqlite3.Connection) -> None:
    """Where a mode that answers in a check's stead fails, the check does not apply."""
    failed = {
        (row["grant_id"], row["mode"])
        for row in connection.execute("SELECT grant_id, mode FROM checks WHERE verdict = 'fail'")
    }
    for mode in modes().values():
        for other in mode.yields_to:
            connection.executemany(
                """UPDATE checks SET verdict = 'not-applicable', because = ?, need = NULL, ask = NULL
                   WHERE grant_id = ? AND mode = ? AND verdict IN ('fail', 'no-evidence')""",
                [
                    (f"{other} answers in its stead", grant, mode.id)
                    for grant, failing in failed
                    if failing == other
                ],
            )


WEAK_ALONE = "rotation-overdue"
"""The one mode with a place in the root order that by itself is a control weakness and makes no access wrong."""


def rank(mode: str, before_grant: bool) -> str | None:
    """Its place in the root order; a mode with two places takes the first where it made the access wrong from the start."""
    ranks = modes()[mode].ranks
    if not ranks:
        return None
    return ranks[0] if len(ranks) == 1 or before_grant else ranks[-1]


def _wrong_since(connection: sqlite3.Connection) -> None:
    """Since when each grant is wrong: from the grant on, or from what should have ended it."""
    connection.execute("DROP TABLE IF EXISTS temp.wrong_since")
    connection.execute("CREATE TEMP TABLE wrong_since (grant_id PRIMARY KEY, wrong_since)")
    found: dict[str, str] = {}
    for row in connection.execute(
        """SELECT k.grant_id, k.mode, g.first_sign_at, t.since, t.before_grant FROM checks k
           JOIN grants g ON g.id = k.grant_id JOIN check_times t ON t.check_id = k.id
           WHERE k.verdict = 'fail' AND k.mode <> ?""",
        (WEAK_ALONE,),
    ):
        place = rank(row["mode"], bool(row["before_grant"]))
        since = None if place is None else row["since"] if place.startswith("4") else row["first_sign_at"]
        if since is not None:
            found[row["grant_id"]] = min(since, found.get(row["grant_id"], since))
    for row in connection.execute(
        """SELECT h.grant_id, h.since FROM changes h JOIN circumstances c ON c.grant_id = h.grant_id
           WHERE h.expression = 'rule-version' AND h.since < c.held_until"""
    ):
        found[row["grant_id"]] = min(row["since"], found.get(row["grant_id"], row["since"]))
    connection.executemany("INSERT INTO wrong_since VALUES (?, ?)", sorted(found.items()))
