"""ConductorOne Baton's `.c1z`: a zstd-compressed SQLite file with the users, entitlements and grants of each sync.

https://github.com/ConductorOne/baton-sdk (pkg/dotc1z, proto/c1/connector/v2). A user and a grant are records; each has
the end of its sync as the moment at which it was so. Its raw text is the row with its message as hexadecimal digits.
"""

import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece
from tracer.limits import Limit
from tracer.sources.characters import text
from tracer.sources.declarations import Declaration

MAGIC, LATER = b"C1ZF\x00", b"C1Z3\x00"
LARGEST = Limit(
    4 << 30,
    "bytes",
    bounds="what a `.c1z` file unpacks to",
    why="a hundred thousand accounts with ten million grants stay below it",
    beyond="what came before is read, and a reject says so",
)
LONGEST = Limit(
    16 << 20,
    "bytes",
    bounds="one value, and one row, in a `.c1z` file",
    why="a message describes one resource, entitlement or grant, in some kilobytes",
    beyond="reading ends there, what came before is kept, and a reject says so",
)
MOST_STEPS = Limit(
    40_000_000,
    "hundred steps",
    bounds="what SQLite does to read a `.c1z` file",
    why="a row takes some dozens of steps, so that a hundred million rows stay below it",
    beyond="reading ends there, what came before is kept, and a reject says so",
)
TABLES = ("v1_sync_runs", "v1_resources", "v1_entitlements", "v1_grants")
STATUS = {1: "enabled", 2: "disabled", 3: "deleted"}
KIND = {1: "human", 2: "service-account", 3: "workload"}
USER_TRAIT = b"c1.connector.v2.UserTrait"

ROWS = """
SELECT {columns}, t.data, s.ended_at AS as_of, s.sync_id FROM {table} t JOIN v1_sync_runs s ON s.sync_id = t.sync_id
WHERE s.ended_at IS NOT NULL ORDER BY s.ended_at, s.sync_id, t.id
"""


def looks(content: Content) -> bool:
    """Whether it begins as such a file does."""
    return content.head.startswith((MAGIC, LATER))


def called(content: Content) -> str | None:
    """What the file is called."""
    return "sync file of baton (.c1z)" if looks(content) else None


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The users and then the grants of every finished sync, the oldest sync first."""
    del declaration
    if content.head.startswith(LATER):
        yield Piece(
            0,
            0,
            content.head[:5],
            "this is version 3 of the format, which holds no SQLite (baton can convert it)",
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sync.db"
        problem = _unpacked(content, path)
        number = 0
        try:
            for raw, value, why in _rows(path, Path(content.path.split("!")[-1]).name.split(".")[0]):
                yield Piece(number, 0, raw, why, value)
                number += 1
        except (sqlite3.Error, ValueError, OverflowError, MemoryError) as error:
            problem = problem or f"the file holds no sync that can be read, or none any more ({error})"
        if problem:
            yield Piece(number, 0, content.head[:5], problem[:300])


def _unpacked(content: Content, path: Path) -> str | None:
    """Write what is inside; says where it broke off."""
    import zstandard

    written = 0
    with content.open() as stream, path.open("wb") as target:
        stream.read(len(MAGIC))
        try:
            with zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True) as inside:
                while chunk := inside.read(1 << 20):
                    written += len(chunk)
                    if written > LARGEST:
                        return "it would grow beyond the limit"
                    target.write(chunk)
        except zstandard.ZstdError as error:
            return f"the zstd data is broken ({error})"
    return None


def _opened(path: Path) -> sqlite3.Connection:
    """The file, of which nothing but its tables is believed. Raises ValueError where one of them is no table."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        connection.row_factory = sqlite3.Row
        connection.text_factory = text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, int(LONGEST))
        for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {setting}")
        steps = iter(range(MOST_STEPS))
        connection.set_progress_handler(lambda: next(steps, None) is None, 100)
        marks = ", ".join("?" * len(TABLES))
        for row in connection.execute(
            f"SELECT name, type, sql FROM sqlite_schema WHERE lower(name) IN ({marks}) AND type IN ('table', 'view')",
            TABLES,
        ):
            if row["type"] != "table" or not PLAIN_TABLE.match(row["sql"] or ""):
                raise ValueError(f"{row['name']} is no plain table")
    except BaseException:
        connection.close()
        raise
    return connection


PLAIN_TABLE = re.compile(r"\s*CREATE\s+TABLE\b", re.IGNORECASE)
"""A table that holds what it says, and no virtual one."""

Found = tuple[bytes, dict[str, Any] | None, str | None]
"""A row's text, and what it says, or why it cannot be read."""


def _rows(path: Path, stem: str) -> Iterator[Found]:
    connection = _opened(path)
    try:
        users = {}
        for row in connection.execute(_select("v1_resources", "resource_type_id", "external_id")):
            try:
                said = _resource(row)
            except BROKEN as error:
                yield _raw(row), None, f"the resource cannot be read ({error})"
                continue
            users[row["sync_id"], row["external_id"]] = said
            if said["user"]:
                yield _raw(row), {"kind": "user", "system": stem, "as_of": row["as_of"], **said}, None
        names = {}
        for row in connection.execute(
            _select("v1_entitlements", "resource_type_id", "resource_id", "external_id")
        ):
            try:
                message = fields(row["data"])
            except BROKEN as error:
                yield _raw(row), None, f"the entitlement cannot be read ({error})"
                continue
            what = _resource_name(users, row)
            names[row["sync_id"], row["external_id"]] = (
                f"{what}:{_text(message, 8) or _text(message, 3) or row['external_id']}"
            )
        columns = ("entitlement_id", "principal_resource_type_id", "principal_resource_id", "external_id")
        for row in connection.execute(_select("v1_grants", *columns)):
            who = users.get(
                (row["sync_id"], f"{row['principal_resource_type_id']}:{row['principal_resource_id']}"), {}
            )
            yield (
                _raw(row),
                {
                    "kind": "grant",
                    "system": stem,
                    "as_of": row["as_of"],
                    "account": who.get("account") or row["principal_resource_id"],
                    "entitlement": names.get((row["sync_id"], row["entitlement_id"]))
                    or row["entitlement_id"],
                },
                None,
            )
    finally:
        connection.close()


def _select(table: str, *columns: str) -> str:
    return ROWS.format(table=table, columns=", ".join(f"t.{name}" for name in columns))


def _raw(row: sqlite3.Row) -> bytes:
    said = {name: row[name].hex() if isinstance(row[name], bytes) else row[name] for name in row.keys()}  # noqa: SIM118
    return json.dumps(said, sort_keys=True, default=str).encode()


def _resource_name(users: dict[tuple[str, str], dict[str, Any]], row: sqlite3.Row) -> str:
    known = users.get((row["sync_id"], f"{row['resource_type_id']}:{row['resource_id']}"))
    return str((known or {}).get("name") or row["resource_id"])


def _resource(row: sqlite3.Row) -> dict[str, Any]:
    """A resource's name, and of a user the login, e-mail, status and kind."""
    message = fields(row["data"])
    identifier = row["external_id"].partition(":")[2] or row["external_id"]
    said: dict[str, Any] = {
        "name": _text(message, 3),
        "id": identifier,
        "user": False,
        "account": _text(message, 3) or identifier,
    }
    for annotation in message.get(4, []):
        wrapped = fields(annotation) if isinstance(annotation, bytes) else {}
        if not (_bytes(wrapped, 1) or b"").endswith(USER_TRAIT):
            continue
        trait = fields(_bytes(wrapped, 2) or b"")
        mails = [fields(one) for one in trait.get(1, []) if isinstance(one, bytes)]
        mails.sort(key=lambda one: one.get(2, [0]) != [1])
        mail = next((text for one in mails if (text := _text(one, 1))), None)
        status = fields(_bytes(trait, 2) or b"").get(1, [0])[0]
        said |= {
            "user": True, "email": mail, "account": _text(trait, 6) or mail or said["account"],
            "status": STATUS.get(status if isinstance(status, int) else 0), "account_kind": KIND.get(_number(trait, 5)),
        }  # fmt: skip
    return said


BROKEN = (ValueError, IndexError, TypeError, AttributeError)
"""What a row whose columns hold something else than messages may raise."""

Fields = dict[int, list[bytes | int]]


def fields(data: bytes) -> Fields:
    """A protobuf message as field number -> values. Raises ValueError where it is none."""
    found: Fields = {}
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        value: bytes | int
        if wire == 0:
            value, place = _varint(data, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, place = data[place : place + size], place + size
        elif wire == 2:
            size, place = _varint(data, place)
            value, place = data[place : place + size], place + size
        else:
            raise ValueError("a message has a field of an unknown kind")
        if place > len(data):
            raise ValueError("a message is cut off")
        found.setdefault(number, []).append(value)
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise ValueError("a message is cut off")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, place
    raise ValueError("a number is too long")


def _bytes(message: Fields, number: int) -> bytes | None:
    return next((one for one in message.get(number, []) if isinstance(one, bytes)), None)


def _text(message: Fields, number: int) -> str | None:
    found = _bytes(message, number)
    return text(found) or None if found else None


def _number(message: Fields, number: int) -> int:
    return next((one for one in message.get(number, []) if isinstance(one, int)), 0)
