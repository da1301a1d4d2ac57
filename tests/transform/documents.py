"""Evidence files as lists of records, whatever their format, so that one edit fits them all."""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Record = dict[str, Any]
WRAPPERS = ("Records", "issues", "result")


class _Loader(yaml.SafeLoader):
    """YAML whose dates stay the text they are."""


class _Dumper(yaml.SafeDumper):
    """YAML that writes such text without quotes again."""


for _class in (_Loader, _Dumper):
    _class.yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass
class Document:
    """One file: its format (csv, jsonl, json, yaml), its records, and what stands around them.

    `frame` is the header of a CSV, the object around a wrapped array (`key` its member) or None. A YAML file has
    no records of its own but sections in `frame`.
    """

    format: str
    records: list[Record]
    frame: Any = None
    key: str | None = None


def text_of(path: Path) -> str:
    """The text of a file, gunzipped where it is packed."""
    data = path.read_bytes()
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()


def write_text(path: Path, text: str) -> None:
    """Writes the text, packed where the name or what stood there before says so."""
    packed = path.suffix == ".gz" or (path.exists() and path.read_bytes()[:2] == b"\x1f\x8b")
    path.write_bytes(gzip.compress(text.encode(), mtime=0) if packed else text.encode())


def parse(text: str, name: str) -> Document:
    """The document that a text is; the name helps only where the content leaves it open (YAML, CSV)."""
    stem = name.removesuffix(".gz")
    if stem.endswith((".yaml", ".yml")):
        return Document("yaml", [], yaml.load(text, _Loader))
    if stem.endswith(".csv"):
        reader = csv.DictReader(io.StringIO(text))
        rows: list[Record] = list(reader)
        return Document("csv", rows, list(reader.fieldnames or []))
    try:
        data = json.loads(text)
    except ValueError:
        return Document("jsonl", [json.loads(line) for line in text.splitlines() if line.strip()])
    if isinstance(data, list):
        return Document("json", data)
    for key in WRAPPERS:
        if isinstance(data.get(key), list):
            return Document("json", data[key], data, key)
    return Document("jsonl", [data])


def render(document: Document) -> str:
    """The text of a document."""
    if document.format == "yaml":
        return yaml.dump(document.frame, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    if document.format == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, document.frame, lineterminator="\n")
        writer.writeheader()
        writer.writerows(document.records)
        return out.getvalue()
    if document.format == "jsonl":
        return "".join(
            json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"
            for record in document.records
        )
    if document.key is None:
        return json.dumps(document.records, indent=1, ensure_ascii=False)
    return json.dumps({**document.frame, document.key: document.records}, indent=1, ensure_ascii=False)


def read(path: Path) -> Document:
    """The document in a file."""
    return parse(text_of(path), path.name)


def write(path: Path, document: Document) -> None:
    """Writes a document to a file."""
    write_text(path, render(document))


def files(folder: Path) -> list[Path]:
    """Every file of a folder, sorted by path."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def kind(document: Document) -> str:
    """Which files may be put together: those whose kind is equal."""
    if document.format == "yaml":
        return "yaml"
    if document.format == "csv":
        return "csv:" + ",".join(document.frame)
    first = document.records[0] if document.records else {}
    if document.key == "issues":
        return "jira"
    if document.key == "result":
        return "servicenow:" + ("approver" if "sysapproval" in first else "item")
    mark = next((key for key in ("eventSource", "_document_id", "action", "eventType") if key in first), "?")
    return f"{document.format}:{document.key}:{mark}"
