"""Whether two builds of tracer say the same: `python benchmarks/same_meaning.py OLD NEW [FOLDER …] [--seeds 1 2 3]`.

OLD and NEW are the Python interpreters of two environments, each with its own tracer. Every folder of evidence is read
and judged by both; what is compared is what a person acts on: each grant's verdict, and each finding's mode, part, root,
control, owner, wrong since, responsibility and confidence. Without FOLDER: the sample, the golden cases, the shared cases
and organisations where they are at hand, and simulated organisations of the seeds, whole and with a tenth of their months
and records withheld. Exit code 1 where anything differs.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

BUILD = """
import sys
from tracer.cli.main import cli
for line in sys.stdin:
    case, folder = line.rstrip("\\n").split("\\t")
    for words in (["ingest", "-q", case, folder], ["judge", "-q", case]):
        try:
            cli(words, standalone_mode=False)
        except SystemExit as ended:
            print(case, words[0], "ended with", ended.code, file=sys.stderr)
    print("built", case, flush=True)
"""
"""Run by either interpreter: the commands are what stays the same between builds, modules are not."""

FINDINGS = """SELECT g.id AS grant_id, i.name AS identity, a.name AS account, e.system, e.name AS entitlement, g.granted_at,
  g.ended_at, g.basis, g.verdict, f.class, f.mode, f.control_point, f.part, f.is_root, f.control, f.owner, f.owner_role,
  f.owner_basis, f.wrong_since, round(f.responsibility, 6) AS responsibility, round(f.confidence, 6) AS confidence
FROM grants g LEFT JOIN findings f ON f.grant_id = g.id LEFT JOIN identities i ON i.id = g.identity_id
LEFT JOIN accounts a ON a.id = g.account_id LEFT JOIN entitlements e ON e.id = g.entitlement_id"""

WORDS = """SELECT g.id AS grant_id, f.mode, f.because FROM grants g JOIN findings f ON f.grant_id = g.id"""


def folders(seeds: list[int], identities: int, into: Path) -> Iterator[tuple[str, Path]]:
    """Name and folder of everything that is at hand."""
    yield "sample", ROOT / "samples" / "evidence"
    for path in sorted((ROOT / "tests" / "cases").iterdir()):
        yield path.name, path / "evidence"
    for group in ("cases", "organisations"):
        for path in sorted((SHARED / group).glob("*/evidence")):
            yield f"{group}/{path.parent.name}", path
    sys.path.insert(0, str(ROOT))
    from benchmarks.accuracy.organisation import simulate
    from benchmarks.accuracy.withholding import withhold

    for seed in seeds:
        files = simulate(identities, seed).files
        ways = {
            "whole": files,
            "months": withhold(files, 0.1, "periods"),
            "records": withhold(files, 0.1, "records"),
        }
        for way, left in ways.items():
            folder = into / f"simulated-{seed}-{way}"
            for file in left:
                path = folder / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.content)
            yield folder.name, folder


def told(case: Path, query: str) -> list[str]:
    """What a build says, one line per row, in order."""
    connection = sqlite3.connect(case)
    connection.row_factory = sqlite3.Row
    return sorted(json.dumps(dict(row), sort_keys=True) for row in connection.execute(query))


def compare(name: str, old: Path, new: Path, shown: int) -> int:
    """The number of rows that differ, after printing some of them."""
    before, after = Counter(told(old, FINDINGS)), Counter(told(new, FINDINGS))
    gone, come = list((before - after).elements()), list((after - before).elements())
    words = len(Counter(told(old, WORDS)) - Counter(told(new, WORDS)))
    if gone or come or words:
        print(
            f"{name}: {len(gone)} rows gone, {len(come)} new, of {sum(before.values())}; {words} sentences differ"
        )
    for mark, rows in (("-", gone), ("+", come)):
        for row in rows[:shown]:
            print(f"  {mark} {row}")
    return len(gone) + len(come)


def main() -> int:
    """Build everything with both, compare, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3])
    parser.add_argument("--identities", type=int, default=300)
    parser.add_argument("--show", type=int, default=3, help="differing rows to print per folder and side")
    parser.add_argument("--keep", type=Path, help="keep case files here; those of OLD are not built again")
    asked = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = asked.keep or Path(temporary)
        given = [
            (f"{number}-{path.parent.name}", path.resolve()) for number, path in enumerate(asked.folders)
        ]
        wanted = given or list(folders(asked.seeds, asked.identities, work / "evidence"))
        for side, python in (("old", asked.old), ("new", asked.new)):
            (work / side).mkdir(parents=True, exist_ok=True)
            lines = []
            for name, folder in wanted:
                case = work / side / f"{name.replace('/', '-')}.db"
                if side == "new":
                    case.unlink(missing_ok=True)
                if not case.exists():
                    lines.append(f"{case}\t{folder}\n")
            subprocess.run(
                [python, "-c", BUILD], input="".join(lines), text=True, check=True, stdout=subprocess.DEVNULL
            )
        case_of = {
            side: {name: work / side / f"{name.replace('/', '-')}.db" for name, _ in wanted}
            for side in ("old", "new")
        }
        differing = sum(
            compare(name, case_of["old"][name], case_of["new"][name], asked.show) for name, _ in wanted
        )
    print(f"{len(wanted)} folders of evidence, {differing} rows differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
