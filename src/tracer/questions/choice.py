"""Which of the grants at hand is meant: by system, by entitlement, by time."""

import sqlite3

from tracer.case.globs import matches
from tracer.errors import CaseError
from tracer.questions.names import MOST_NAMED, ambiguous, is_glob


def begin(row: sqlite3.Row) -> tuple[str, str]:
    """When a grant began, to sort by; one whose beginning no log holds comes first."""
    return row["first_sign_at"], row["id"]


def of_system(rows: list[sqlite3.Row], system: str | None) -> list[sqlite3.Row]:
    """The grants in that system (None: any). Raises CaseError where there is none."""
    kept = [row for row in rows if system is None or row["system"].casefold() == system.casefold()]
    if not kept:
        held = ", ".join(sorted({row["system"] for row in rows}))
        raise CaseError(f"nothing was granted in system {system!r}", todo=f"granted was something in {held}")
    return kept


def of_entitlement(
    rows: list[sqlite3.Row], name: str, entitlement: str, aliased: frozenset[tuple[str, str]] = frozenset()
) -> list[sqlite3.Row]:
    """The grants of the one entitlement of that name, of which it is another name, a part or a glob.

    `aliased`: system (case-folded) and name of what has it as another name.

    Raises UsageError where several have it, CaseError where `name` was granted none.
    """
    wanted = entitlement.casefold()
    chosen = [row for row in rows if row["entitlement"].casefold() == wanted]
    chosen = chosen or [row for row in rows if (row["system"].casefold(), row["entitlement"]) in aliased]
    if is_glob(wanted):
        chosen = chosen or [row for row in rows if matches(wanted, row["entitlement"])]
    chosen = chosen or [row for row in rows if wanted in row["entitlement"].casefold()]
    if not chosen:
        names = sorted({row["entitlement"] for row in rows})
        raise CaseError(
            f"{name} was not granted {entitlement!r} in evidence",
            todo=f"granted were {', '.join(names[:MOST_NAMED])}",
        )
    different = sorted({f"{row['entitlement']} in {row['system']}" for row in chosen})
    if len(different) > 1:
        raise ambiguous("entitlement", entitlement, different)
    return chosen


def in_force(rows: list[sqlite3.Row], at: str) -> list[sqlite3.Row]:
    """The grants that were held at that time: from their first instant to, not including, their last.

    Raises CaseError where none was.
    """
    held = [
        row
        for row in rows
        if row["first_sign_at"] <= at and (row["ended_at"] is None or at < row["ended_at"])
    ]
    if not held:
        spans = [
            f"from {row['first_sign_at']} " + (f"to {row['ended_at']}" if row["ended_at"] else "on")
            for row in sorted(rows, key=begin)
        ]
        raise CaseError(f"nothing of that was held at {at}", todo=f"it was {', '.join(spans[:MOST_NAMED])}")
    return held


def latest(rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The grants in force when the latest of them began or last was held: it, and all that overlap with it."""
    still = [row for row in rows if row["ended_at"] is None]
    last = max(still or rows, key=begin)
    began = last["first_sign_at"]
    return still or [row for row in rows if row["id"] == last["id"] or (row["ended_at"] or "") > began]
