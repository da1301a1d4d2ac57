"""Changing the one deciding fact: the edits of a flip, see README.md."""

from pathlib import Path
from typing import Any

from tests.transform.documents import Document, Record, files, read, text_of, write, write_text


class StaleFlipError(AssertionError):
    """An edit that changes nothing."""


def _at(record: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(record, list):
            record = record[int(part)] if part.isdigit() and int(part) < len(record) else None
        elif isinstance(record, dict) and path in record:
            return record[path]
        else:
            record = record.get(part) if isinstance(record, dict) else None
    return record


def _put(record: Any, path: str, value: Any) -> None:
    if isinstance(record, dict) and path in record:
        record[path] = value
        return
    head, _, rest = path.partition(".")
    place: Any = int(head) if isinstance(record, list) else head
    if rest:
        _put(record[place], rest, value)
    else:
        record[place] = value


def _matches(record: Record, where: dict[str, Any]) -> bool:
    return all(
        (_at(record, path) in (None, "")) if value is None else str(_at(record, path)) == str(value)
        for path, value in where.items()
    )


def _lists(document: Document) -> list[list[Record]]:
    if document.format != "yaml":
        return [document.records]
    return [
        section if isinstance(section, list) else [section] for section in document.frame.values() if section
    ]


def _add(document: Document, record: Record, section: str | None) -> None:
    if document.format == "yaml":
        document.frame.setdefault(section, []).append(record)
    else:
        document.records.append(record)


def _edit_records(path: Path, edit: dict[str, Any]) -> bool:
    document = read(path)
    changed = False
    if "add" in edit:
        _add(document, edit["add"], edit.get("section"))
        changed = True
    for records in _lists(document) if "where" in edit else []:
        hits = [record for record in records if _matches(record, edit["where"])]
        if edit.get("drop"):
            changed = changed or bool(hits)
            records[:] = [record for record in records if not _matches(record, edit["where"])]
            continue
        for record in hits:
            for place, value in edit["set"].items():
                changed = changed or _at(record, place) != value
                _put(record, place, value)
    if changed:
        write(path, document)
    return changed


def apply_edit(evidence: Path, edit: dict[str, Any]) -> None:
    """Makes one edit in every file that its glob matches.

    Raises StaleFlipError where no file changes.
    """
    matched = [path for path in files(evidence) if path.relative_to(evidence).match(edit["file"])]
    changed = False
    for path in matched:
        if "replace" in edit:
            text = text_of(path)
            write_text(path, text.replace(edit["replace"], edit["with"]))
            changed = changed or edit["replace"] in text
        elif "where" in edit or "add" in edit:
            changed = _edit_records(path, edit) or changed
        elif edit.get("drop"):
            path.unlink()
            changed = True
    if not changed:
        raise StaleFlipError(f"this edit changes nothing: {edit}")
