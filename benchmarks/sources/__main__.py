"""How well does each source read the real logs that others published?

    python -m benchmarks.sources DATA [FOLDER…]

DATA is a folder of such logs, one folder per source (they may not be passed on, so they are not part of this repository).
`truth/<folder>.json` says for each of its files which access changes it tells, judged by eye from the vendor's semantics:
`[ordinal, verb, outcome, hash]`, the hash being that of actor, subject and entitlement (see `fingerprint`), for the logs
name people. What a record says of a person is `[ordinal, "fact", attribute, hash of worker, value and effective moment]`, what an
export shows as held `[ordinal, "holding", "", hash of moment, account and entitlement]`. Records that no time can be found in are
rejected by design and stand neither in the truth nor in the books; where a whole log was published without its times,
`stamps.toml` says where a time is put in, so that what it tells is measured all the same.
"""

import hashlib
import json
import re
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest

TRUTH = Path(__file__).parent / "truth"

STAMPS = Path(__file__).parent / "stamps.toml"

Claim = tuple[str, int, str, str, str]
"""File, ordinal, verb, outcome, fingerprint."""


def fingerprint(actor: str | None, subject: str | None, entitlement: str | None) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of `actor|subject|entitlement`, case-folded, nothing for null."""
    text = "|".join((part or "").casefold() for part in (actor, subject, entitlement))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def expected(folder: str) -> Counter[Claim]:
    """What the truth says of the files of a folder."""
    said = json.loads((TRUTH / f"{folder}.json").read_text(encoding="utf-8"))
    return Counter((file, *claim) for file, claims in said.items() for claim in claims)


def stamped(data: Path, folder: str, files: set[str], place: Path) -> list[Path]:
    """The files to read: where `stamps.toml` says so, a copy in `place` whose records have a time."""
    stamps = tomllib.loads(STAMPS.read_text(encoding="utf-8")).get(folder, {})
    paths = []
    for file in sorted(files):
        path = data / folder / file
        if file in stamps:
            text = path.read_text(encoding="utf-8")
            for pattern, put in stamps[file]:
                text = re.sub(pattern, put, text, flags=re.MULTILINE)
            path = place / file
            path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def found(data: Path, folder: str, files: set[str]) -> dict[Claim, tuple[str | None, ...]]:
    """What tracer finds in those files, with the names behind each fingerprint."""
    with tempfile.TemporaryDirectory() as place:
        case = Path(place) / "case.db"
        ingest(case, [str(path) for path in stamped(data, folder, files, Path(place))])
        rows = open_case(case).execute(
            """WITH told AS (
                 SELECT record_id, verb, outcome, actor, subject, entitlement FROM acts
                 UNION SELECT record_id, 'fact', attribute, coalesce(worker_id, email), value, effective_at FROM claims
                 UNION SELECT record_id, 'holding', '', as_of, account, entitlement FROM holdings
               )
               SELECT e.path, r.ordinal, t.verb, t.outcome, t.actor, t.subject, t.entitlement
               FROM told t JOIN records r ON r.id = t.record_id JOIN evidence e ON e.id = r.evidence_id"""
        )
        claims = {}
        for path, ordinal, verb, outcome, *names in rows:
            claim = (Path(path).name, ordinal, verb, outcome, fingerprint(*names))
            claims[claim] = tuple(names)
        return claims


def main(data: Path, folders: list[str], details: bool) -> None:
    """Print one row per folder; with details each claim that was missed and each that is too many."""
    print(
        f"{'source':20} {'files':>5} {'expected':>8} {'found':>6} {'matched':>7} {'precision':>9} {'recall':>6}"
    )
    for folder in folders or sorted(path.stem for path in TRUTH.glob("*.json")):
        said = json.loads((TRUTH / f"{folder}.json").read_text(encoding="utf-8"))
        wanted, got = set(expected(folder)), found(data, folder, set(said))
        matched = wanted & set(got)
        precision = len(matched) / len(got) if got else 1.0
        recall = len(matched) / len(wanted) if wanted else 1.0
        print(
            f"{folder:20} {len(said):5} {len(wanted):8} {len(got):6} {len(matched):7} {precision:9.3f} {recall:6.3f}"
        )
        for claim in sorted(wanted - matched) if details else ():
            print("  missed  ", *claim)
        for claim in sorted(set(got) - matched) if details else ():
            print("  too many", *claim[:4], *got[claim])


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if one != "--details"]
    if not given:
        sys.exit(__doc__)
    main(Path(given[0]), given[1:], "--details" in sys.argv)
