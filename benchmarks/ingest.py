"""Ingest of CloudTrail beside the floor of what any reader must do: `python benchmarks/ingest.py [RECORDS]` (default 1,000,000).

Records are grown from the templates below (3 % change access, 997 users, four records a second) in two shapes: gzip files of
20,000 in `Records[]`, and one file of lines. The floor, timed on the same files in the same run: inflating them with ISA-L,
decoding two fields of every record with msgspec, finding record borders, and inserting the kept rows into SQLite; it does not
recognise, check, count or place anything. Each part runs in a process of its own, so that its peak memory is its own.
"""

import gzip
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from isal import isal_zlib

PER_FILE = 20_000
BEGIN = datetime(2026, 3, 1)
RELEVANT = 33
"""One record in so many changes access."""


def template(number: int) -> dict[str, object]:
    """The record of that number."""
    user = f"user{number % 997}"
    relevant = number % RELEVANT == 0
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": f"AIDAEXAMPLE{number % 997:05d}",
            "arn": f"arn:aws:iam::111122223333:user/{user}",
            "accountId": "111122223333",
            "accessKeyId": f"AKIAEXAMPLE{number % 997:05d}",
            "userName": user,
        },
        "eventTime": (BEGIN + timedelta(seconds=number // 4)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "iam.amazonaws.com" if relevant else "ec2.amazonaws.com",
        "eventName": "AttachUserPolicy" if relevant else "DescribeInstances",
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "192.0.2.17",
        "userAgent": "aws-cli/2.15.0 Python/3.11.6 Linux/6.5.0 exe/x86_64 prompt/off command/ec2.describe-instances",
        "requestParameters": {
            "userName": f"target{number % 5003}",
            "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        }
        if relevant
        else {
            "maxResults": 100,
            "filterSet": {"items": [{"name": "tag:stage", "valueSet": {"items": [{"value": "prod"}]}}]},
        },
        "responseElements": None,
        "requestID": f"{number:08x}-1111-4222-8333-444455556666",
        "eventID": f"{number:08x}-aaaa-4bbb-8ccc-ddddeeeeffff",
        "readOnly": not relevant,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }


class Heads(msgspec.Struct):
    """The two fields that decide relevance."""

    eventSource: str  # noqa: N815
    eventName: str  # noqa: N815


def grow(folder: Path, count: int) -> int:
    """Write the files of both shapes; says how many bytes the records are."""
    size = 0
    with (folder / "all.ndjson").open("wb") as together:
        for begin in range(0, count, PER_FILE):
            texts = [json.dumps(template(n)) for n in range(begin, min(begin + PER_FILE, count))]
            data = ('{"Records": [' + ", ".join(texts) + "]}").encode()
            size += len(data)
            (folder / f"{begin:09d}.json.gz").write_bytes(gzip.compress(data, 6))
            together.write(("\n".join(texts) + "\n").encode())
    return size


def floor(folder: Path, shape: str) -> None:
    """What any reader must do."""
    connection = sqlite3.connect(folder / f"floor-{shape}.db")
    connection.execute("CREATE TABLE records (id TEXT PRIMARY KEY, raw TEXT)")
    for name, found, raws in _decoded_lines(folder) if shape == "lines" else _decoded_files(folder):
        kept = [
            (f"{name}:{n}", bytes(raws[n]).decode())
            for n, one in enumerate(found)
            if one.eventName == "AttachUserPolicy"
        ]
        with connection:
            connection.executemany("INSERT INTO records VALUES (?, ?)", kept)


Decoded = Iterator[tuple[str, list[Heads], list[msgspec.Raw]]]


def _decoded_files(folder: Path) -> Decoded:
    heads = msgspec.json.Decoder(dict[str, list[Heads]])
    borders = msgspec.json.Decoder(dict[str, list[msgspec.Raw]])
    for path in sorted(folder.glob("*.gz")):
        data = isal_zlib.decompress(path.read_bytes(), wbits=31)
        yield path.name, heads.decode(data)["Records"], borders.decode(data)["Records"]


def _decoded_lines(folder: Path) -> Decoded:
    heads, borders = msgspec.json.Decoder(Heads), msgspec.json.Decoder(msgspec.Raw)
    with (folder / "all.ndjson").open("rb") as file:
        number = 0
        while lines := file.readlines(1 << 18):
            data = b"".join(lines)
            yield str(number), heads.decode_lines(data), borders.decode_lines(data)
            number += 1


def ours(folder: Path, shape: str = "gz") -> None:
    """The whole of `tracer ingest`, with one process."""
    from tracer.evidence.ingest import ingest

    paths = [folder / "all.ndjson"] if shape == "lines" else sorted(folder.glob("*.gz"))
    ingest(folder / f"case-{shape}.db", [str(path) for path in paths])


def measure(what: str, shape: str, folder: str) -> None:
    """Run one part and print its CPU seconds and peak memory."""
    begun, cpu = time.perf_counter(), time.process_time()
    {"floor": floor, "tracer": ours}[what](Path(folder), shape)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - begun, "peak_mb": peak})
    )


def main() -> None:
    """Grow the files, measure both, print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        size = grow(Path(folder), count)
        print(f"{count:,} records, {size / 1e9:.2f} GB inflated\n")
        print("| shape | part | CPU s | wall s | k records/s/core | peak MB | ratio |")
        print("|---|---|---|---|---|---|---|")
        for shape in ("gz", "lines"):
            base = 0.0
            for what in ("floor", "tracer"):
                command = [sys.executable, __file__, "--part", what, shape, folder]
                told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                base = base or told["cpu"]
                rate, ratio = count / told["cpu"] / 1000, told["cpu"] / base
                print(
                    f"| {shape} | {what} | {told['cpu']:.1f} | {told['wall']:.1f} | {rate:.0f} | {told['peak_mb']:.0f} | {ratio:.1f} |"
                )


if __name__ == "__main__":
    if "--part" in sys.argv:
        measure(*sys.argv[2:5])
    else:
        main()
