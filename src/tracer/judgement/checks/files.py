"""The checks: one SQL file per failure mode, each set-wise over all grants.

A check file begins with `-- key: value` lines: `id`, `class`, `control_point`, `part`, `owner` (whom it falls to),
`question` and `frameworks`, which say what the table of failure modes says of it (a test holds them equal; the table
alone is read), `evidence` (what it needs), and `after` where it asks what others found (`wrong-since`: since when the
grant is wrong; `seats`: who owned the controls that failed). Then it selects
`grant_id, verdict, because` and what else it knows of `need, ask, period_from, period_to, failed_at, since,
before_grant, person, shared, system, attribute, record_id, records` (the record that it rests on, and a JSON array of the
others). A grant that it does not return is one to which it does not apply.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tracer.judgement.checks.modes import modes

VERDICTS = ("pass", "fail", "no-evidence", "not-applicable")
STAGES = ("", "wrong-since", "seats")
"""When a check runs, as its `after` says."""


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


def header(text: str) -> dict[str, str]:
    """The `-- key: value` lines at the top of a check file."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        key, colon, value = line.removeprefix("--").partition(":")
        if colon:
            found[key.strip()] = value.strip()
    return found


def parse(text: str) -> Check:
    """A check from the text of its file."""
    said = header(text)
    return Check(said["id"], said.get("evidence", ""), said.get("after", ""), text)


def unchecked() -> list[str]:
    """Failure modes for which no check is built yet; they are never read as passed."""
    return [mode for mode in modes() if mode not in checks()]
