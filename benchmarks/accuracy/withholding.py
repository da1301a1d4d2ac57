"""Evidence held back: files, months, sources, single records, stretches of time, parts of the register, or all of one kind."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import yaml
from benchmarks.accuracy.exports.books import JSON_KEYS, File, Record, month, written

SHARES = (0.10, 0.25, 0.50)
WAYS = ("files", "periods", "sources")
"""What is left out as a whole, drawn at random; the register is always handed in."""
INSIDE = ("stretches", "records", "register")
"""What is cut out of files: a stretch of time of each, single records of all but the register, single entries of that.
Not all of it can be known from what is left."""

KINDS: dict[str, Callable[[File], bool]] = {
    "tickets": lambda file: file.source.startswith(("jira", "servicenow")),
    "source data": lambda file: file.source == "hr",
    "reviews": lambda file: file.source == "reviews",
    "our own log": lambda file: file.source == "provisioning",
    "vendors' logs": lambda file: file.source in ("cloudtrail", "okta", "github"),
    "snapshots": lambda file: file.source == "snapshots",
    "exceptions": lambda file: file.source == "exceptions",
    **{
        f"the register's {name}": lambda file, name=name: file.path == f"register/{name}.yaml"  # type: ignore[misc]
        for name in ("controls", "rules", "catalogue", "authorities", "identities", "policy")
    },
}
"""All of a kind, at once."""


def withhold(files: list[File], share: float, way: str, draw: int = 0) -> list[File]:
    """What is left when that share of it is missing."""
    rng = random.Random(f"{draw} {way} {share}")
    if way == "periods":
        return _periods(files, share, rng)
    if way in ("files", "sources"):
        return _whole_files(files, share, rng, way)
    thinned = {"stretches": _stretch, "records": _records, "register": _entries}[way]
    return [thinned(file, share, rng) for file in files]


def without_kind(files: list[File], kind: str) -> list[File]:
    """What is left when all of a kind is missing."""
    return [file for file in files if not KINDS[kind](file)]


def _whole_files(files: list[File], share: float, rng: random.Random, way: str) -> list[File]:
    def key(file: File) -> str:
        return file.path if way == "files" else file.source

    names = sorted({key(file) for file in files if file.source != "register"})
    gone = set(rng.sample(names, round(share * len(names))))
    return [file for file in files if file.source == "register" or key(file) not in gone]


def _periods(files: list[File], share: float, rng: random.Random) -> list[File]:
    """Whole months: the files of each, or its records where a file is of the whole year."""
    several = len({file.month for file in files if file.source == "provisioning"}) > 1
    if several:
        numbers = sorted({str(file.month) for file in files if file.source != "register"})
        gone = set(rng.sample(numbers, round(share * len(numbers))))
        return [file for file in files if file.source == "register" or str(file.month) not in gone]
    months = sorted({month(at) for file in files for at in file.moments})
    missing = set(rng.sample(months, round(share * len(months))))
    return [_kept(file, [month(at) not in missing for at in file.moments]) for file in files]


def _stretch(file: File, share: float, rng: random.Random) -> File:
    """One stretch of time of each file."""
    order = sorted(range(len(file.moments)), key=lambda number: file.moments[number])
    length = round(share * len(order))
    begin = rng.randrange(len(order) - length + 1) if order else 0
    gone = set(order[begin : begin + length])
    return _kept(file, [number not in gone for number in range(len(order))])


def _records(file: File, share: float, rng: random.Random) -> File:
    """Single records, here and there."""
    return _kept(file, [rng.random() >= share for _ in file.moments])


def _entries(file: File, share: float, rng: random.Random) -> File:
    """Single entries of the register's lists."""
    if file.source != "register":
        return file
    held: dict[str, Any] = yaml.safe_load(file.content)
    left = {
        section: [entry for entry in entries if rng.random() >= share]
        if isinstance(entries, list)
        else entries
        for section, entries in held.items()
    }
    return replace(file, content=yaml.safe_dump(left, sort_keys=False).encode())


def _kept(file: File, keep: Sequence[bool]) -> File:
    """The file with these of its records."""
    if all(keep):
        return file
    form = file.path.split(".", 1)[1]
    rows = [row for row, kept in zip(_rows(file, form), keep, strict=True) if kept]
    moments = tuple(at for at, kept in zip(file.moments, keep, strict=True) if kept)
    return replace(file, content=written(file.source, form, rows), moments=moments)


def _rows(file: File, form: str) -> list[Record]:
    """The records of a file as it was written."""
    data = gzip.decompress(file.content) if form == "json.gz" else file.content
    if form == "csv":
        return list(csv.DictReader(io.StringIO(data.decode())))
    if form == "jsonl":
        return [json.loads(line) for line in data.splitlines()]
    held = json.loads(data)
    return list(held[JSON_KEYS[file.source]] if file.source in JSON_KEYS else held)
