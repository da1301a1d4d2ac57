"""The same records in other files: split, merged, packed, renamed, reordered, overlapping."""

import gzip
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from tests.transform.documents import Document, Record, files, kind, read, write


def _add_system(path: Path, document: Document) -> None:
    """Source data names its system in the file's stem; written into the rows it survives another name."""
    if document.format == "csv" and "worker_id" in document.frame and "system" not in document.frame:
        document.frame = [*document.frame, "system"]
        for row in document.records:
            row["system"] = path.name.split(".")[0]


def _documents(folder: Path) -> list[tuple[Path, Document]]:
    found = [(path, read(path)) for path in files(folder)]
    for path, document in found:
        _add_system(path, document)
    return found


def _part(document: Document, records: list[Record]) -> Document:
    return replace(document, records=records)


def _time(record: Record) -> str:
    """When a ticket was opened; no other record needs an order before it is split."""
    fields = record.get("fields")
    return str((fields if isinstance(fields, dict) else record).get("created", record.get("opened_at", "")))


def split(folder: Path) -> None:
    """Every file in two, one record in both, so that two ticket exports still cover one unbroken time."""
    for path, document in _documents(folder):
        if document.format == "yaml":
            for number, (section, content) in enumerate(document.frame.items()):
                write(
                    path.with_name(f"{path.stem}-{number}.yaml"), replace(document, frame={section: content})
                )
            path.unlink()
        elif len(document.records) > 1:
            ordered = (
                sorted(document.records, key=_time)
                if document.key in ("issues", "result")
                else document.records
            )
            middle = len(ordered) // 2
            suffix = "".join(path.suffixes) if document.format != "csv" else ".csv"
            write(path, _part(document, ordered[: middle + 1]))
            write(
                path.with_name(f"{path.name.split('.')[0]}-rest{suffix}"), _part(document, ordered[middle:])
            )


def merge(folder: Path) -> None:
    """All files of a kind in one, records that stood in two standing there once."""
    groups: dict[str, list[tuple[Path, Document]]] = defaultdict(list)
    for path, document in _documents(folder):
        groups[kind(document)].append((path, document))
    for name, group in groups.items():
        first_path, first = group[0]
        for path, _ in group[1:]:
            path.unlink()
        if name == "yaml":
            for _, other in group[1:]:
                for section, content in other.frame.items():
                    if isinstance(content, list):
                        first.frame[section] = first.frame.get(section, []) + content
                    else:
                        first.frame.setdefault(section, {}).update(content)
        else:
            together: list[Record] = []
            seen: set[str] = set()
            for _, document in group:
                for record in document.records:
                    if (text := repr(record)) not in seen:
                        seen.add(text)
                        together.append(record)
            first.records = together
        write(first_path, first)


def pack(folder: Path) -> None:
    """Every file gzipped."""
    for path in files(folder):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()


def move(folder: Path) -> None:
    """Every file under a name that says nothing, all in one folder, in another order."""
    found = _documents(folder)
    random.Random(7).shuffle(found)
    for number, (path, document) in enumerate(found):
        write(path, document)
        path.rename(folder / f"{number:03d}{path.suffix}")


def _row_key(record: Record) -> str:
    if "worker_id" in record and "attribute" in record:
        return repr(
            [record.get(key) for key in ("worker_id", "email", "attribute", "effective_at", "system")]
        )
    return repr(record)


def reorder(folder: Path) -> None:
    """Records in another order; rows of source data that correct each other keep theirs."""
    for path, document in _documents(folder):
        if document.format == "yaml":
            for content in document.frame.values():
                if isinstance(content, list):
                    content.reverse()
        else:
            places: dict[str, list[int]] = defaultdict(list)
            shuffled = list(document.records)
            random.Random(len(shuffled)).shuffle(shuffled)
            for place, record in enumerate(shuffled):
                places[_row_key(record)].append(place)
            ordered = list(shuffled)
            for record in document.records:
                ordered[places[_row_key(record)].pop(0)] = record
            document.records = ordered
        write(path, document)


def overlap(folder: Path) -> None:
    """Every second record also in a second export."""
    for path, document in _documents(folder):
        if document.format != "yaml" and len(document.records) > 1:
            suffix = path.suffix
            write(path.with_name(f"{path.stem}-again{suffix}"), _part(document, document.records[::2]))
            write(path, document)
