"""The cells of a CSV that pages give: none is run as a formula, none moves a cursor."""

import csv
import io
import re

from tracer.show.spreadsheet import FORMULA
from tracer.show.text import visible_lines

LARGEST = 2**31 - 1
"""Characters of a cell that Python's reader takes; its own limit is below that of a record, and what is read here is ours."""

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)


def safe_csv(rows: str) -> str:
    """Whole rows of CSV, with a quotation mark before what a spreadsheet would calculate, and codes for what would act."""
    usual = csv.field_size_limit(LARGEST)
    try:
        found = list(csv.reader(io.StringIO(rows, newline="")))
    finally:
        csv.field_size_limit(usual)
    text = io.StringIO()
    csv.writer(text).writerows([_cell(cell) for cell in row] for row in found)
    return text.getvalue()


def _cell(cell: str) -> str:
    shown = visible_lines(cell)
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) and not NUMBER.fullmatch(shown) else shown
