"""Findings as CSV, one row each, for spreadsheets; no cell of it is ever run as a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from tracer.show.text import safe_text

COLUMNS = (
    "id", "grant", "verdict", "is_root", "class", "mode", "control_point", "part", "control", "owner", "owner_role",
    "owner_basis", "shared_with", "responder", "owner_now", "responsibility", "confidence", "identity", "system",
    "entitlement", "wrong_since", "marked", "because", "evidence",
)  # fmt: skip

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""With what a spreadsheet takes text for a formula; blanks before it do not help (they are stripped on opening)."""


def findings_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """One row per finding in the order given; text whole, times in UTC, evidence as file:ordinal."""
    text = io.StringIO()
    # All in quotes: where a semicolon parts the columns, no text with one begins a cell of its own.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(_value(row, column)) for column in COLUMNS] for row in rows)
    return text.getvalue()


def _value(row: Mapping[str, Any], column: str) -> Any:
    if column == "evidence":
        return " ".join(f"{one['file']}:{one['ordinal']}" for one in row["evidence"])
    if column == "marked":
        return row["dispositions"][0]["disposition"] if row["dispositions"] else None
    if column == "shared_with":
        return " ".join(row["shared_with"])
    value = row[column]
    return str(value).lower() if isinstance(value, bool) else value


def _cell(value: Any) -> str:
    text = safe_text(value, None)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
