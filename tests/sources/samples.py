"""The golden samples of every source, and what one of them yields."""

import json
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.sources.declarations import FIELDS, declarations

HERE = Path(__file__).parent
GOLDEN = ".events.json"


def folders() -> list[Path]:
    """One folder per source; one that holds tests, of what several sources share, is none."""
    return sorted(
        path
        for path in HERE.iterdir()
        if path.is_dir() and not path.name.startswith(("_", ".")) and not list(path.glob("test_*.py"))
    )


def samples(kind: str) -> list[Path]:
    """All `sample…` or `malformed…` files (or folders: some evidence is one), without their golden files."""
    return [
        path
        for folder in folders()
        for path in sorted(folder.iterdir())
        if path.name.startswith(kind) and not path.name.endswith(GOLDEN)
    ]


def golden(sample: Path) -> Path:
    """The file that says what a sample must yield."""
    return sample.with_name(sample.name + GOLDEN)


def named(sample: Path) -> str | None:
    """The source that must be named for this sample to be read; None where its content tells."""
    one = declarations().get(sample.parent.name)
    return one.name if one is not None and one.named_only else None


def yielded(sample: Path) -> dict[str, Any]:
    """What reading the sample gives, in the shape of its golden file."""
    with tempfile.TemporaryDirectory() as folder:
        summary = ingest(Path(folder) / "case.db", [str(sample)], source=named(sample))
        if summary.problems:
            raise summary.problems[0]
        connection = open_case(Path(folder) / "case.db")
        try:
            return _told(connection)
        finally:
            connection.close()


def _told(connection: sqlite3.Connection) -> dict[str, Any]:
    books = connection.execute(
        "SELECT source, records, kept, counted, skipped, rejected FROM evidence"
    ).fetchone()
    wanted = [name for name in FIELDS if name != "source"]
    events = _rows(
        connection,
        f"SELECT r.ordinal, {', '.join('a.' + name for name in wanted)} FROM acts a JOIN records r ON r.id = a.record_id "
        "ORDER BY r.ordinal, a.seq",
    )
    facts = _rows(
        connection,
        "SELECT r.ordinal, worker_id, email, attribute, value, system, effective_at, recorded_at FROM claims c "
        "JOIN records r ON r.id = c.record_id ORDER BY r.ordinal, c.seq",
    )
    holdings = _rows(
        connection,
        "SELECT r.ordinal, as_of, system, account, entitlement, scope, expires_at FROM holdings h "
        "JOIN records r ON r.id = h.record_id ORDER BY r.ordinal, h.seq",
    )
    uses = _rows(connection, "SELECT account, action, failed FROM counted ORDER BY account, action, failed")
    # What stands in brackets is a library's own wording, which changes with its version.
    rejects = _rows(
        connection,
        "SELECT ordinal, CASE WHEN instr(reason, ' (') THEN substr(reason, 1, instr(reason, ' (') - 1) ELSE reason END AS reason "
        "FROM rejects ORDER BY ordinal",
    )
    entries = _rows(connection, "SELECT section, key, content FROM entries ORDER BY section, key")
    found = {"books": dict(books), "events": events, "facts": facts, "holdings": holdings, "uses": uses}
    found |= {"entries": entries}
    return {name: value for name, value in (found | {"rejects": rejects}).items() if value}


def _rows(connection: sqlite3.Connection, query: str) -> list[dict[str, Any]]:
    return [
        {name: row[name] for name in row.keys() if row[name] is not None}  # noqa: SIM118
        for row in connection.execute(query)
    ]


def write(sample: Path) -> None:
    """Write the golden file of a sample anew; read it before you believe it."""
    text = json.dumps(yielded(sample), indent=1, ensure_ascii=False)
    golden(sample).write_text(text + "\n", encoding="utf-8")
