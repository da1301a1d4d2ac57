"""The same evidence in other words and other files: none of this may change a verdict."""

import gzip
import json
import random
import re
from collections.abc import Callable
from dataclasses import replace

from benchmarks.accuracy.exports.books import File
from benchmarks.accuracy.people import FIRST, LAST
from tests.transform.times import rezone

Retelling = Callable[[list[File], random.Random], list[File]]
TICKETS = ("jira", "servicenow-items", "servicenow-approvals", "exceptions")
SUFFIX = re.compile(r"(\.\w+(?:\.gz)?)$")


def _content(file: File) -> str:
    return (gzip.decompress(file.content) if file.path.endswith(".gz") else file.content).decode()


def _with(file: File, text: str) -> File:
    data = text.encode()
    return replace(file, content=gzip.compress(data, mtime=0) if file.path.endswith(".gz") else data)


def reordered(files: list[File], rng: random.Random) -> list[File]:
    """Files under other names, so that they are read in another order."""
    names = [f"{number:04d}" for number in range(len(files))]
    rng.shuffle(names)
    return [
        replace(file, path=f"{name}/{file.path.rsplit('/', 1)[-1]}")
        for file, name in zip(files, names, strict=True)
    ]


def rezoned(files: list[File], rng: random.Random) -> list[File]:
    """Times told with other offsets wherever the format has one."""
    del rng
    return [_with(file, rezone(_content(file))) for file in files]


def handed_in_twice(files: list[File], rng: random.Random) -> list[File]:
    """Some files again under another name, and packed."""
    again = [file for file in files if file.source != "register" and rng.random() < 0.3]
    return files + [
        replace(file, path=f"again/{file.path}.gz", content=gzip.compress(file.content, mtime=0))
        for file in again
        if not file.path.endswith(".gz")
    ]


def in_two(files: list[File], rng: random.Random) -> list[File]:
    """Every file cut in two between two records; of tickets and exceptions the record at the cut stands in both, for each
    file covers its own first to last.
    """
    found = []
    for file in files:
        parts = _halves(_content(file), file, rng) if file.source != "register" else []
        found += [
            _with(replace(file, path=SUFFIX.sub(rf"-{number}\1", file.path)), part)
            for number, part in enumerate(parts)
        ]
        if not parts:
            found.append(file)
    return found


def _halves(text: str, file: File, rng: random.Random) -> list[str]:
    name = file.path.removesuffix(".gz")
    if name.endswith(".csv"):
        head, *rows = text.splitlines(keepends=True)
        cut = _cut(len(rows), rng)
        both = file.source in TICKETS
        return [head + "".join(rows[: cut + both]), head + "".join(rows[cut:])] if cut else []
    if name.endswith(".jsonl"):
        lines = text.splitlines(keepends=True)
        cut = _cut(len(lines), rng)
        return ["".join(lines[:cut]), "".join(lines[cut:])] if cut else []
    held = json.loads(text)
    key = next(iter(held)) if isinstance(held, dict) else None
    records = held[key] if key else held
    cut = _cut(len(records), rng)
    if not cut:
        return []
    parts = [records[: cut + (file.source in TICKETS)], records[cut:]]
    return [json.dumps({key: part} if key else part) for part in parts]


def _cut(length: int, rng: random.Random) -> int:
    return rng.randrange(1, length) if length > 1 else 0


def under_other_names(files: list[File], rng: random.Random) -> list[File]:
    """Every person under another name, in all systems at once; sorted otherwise than before."""
    del rng
    return [_with(file, renamed(_content(file))) for file in files]


def renamed(text: str) -> str:
    """`ada.abel@` becomes `leba.ada@` and the like, whether written with a dot or a hyphen; worker ids likewise."""
    text = WORKER.sub(lambda m: f"{m[1]}{99_999 - int(m[2])}", text)
    return STEM.sub(lambda m: f"{m[3][::-1]}{m[2]}{m[1][::-1]}{m[4]}", text)


STEM = re.compile(rf"\b({'|'.join(FIRST)})([.-])({'|'.join(LAST)})(\d*)(?![a-z])")
WORKER = re.compile(r"\b(W-)(\d{5})\b")


def beside_others(files: list[File], rng: random.Random) -> list[File]:
    """Grants of a system that nobody asked about, to people who are nowhere else."""
    lines = [
        {"at": f"2026-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}T08:00:00Z", "action": "grant", "system": "lounge",
         "account": f"guest{number}", "entitlement": "coffee", "executor": "barista"}
        for number in range(30)
    ]  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    return [*files, File("provisioning", 0, "lounge/log.jsonl", text.encode())]
