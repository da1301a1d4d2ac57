"""One thing of the evidence lost or garbled, and whether anybody is accused who was not with the whole of it.

`python -m benchmarks.damage FOLDER… [--trials 400] [--seed 1] [--workers 2] [--kinds …] [--details]`: each folder is one case of
evidence files, or holds cases as `*/evidence`. Each trial damages one thing of one case, chosen by the seed and the number of
the trial, judges what is left and compares it with the whole, grant by grant:

- *accused*: a grant is wrong access or a control weakness that was none, or its root is a finding that the whole did not make
  of this grant, or with another owner (nobody is not somebody else);
- *moved*: its root is another one, which contributed in the whole;
- *contributing*: a check fails beside a root that stays, and passed or was unsure before;
- *missed*: a grant that was wrong is conforming, and nothing is said to be missing.

*Shown* are trials whose damage stands in the books of the case: a reject, a note, a problem of a file that was not read.
"""

import argparse
import csv
import io
import json
import multiprocessing
import random
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

GARBLED = "\u00a7garbled\u00a7"
"""Stands in the place of what is damaged; no source means anything by it."""

WRONG = ("wrong-access", "control-weakness")
RECORDS = (".json", ".jsonl", ".ndjson", ".csv")
Key = tuple[str, str, str, str]


class Undamaged(Exception):  # noqa: N818
    """There is nothing of that kind to damage in that file."""


@dataclass(frozen=True)
class Grant:
    """How one grant came out."""

    verdict: str
    root: tuple[str, str, str | None] | None
    findings: frozenset[tuple[str, str | None]]
    unsure: bool


@dataclass
class Outcome:
    """What one trial did, and whom it accuses."""

    case: str
    kind: str
    what: str
    shown: bool
    accused: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    contributing: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


# What can be damaged


def records_of(path: Path) -> list[str]:
    """The records of a file as text, in order."""
    if path.suffix not in RECORDS:
        raise Undamaged
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        found = _listed(json.loads(text))
        return [json.dumps(one) for one in found]
    lines = text.splitlines()
    return lines[1:] if path.suffix == ".csv" else lines


def with_records(path: Path, records: list[str]) -> None:
    """The file with these records in the place of its own."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        document = json.loads(text)
        listed = _listed(document)
        listed[:] = [f"{GARBLED}{number}" for number in range(len(records))]
        text = json.dumps(document, indent=1)
        for number, record in enumerate(records):
            text = text.replace(json.dumps(f"{GARBLED}{number}"), record, 1)
        path.write_text(text, "utf-8")
        return
    head = [text.splitlines()[0]] if path.suffix == ".csv" else []
    path.write_text("\n".join([*head, *records]) + "\n", "utf-8")


def _listed(document: Any) -> list[Any]:
    """The list of records in a document."""
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        if lists:
            return max(lists, key=len)
    raise Undamaged


def one_of(rng: random.Random, records: list[str]) -> int:
    """The number of one record."""
    if not records:
        raise Undamaged
    return rng.randrange(len(records))


def drop_file(path: Path, rng: random.Random) -> str:
    """The file is not there."""
    path.unlink()
    return path.name


def cut_file(path: Path, rng: random.Random) -> str:
    """The file breaks off in the middle of a record."""
    data = path.read_bytes()
    if path.suffix == ".json":
        with_records(path, records_of(path))
        data = path.read_bytes()
    if path.suffix not in RECORDS or len(data) < 4:
        raise Undamaged
    at = rng.randrange(len(data) // 4, len(data) - 2)
    path.write_bytes(data[:at])
    return f"{path.name} after byte {at}"


def drop_record(path: Path, rng: random.Random) -> str:
    """One record is not there."""
    records = records_of(path)
    number = one_of(rng, records)
    gone = records.pop(number)
    with_records(path, records)
    return f"{path.name} {number}: {gone[:200]}"


def garble_record(path: Path, rng: random.Random) -> str:
    """One record is no record any more."""
    records = records_of(path)
    number = one_of(rng, records)
    gone = records[number]
    if path.suffix == ".csv":
        records[number] = gone.replace(",", GARBLED, rng.randint(1, 2))
    else:
        at = rng.randrange(1, max(2, len(gone) - 1))
        records[number] = rng.choice(
            [f'"{GARBLED}"', gone[:at] + GARBLED + gone[at + 3 :], gone[:-1] + GARBLED]
        )
    with_records(path, records)
    return f"{path.name} {number}: {gone[:200]}"


def garble_time(path: Path, rng: random.Random) -> str:
    """The time of one record is none."""
    records = records_of(path)
    number = one_of(rng, records)
    gone = records[number]
    if path.suffix == ".csv":
        cells = next(csv.reader([gone]))
        times = [place for place, cell in enumerate(cells) if cell[:2] == "20" and cell[4:5] == "-"]
        if not times:
            raise Undamaged
        cells[rng.choice(times)] = GARBLED
        records[number] = _row(cells)
    else:
        document = json.loads(gone)
        places = [place for place in _leaves(document) if str(place[0][place[1]])[:3] == "202"]
        if not places:
            raise Undamaged
        holder, key = rng.choice(places)
        holder[key] = GARBLED
        records[number] = json.dumps(document)
    with_records(path, records)
    return f"{path.name} {number}: {gone[:200]}"


def garble_value(path: Path, rng: random.Random) -> str:
    """One value of one record is another."""
    records = records_of(path)
    number = one_of(rng, records)
    gone = records[number]
    if path.suffix == ".csv":
        cells = next(csv.reader([gone]))
        at = rng.randrange(len(cells))
        was, cells[at] = cells[at], rng.choice(["", GARBLED])
        records[number] = _row(cells)
    else:
        document = json.loads(gone)
        places = _leaves(document)
        if not places:
            raise Undamaged
        holder, key = rng.choice(places)
        was, holder[key] = f"{key}={holder[key]}", rng.choice([None, GARBLED])
        records[number] = json.dumps(document)
    with_records(path, records)
    return f"{path.name} {number}: {was} in {gone[:120]}"


def _row(cells: list[str]) -> str:
    found = io.StringIO()
    csv.writer(found, lineterminator="").writerow(cells)
    return found.getvalue()


def _leaves(document: Any) -> list[tuple[Any, Any]]:
    """Every value that is neither list nor mapping, as what holds it and under which key."""
    pairs: Iterator[tuple[Any, Any]]
    if isinstance(document, dict):
        pairs = iter(document.items())
    elif isinstance(document, list):
        pairs = iter(enumerate(document))
    else:
        return []
    found: list[tuple[Any, Any]] = []
    for key, value in pairs:
        found += _leaves(value) if isinstance(value, dict | list) else [(document, key)]
    return found


def _register(path: Path) -> dict[str, Any]:
    try:
        found = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Undamaged from None
    if path.suffix not in (".yaml", ".yml") or not isinstance(found, dict):
        raise Undamaged
    for holder, key in _leaves(found):
        if holder[key] in ("null", "~", ""):
            holder[key] = None
    return found


def _entries(register: dict[str, Any], only: tuple[str, ...] = ()) -> list[tuple[Any, Any, str]]:
    """Every entry: what holds it, under which key, and what it is called."""
    found: list[tuple[Any, Any, str]] = []
    for section, held in register.items():
        if (only and section not in only) or not held:
            continue
        keys = list(held) if isinstance(held, dict) else list(range(len(held)))
        found += [(held, key, f"{section} {held[key] if isinstance(held, list) else key}") for key in keys]
    return found


def _one_entry(
    path: Path, rng: random.Random, only: tuple[str, ...] = ()
) -> tuple[dict[str, Any], Any, Any, str]:
    register = _register(path)
    entries = _entries(register, only)
    if not entries:
        raise Undamaged
    sections = sorted({what.split(" ")[0] for *_, what in entries})
    section = rng.choice(sections)
    return register, *rng.choice([entry for entry in entries if entry[2].split(" ")[0] == section])


def _written(path: Path, register: dict[str, Any]) -> None:
    path.write_text(
        yaml.safe_dump({key: value for key, value in register.items() if value}, sort_keys=False), "utf-8"
    )


def drop_entry(path: Path, rng: random.Random) -> str:
    """One entry of the register is not there."""
    register, held, key, what = _one_entry(path, rng)
    del held[key]
    _written(path, register)
    return f"{path.name}: {what[:200]}"


def drop_key(path: Path, rng: random.Random) -> str:
    """One limit of the policy, or what is the source of truth of one attribute, is not there."""
    register, held, key, what = _one_entry(path, rng, ("policy", "sources_of_truth"))
    del held[key]
    _written(path, register)
    return f"{path.name}: {what[:200]}"


def garble_entry(path: Path, rng: random.Random) -> str:
    """One entry of the register is none any more, so that the file cannot be read."""
    register, held, key, what = _one_entry(path, rng)
    if isinstance(held[key], dict):
        held[key][GARBLED] = GARBLED
    elif isinstance(held, dict):
        held[f"{key}{GARBLED}"] = held.pop(key)
    else:
        held[key] = GARBLED
    _written(path, register)
    return f"{path.name}: {what[:200]}"


def garble_entry_value(path: Path, rng: random.Random) -> str:
    """One value of one entry of the register is another."""
    register, held, key, what = _one_entry(path, rng)
    places = _leaves(held[key]) or [(held, key)]
    holder, name = rng.choice(places)
    was, holder[name] = holder[name], GARBLED
    _written(path, register)
    return f"{path.name}: {name}={was} in {what[:160]}"


KINDS: dict[str, Callable[[Path, random.Random], str]] = {
    "drop-file": drop_file,
    "cut-file": cut_file,
    "drop-record": drop_record,
    "garble-record": garble_record,
    "garble-time": garble_time,
    "garble-value": garble_value,
    "drop-entry": drop_entry,
    "drop-key": drop_key,
    "garble-entry": garble_entry,
    "garble-entry-value": garble_entry_value,
}


def damage(folder: Path, kind: str, rng: random.Random) -> str:
    """Damage one file below the folder, and say what was done."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rng.shuffle(files)
    for path in files:
        try:
            return f"{path.parent.name}/{KINDS[kind](path, rng)}"
        except (Undamaged, ValueError, LookupError, StopIteration):
            continue
    raise Undamaged


# How it is judged and compared


def judged(evidence: Path, folder: Path) -> tuple[dict[Key, Grant], bool]:
    """How every grant comes out, and whether the books of the case hold any reject, note or problem."""
    summary = ingest(folder / "case.db", [str(evidence)], workers=0)
    connection = open_case(folder / "case.db")
    judge(connection)
    findings: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for grant, mode, owner in connection.execute("SELECT grant_id, mode, owner FROM findings"):
        findings[grant].add((mode, owner))
    unsure = {
        grant for (grant,) in connection.execute("SELECT grant_id FROM checks WHERE verdict = 'no-evidence'")
    }
    found: dict[Key, Grant] = {}
    for row in connection.execute(
        """SELECT g.id, a.name AS account, e.system, e.name AS entitlement, g.first_sign_at AS at, g.verdict, f.class, f.mode, f.owner
           FROM grants g JOIN accounts a ON a.id = g.account_id JOIN entitlements e ON e.id = g.entitlement_id
           LEFT JOIN findings f ON f.id = g.root_finding_id ORDER BY g.id"""
    ):
        root = (row["class"], row["mode"], row["owner"]) if row["mode"] else None
        key = (row["account"], row["system"], row["entitlement"], row["at"])
        found[key] = Grant(row["verdict"], root, frozenset(findings[row["id"]]), row["id"] in unsure)
    (noted,) = connection.execute(
        "SELECT count(*) FROM evidence WHERE rejected > 0 OR source IS NULL OR note IS NOT NULL"
    ).fetchone()
    connection.close()
    return found, bool(noted or summary.problems)


def compared(whole: dict[Key, Grant], left: dict[Key, Grant], outcome: Outcome) -> None:
    """Note in the outcome whom what is left accuses, and the whole did not."""
    beside: dict[tuple[str, ...], list[Grant]] = defaultdict(list)
    for key, grant in whole.items():
        beside[key[:3]].append(grant)
    for key, now in left.items():
        before = [whole[key]] if key in whole else beside[key[:3]]
        name = " ".join(key)
        roots = {one.root for one in before if one.verdict in WRONG}
        told = {finding for one in before for finding in one.findings}
        modes = {mode for mode, _ in told}
        if now.verdict in WRONG and now.root and now.root not in roots:
            _, mode, owner = now.root
            said = f"{name}: {sorted(map(str, roots)) or 'nobody'} -> {now.verdict} {now.root}"
            same = bool(roots) and ((mode, owner) in told or (owner is None and mode in modes))
            (outcome.moved if same else outcome.accused).append(said)
        elif now.verdict in WRONG and (more := {mode for mode, _ in now.findings} - modes):
            outcome.contributing.append(f"{name}: {', '.join(sorted(more))}")
        elif now.verdict == "conforming" and not now.unsure and key in whole and roots:
            outcome.missed.append(f"{name}: {sorted(map(str, roots))}")


WHOLE: dict[Path, tuple[dict[Key, Grant], bool]] = {}


def trial(task: tuple[Path, str, int]) -> Outcome | None:
    """One trial; None where the case has nothing of that kind."""
    evidence, kind, number = task
    rng = random.Random(f"{evidence.parent.name} {kind} {number}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if evidence not in WHOLE:
            WHOLE[evidence] = judged(evidence, folder)
            (folder / "case.db").unlink()
        # The damaged copy stands beside the name of the whole, so that paths are alike.
        copy = Path(shutil.copytree(evidence, folder / "evidence"))
        try:
            what = damage(copy, kind, rng)
        except Undamaged:
            return None
        left, shown = judged(copy, folder)
    whole, shown_before = WHOLE[evidence]
    outcome = Outcome(evidence.parent.name, kind, what, shown and not shown_before)
    compared(whole, left, outcome)
    return outcome


def cases(folders: list[Path]) -> list[Path]:
    """The folders of evidence."""
    return [one for folder in folders for one in (sorted(folder.glob("*/evidence")) or [folder])]


def main() -> None:
    """Run the trials, print a table by kind of damage and every accusation."""
    parser = argparse.ArgumentParser(description="accusations by damaged evidence")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--details", action="store_true", help="also contributing and missed")
    asked = parser.parse_args()
    of = cases(asked.folders)
    pairs = [(case, kind) for case in of for kind in asked.kinds]
    random.Random(asked.seed).shuffle(pairs)
    tasks = [(*pairs[number % len(pairs)], asked.seed * 1_000_000 + number) for number in range(asked.trials)]
    tasks.sort(key=lambda task: str(task[0]))
    with multiprocessing.get_context("spawn").Pool(asked.workers) as pool:
        outcomes = [one for one in pool.imap(trial, tasks, chunksize=20) if one is not None]
    report(outcomes, details=asked.details)


def report(outcomes: list[Outcome], *, details: bool) -> None:
    """Print the table, then every accusation."""
    print(
        "| damage | trials | shown | accused, shown | accused, not shown | moved | contributing | missed |\n|---|--:|--:|--:|--:|--:|--:|--:|"
    )
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for one in outcomes:
        for name in (one.kind, "all"):
            rows[name].update(
                {
                    "trials": 1,
                    "shown": int(one.shown),
                    "accused, shown": int(bool(one.accused) and one.shown),
                    "accused, not shown": int(bool(one.accused) and not one.shown),
                    "moved": int(bool(one.moved)),
                    "contributing": int(bool(one.contributing)),
                    "missed": int(bool(one.missed)),
                }
            )
    for name in [*(kind for kind in KINDS if kind in rows), "all"]:
        row = rows[name]
        columns = (
            "trials",
            "shown",
            "accused, shown",
            "accused, not shown",
            "moved",
            "contributing",
            "missed",
        )
        print(f"| {name} | {' | '.join(str(row[column]) for column in columns)} |")
    for one in sorted(outcomes, key=lambda one: (one.kind, not one.shown, one.case, one.what)):
        told = [("ACCUSED", one.accused)] + (
            [("moved", one.moved), ("contributing", one.contributing), ("missed", one.missed)]
            if details
            else []
        )
        for word, names in told:
            for name in names:
                print(
                    f"\n{word} {one.kind}{' (shown)' if one.shown else ''} {one.case} {one.what}\n    {name}"
                )


if __name__ == "__main__":
    main()
