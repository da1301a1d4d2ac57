"""The checks by which a case is judged: the built-in ones, and an organisation's own from a folder.

An own check is a file `*.sql` like the built-in ones. Its header says what for those stands in the table of failure
modes: `id`, `class`, `control_point`, `part`, `owner` (whom it falls to: in words, or one of the persons that a check
can name, such as `approver`), `question`, `evidence`, and if need be `rank`, `yields_to`, `frameworks`, `after`. The
files are kept in the case by content, so that whoever reads the case later judges it by the same.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from tracer.errors import TracerError
from tracer.judgement.checks.files import STAGES, Check, checks, header, parse
from tracer.judgement.checks.modes import Mode, mode_of, modes

NEEDED = ("id", "class", "control_point", "part", "owner", "question", "evidence")
OPTIONAL = ("rank", "yields_to", "frameworks", "after")
PARTS = ("created", "approved", "failed-to-stop")


class CheckError(TracerError):
    """A check file of the organisation's own that does not say what it must, or does not run."""


@dataclass(frozen=True)
class Catalogue:
    """Failure modes in the order of the table, own ones behind it, and the check of each that has one."""

    modes: dict[str, Mode]
    checks: dict[str, Check]


def read_own_checks(folder: Path) -> dict[str, str]:
    """The check files of a folder, name -> text, in order of names; empty where there are none.

    Raises CheckError where the folder is none or a file is no check.
    """
    if not folder.is_dir():
        raise CheckError("no such folder of checks", where=str(folder), todo="name a folder with *.sql files")
    found = {}
    for path in sorted(folder.glob("*.sql")):
        try:
            found[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise CheckError("not UTF-8 text", where=str(path)) from None
    catalogue(found)
    return found


def catalogue(own: dict[str, str]) -> Catalogue:
    """The built-in modes and checks with these own check files.

    Raises CheckError where a header lacks a key, holds an unknown one or a value that the model does not know.
    """
    all_modes, all_checks = dict(modes()), dict(checks())
    for name, text in own.items():
        mode = _own_mode(name, header(text), len(all_modes))
        if mode.id in all_modes:
            raise CheckError(f"the id {mode.id} is taken", where=name, todo="give the check another id")
        all_modes[mode.id] = mode
        all_checks[mode.id] = parse(text)
    return Catalogue(all_modes, all_checks)


def _own_mode(name: str, said: dict[str, str], position: int) -> Mode:
    missing = [key for key in NEEDED if not said.get(key)]
    unknown = [key for key in said if key not in NEEDED + OPTIONAL]
    if missing or unknown:
        what = f"the header lacks {', '.join(missing)}" if missing else f"unknown key {', '.join(unknown)}"
        raise CheckError(what, where=name, todo=f"a header says {', '.join(NEEDED)}")
    points = {mode.control_point for mode in modes().values()}
    for key, known in (
        ("class", ("source-data", "decision", "execution")),
        ("part", PARTS),
        ("control_point", tuple(sorted(points))),
        ("after", STAGES),
    ):
        if said.get(key, "") not in known and not (key == "after" and key not in said):
            raise CheckError(f"{key} {said[key]!r} is none of {', '.join(filter(None, known))}", where=name)
    return mode_of({**said, "default_owner": said["owner"]}, position)


def keep_own_checks(connection: sqlite3.Connection, own: dict[str, str]) -> None:
    """Make these the own checks of the case, from its next judging on; none takes them away."""
    connection.execute("DELETE FROM meta WHERE name = 'own_checks'")
    if own:
        connection.execute(
            "INSERT INTO meta (name, value) VALUES ('own_checks', ?)", (json.dumps(own, sort_keys=True),)
        )


def catalogue_of(connection: sqlite3.Connection) -> Catalogue:
    """The modes and checks by which this case is judged."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'own_checks'").fetchone()
    return catalogue(json.loads(row[0]) if row else {})
