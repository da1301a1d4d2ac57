"""From failing checks to findings: the root, what contributed, the owner of each, and the verdict of each grant."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tracer.case.ids import content_id
from tracer.case.stage import Stage
from tracer.judgement.checks.catalogue import Catalogue, catalogue_of
from tracer.judgement.checks.running import WEAK_ALONE
from tracer.judgement.verdicts.confidence import COLUMNS, confidence
from tracer.judgement.verdicts.responsibility import shares


@dataclass
class Judged:
    """A grant with its failing checks, on the way to a verdict."""

    grant_id: str
    failing: list[sqlite3.Row] = field(default_factory=list)
    verdict: str = "control-weakness"
    root: sqlite3.Row | None = None


def build_findings(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Fill `findings` and `finding_records`, and set verdict and root of every grant.

    Twice over the failing checks: how much a control answers for hangs on which other grants are wrong.
    """
    _open_questions(connection, catalogue)
    connection.execute(
        """UPDATE grants SET root_finding_id = NULL, verdict = CASE
             WHEN id IN (SELECT grant_id FROM open_questions) THEN 'undetermined' ELSE 'conforming' END"""
    )
    connection.executemany(
        "UPDATE grants SET verdict = ?, root_finding_id = ? WHERE id = ?",
        (
            (
                one.verdict,
                content_id("finding", one.grant_id, one.root["mode"]) if one.root else None,
                one.grant_id,
            )
            for one in _failing(connection, catalogue)
        ),
    )
    answers_for = shares(connection)
    connection.executemany(
        f"INSERT INTO findings VALUES ({', '.join('?' * 19)})",
        (row for one in _failing(connection, catalogue) for row in _findings(catalogue, one, answers_for)),
    )
    connection.execute(
        """INSERT OR IGNORE INTO finding_records SELECT f.id, r.record_id
           FROM findings f CROSS JOIN checks k ON k.grant_id = f.grant_id AND k.mode = f.mode
             CROSS JOIN check_records r ON r.check_id = k.id"""
    )


def _failing(connection: sqlite3.Connection, catalogue: Catalogue) -> Iterator[Judged]:
    """Every grant of which a check fails, with its verdict and root."""
    rows = connection.execute(
        f"""SELECT k.grant_id, k.mode, k.because, k.failed_at, k.since, k.before_grant, w.wrong_since, {COLUMNS},
                   s.control, s.owner, s.role, s.basis, s.shared, s.responder, s.owner_now,
                   k.grant_id IN (SELECT grant_id FROM open_questions) AS missing,
                   k.grant_id IN (SELECT grant_id FROM reproductions WHERE doubt > 0) AS doubted
            FROM failing k CROSS JOIN seats s ON s.grant_id = k.grant_id AND s.mode = k.mode CROSS JOIN grants g ON g.id = k.grant_id
            LEFT JOIN events v ON v.id = g.event_id LEFT JOIN wrong_since w ON w.grant_id = k.grant_id
            ORDER BY k.grant_id, k.mode"""
    )
    for grant_id, failing in groupby(rows, key=lambda row: row["grant_id"]):
        one = Judged(grant_id, list(failing))
        _decide(one, catalogue)
        yield one


def _decide(one: Judged, catalogue: Catalogue) -> None:
    """The verdict, and the one failing check that is the root.

    What should have ended the access is a root only where the access was wrong by then. A credential that is overdue
    for rotation and nothing else is a weakness, and so is every other check that no access was wrong by.
    """
    ranked = sorted(
        (place, catalogue.modes[check["mode"]].position, check)
        for check in one.failing
        if (place := catalogue.modes[check["mode"]].rank(bool(check["before_grant"])))
        and (not place.startswith("4") or check["since"])
    )
    if any(check["mode"] != WEAK_ALONE for *_, check in ranked):
        one.verdict, one.root = "wrong-access", ranked[0][2]
    else:
        one.root = min(one.failing, key=lambda check: catalogue.modes[check["mode"]].position)


def _open_questions(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """The grants of which missing evidence leaves open if they were right, as `open_questions`.

    That is evidence for what created or approved the access, and for what should have ended it once a change is known:
    a check of reviews asks only about access that is known to have become wrong.
    """
    later = [m for m in catalogue.modes.values() if any(place.startswith("4") for place in m.ranks)]
    after = {check.mode for check in catalogue.checks.values() if check.after == "wrong-since"}
    decisive = [m.id for m in catalogue.modes.values() if m.part in ("created", "approved")]
    decisive += [m.id for m in later if m.id not in after and m.id != WEAK_ALONE]
    once_wrong = [m.id for m in later if m.id in after]
    connection.execute("DROP TABLE IF EXISTS temp.open_questions")
    connection.execute(
        f"""CREATE TEMP TABLE open_questions AS SELECT DISTINCT grant_id FROM checks
            WHERE verdict = 'no-evidence' AND (mode IN ({", ".join("?" * len(decisive))})
              OR mode IN ({", ".join("?" * len(once_wrong))}) AND grant_id IN (SELECT grant_id FROM wrong_since))""",
        [*decisive, *once_wrong],
    )


def _findings(
    catalogue: Catalogue, one: Judged, answers_for: dict[tuple[str, str], float]
) -> Iterator[tuple[Any, ...]]:
    for check in one.failing:
        mode = catalogue.modes[check["mode"]]
        is_root = one.root is check
        since = check["wrong_since"] if one.verdict == "wrong-access" else None
        if one.verdict == "control-weakness" and mode.id == WEAK_ALONE:
            since = check["since"]
        yield (
            content_id("finding", one.grant_id, mode.id),
            one.grant_id,
            mode.klass,
            mode.id,
            mode.control_point,
            mode.part,
            int(is_root),
            check["control"],
            check["owner"],
            check["role"],
            check["basis"],
            check["shared"],
            check["responder"],
            check["owner_now"],
            since,
            check["failed_at"],
            answers_for.get((one.grant_id, mode.id), 1.0),
            confidence(check, mode),
            check["because"],
        )


STAGE = Stage(
    "findings",
    reads=(
        "accounts",
        "check_records",
        "checks",
        "events",
        "failing",
        "meta",
        "reaches",
        "reproductions",
        "seats",
        "wrong_since",
    ),
    writes=(
        "finding_records",
        "findings",
    ),
    completes=("grants",),
    run=lambda work: build_findings(work.connection, work.once(catalogue_of)),
)
