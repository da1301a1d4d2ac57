"""What could not be read, as our own books say: rejected records, files that break off, registers that are none.

What such a record would have told is not known, so that nothing is proven by its absence: of its source for the time between
the files before and after its own, and of the register for the sections that its file holds. A file that was lost before it
was known for anything may be of every source that lies beside it. It is made good by a file that holds all that the other
one did and was read whole, by one of the same path, or of a register by one that supersedes it.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tracer.case.spans import Span, joined
from tracer.evidence.register_keys import SECTIONS

EVER, FOREVER = "", "9999"
"""Before and after all times."""

REGISTER = (*SECTIONS, "policy", "tickets")


class Unread(NamedTuple):
    """A file of which records could not be read: of what, within which time these were made, and in words."""

    evidence_id: str
    source: str
    kind: str
    first: str
    last: str
    said: str


def build_unread(connection: sqlite3.Connection) -> None:
    """Fill the temporary tables `unread` (one row per file and source that it may be of), `unread_sections` (of the register, each with those files in words)
    and `unread_snapshots` (systems and times at which not all that was held could be read).
    """
    for name in ("unread", "unread_sections", "unread_snapshots"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute(
        """CREATE TEMP TABLE unread (evidence_id, source, kind, first_at, last_at, said,
             PRIMARY KEY (evidence_id, source)) WITHOUT ROWID"""
    )
    connection.execute("CREATE TEMP TABLE unread_sections (section PRIMARY KEY, said) WITHOUT ROWID")
    files = connection.execute(
        """SELECT id, path, source, kind, records, kept, rejected, first_at, last_at FROM evidence
           WHERE rejected > 0 ORDER BY path, id"""
    ).fetchall()
    lost = [file for file in files if not _made_good(connection, file)]
    found = [_unread(connection, file) for file in lost if file["source"] is not None]
    if unknown := [file for file in lost if file["source"] is None]:
        found += _unknown(connection, unknown)
    connection.executemany("INSERT INTO unread VALUES (?, ?, ?, ?, ?, ?)", found)
    sections: dict[str, list[str]] = defaultdict(list)
    for one in found:
        if one.kind == "register":
            for section in _sections(connection, one):
                sections[section].append(one.said)
    connection.executemany(
        "INSERT INTO unread_sections VALUES (?, ?)",
        ((section, "; ".join(told)) for section, told in sorted(sections.items())),
    )
    connection.execute(
        "CREATE TEMP TABLE unread_snapshots (system, as_of, PRIMARY KEY (system, as_of)) WITHOUT ROWID"
    )
    connection.execute(
        """INSERT OR IGNORE INTO unread_snapshots SELECT fold(h.system), h.as_of FROM unread n
           JOIN records r ON r.evidence_id = n.evidence_id JOIN holdings h ON h.record_id = r.id"""
    )


def unread(connection: sqlite3.Connection, *kinds: str) -> list[Unread]:
    """The files of these kinds of evidence of which records could not be read."""
    rows = connection.execute("SELECT * FROM temp.unread ORDER BY source, first_at, evidence_id")
    return [one for one in map(Unread._make, rows) if one.kind in kinds]


def unread_spans(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """Source -> the times in which its records that could not be read were made, in order."""
    found: dict[str, list[Span]] = defaultdict(list)
    for source, first, last in connection.execute("SELECT source, first_at, last_at FROM temp.unread"):
        found[source].append((first, last))
    return {source: joined(spans) for source, spans in found.items()}


def lacks_section(connection: sqlite3.Connection, section: str) -> bool:
    """Whether entries of this section of the register could not be read."""
    row = connection.execute("SELECT 1 FROM temp.unread_sections WHERE section = ?", (section,)).fetchone()
    return row is not None


def unread_register(connection: sqlite3.Connection, *sections: str) -> str | None:
    """What of these sections of the register could not be read, in words; None where all was."""
    rows = connection.execute("SELECT section, said FROM temp.unread_sections ORDER BY section")
    return "; ".join(dict.fromkeys(said for section, said in rows if section in sections)) or None


def _unread(connection: sqlite3.Connection, file: sqlite3.Row) -> Unread:
    first, last = connection.execute(
        """SELECT coalesce((SELECT max(last_at) FROM evidence WHERE source = :source AND last_at < :first), :ever),
                  coalesce((SELECT min(first_at) FROM evidence WHERE source = :source AND first_at > :last), :forever)""",
        {
            "source": file["source"],
            "first": file["first_at"],
            "last": file["last_at"],
            "ever": EVER,
            "forever": FOREVER,
        },
    ).fetchone()
    return Unread(file["id"], file["source"], file["kind"], first, last, _said(connection, file))


def _unknown(connection: sqlite3.Connection, files: list[sqlite3.Row]) -> Iterator[Unread]:
    """What files that were lost before they were known for anything may be, at any time: what lies beside them.

    That is what has the same ending in the same folder, else in any; where nothing has, everything but the register.
    """
    known = connection.execute(
        "SELECT path, source, kind FROM evidence WHERE source IS NOT NULL ORDER BY path, id"
    ).fetchall()
    for file in files:
        folder, ending = _place(file["path"], file["path"])
        beside: list[set[tuple[str, str]]] = [set(), set(), set()]
        for path, source, kind in known:
            own_folder, own_ending = _place(path, file["path"])
            if own_ending == ending:
                beside[0 if own_folder == folder else 1].add((source, kind))
            if kind != "register":
                beside[2].add((source, kind))
        for source, kind in sorted(next(filter(None, beside), set())):
            yield Unread(file["id"], source, kind, EVER, FOREVER, _said(connection, file))


def _place(path: str, like: str) -> tuple[str, str]:
    """The folder of a file and the ending of its name; of what lies in an archive those of the archive, if `like` is not in one."""
    outer = "!".join(path.split("!")[: like.count("!") + 1]).replace("\\", "/")
    folder, _, name = outer.replace("!", "/").rpartition("/")
    return folder, name.rpartition(".")[2].casefold() if "." in name else ""


def _said(connection: sqlite3.Connection, file: sqlite3.Row) -> str:
    """Which record could not be read, and what to do."""
    ordinal, reason = connection.execute(
        "SELECT ordinal, reason FROM rejects WHERE evidence_id = ? ORDER BY ordinal LIMIT 1", (file["id"],)
    ).fetchone()
    name = file["path"].replace("\\", "/").rsplit("/", 1)[-1]
    if file["kind"] == "register" and not file["kept"]:
        return f"{name} could not be read ({reason}): correct it and hand it in again"
    if file["source"] is None:
        return f"{name} could not be read ({reason}): mend it or hand it in again"
    more = f" and {file['rejected'] - 1} more" if file["rejected"] > 1 else ""
    return f"record {ordinal + 1}{more} of {name} could not be read ({reason}): mend it or hand it in again"


def _made_good(connection: sqlite3.Connection, file: sqlite3.Row) -> bool:
    """Whether another file tells what this one would have told."""
    return (
        connection.execute(
            """SELECT 1 FROM evidence g WHERE g.id <> :id AND g.rejected = 0 AND (g.source = :source OR :source IS NULL AND g.source IS NOT NULL) AND (
                 g.path = :path
                 OR g.id IN (SELECT s.evidence_id FROM supersedes s JOIN evidence f ON f.sha256 = s.sha256 WHERE f.id = :id)
                 OR :kept > 0 AND g.records >= :records AND NOT EXISTS (
                   SELECT 1 FROM records r WHERE r.evidence_id = :id
                     AND r.sha256 NOT IN (SELECT sha256 FROM records WHERE evidence_id = g.id))) LIMIT 1""",
            {name: file[name] for name in ("id", "source", "path", "kept", "records")},
        ).fetchone()
        is not None
    )


def _sections(connection: sqlite3.Connection, one: Unread) -> list[str]:
    """The sections of the register that a file holds, as far as that can be told from it: else all."""
    if one.source != "register":
        return ["exceptions"]
    raws = connection.execute("SELECT raw FROM rejects WHERE evidence_id = ?", (one.evidence_id,)).fetchall()
    told = (raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw or "" for (raw,) in raws)
    text = "\n".join(told)
    named = [name for name in REGISTER if re.search(rf"^[{{\s]*[\"']?{name}[\"']?\s*:", text, re.MULTILINE)]
    return named or list(REGISTER)
