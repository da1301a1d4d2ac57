"""Is each non-human identity still needed, still monitored, still removable?

Each question has parts, each part an answer with its evidence. A question is answered no if a part is, unknown if a
part is, and yes only if all are. Missing evidence gives unknown, never no; a part that nothing asks for is left out.
"""

import json
import sqlite3
from typing import Any

from tracer.case.functions import add_functions
from tracer.questions.canned import canned
from tracer.questions.lineage_of import evidence_of

QUESTIONS = ("needed", "monitored", "removable")
WORST_FIRST = ("no", "unknown", "yes")


def assurance(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """One row per service account, workload, API key, AI agent and vendor: those with a no first, then unknown.

    `needed`, `monitored` and `removable` hold `answer` and `parts` (part, answer, because, evidence). Everything is as
    of `as_of`, the last record in evidence (UTC), never the clock. An empty list: no such identity is known.
    """
    add_functions(connection)
    found: dict[str, dict[str, Any]] = {}
    for row in connection.execute(canned()["assurance"].sql):
        one = found.setdefault(
            row["identity"],
            {name: row[name] for name in ("identity", "kind", "owner", "purpose", "as_of")}
            | {question: {"answer": "unknown", "parts": []} for question in QUESTIONS},
        )
        records = [record for record in json.loads(row["records"] or "[]") if record]
        one[row["question"]]["parts"].append(
            {name: row[name] for name in ("part", "answer", "because")}
            | {"evidence": _evidence(connection, records)}
        )
    for one in found.values():
        for question in QUESTIONS:
            answers = [part["answer"] for part in one[question]["parts"]]
            one[question]["answer"] = next((word for word in WORST_FIRST if word in answers), "unknown")
    return sorted(found.values(), key=_badness)


def _evidence(connection: sqlite3.Connection, records: list[str]) -> list[dict[str, Any]]:
    """Where these records stand; a counted use is named by file and ordinal, and has no hash where it was not kept."""
    found = evidence_of(connection, [record for record in records if ":" not in record])
    for file, _, ordinal in (record.partition(":") for record in records if ":" in record):
        row = connection.execute(
            """SELECT v.path AS file, ? AS ordinal, r.sha256 FROM evidence v
               LEFT JOIN records r ON r.evidence_id = v.id AND r.ordinal = ? WHERE v.id = ?""",
            (int(ordinal), int(ordinal), file),
        ).fetchone()
        found += [dict(row)] if row else []
    return found


def _badness(one: dict[str, Any]) -> tuple[int, int, str]:
    answers = [one[question]["answer"] for question in QUESTIONS]
    return -answers.count("no"), -answers.count("unknown"), one["identity"]
