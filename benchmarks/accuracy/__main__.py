"""`python -m benchmarks.accuracy [--identities N] [--seed S] [--withhold]`: simulate, ingest, judge, compare, print."""

import argparse
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.accuracy.comparing import Pair, compare
from benchmarks.accuracy.exports.books import LATEST, File
from benchmarks.accuracy.judging import judge
from benchmarks.accuracy.organisation import Simulation, simulate
from benchmarks.accuracy.report import (
    by_step,
    calibration,
    confusion,
    mismatches,
    percent,
    recall,
    score,
    table,
)
from benchmarks.accuracy.withholding import INSIDE, KINDS, SHARES, WAYS, withhold, without_kind


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--identities", type=int, default=3000, help="ordinary identities (default 3000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--withhold",
        action="store_true",
        help="also with 10, 25 and 50 %% of the evidence missing, and all of a kind",
    )
    parser.add_argument(
        "--yearly", action="store_true", help="each source exports one file, for the whole year"
    )
    parser.add_argument(
        "--draws", type=int, default=1, help="draw what is withheld so many times (default 1)"
    )
    parser.add_argument("--mismatches", type=int, default=0, help="list so many kinds of wrong answers")
    parser.add_argument(
        "--late",
        type=float,
        default=LATEST.days,
        help="records of a month's last so many days may come late (default 2)",
    )
    parser.add_argument("--keep", type=Path, help="keep evidence and case file in this folder")
    asked = parser.parse_args()
    simulation = simulate(
        asked.identities, asked.seed, latest=timedelta(days=asked.late), yearly=asked.yearly
    )
    size = sum(len(file.content) for file in simulation.files)
    print(
        f"{len(simulation.plans):,} grants, {len(simulation.files)} files, {size / 1e6:.0f} MB, seed {asked.seed}"
    )
    pairs, row = _run(simulation, "nothing", [simulation.files], asked.mismatches, asked.keep)
    print(f"\n{confusion(pairs)}\n\n{recall(pairs)}\n\n{calibration(pairs)}")
    rows = [row]
    if asked.withhold:
        all_pairs: list[Pair] = []
        for name, left in _withheld(simulation.files, asked.draws):
            pairs, row = _run(simulation, name, left, asked.mismatches, None)
            rows.append(row)
            all_pairs += pairs
        print(f"\nAll runs with evidence withheld\n\n{calibration(all_pairs)}\n\n{by_step(all_pairs)}")
    head = ["withheld", "grants", "faulty", "class", "mode", "owner", "wrong since", "undetermined", "missed", "conforming",
            "accused", "per 10,000", "unsure", "s"]  # fmt: skip
    print("\n" + table(head, rows))


def _withheld(files: list[File], draws: int) -> Iterator[tuple[str, Iterator[list[File]]]]:
    """What is withheld, and what is left in each draw."""
    for way in (*WAYS, *INSIDE):
        for part in SHARES:
            yield f"{part:.0%} {way}", (withhold(files, part, way, draw) for draw in range(draws))
    for kind in KINDS:
        yield kind, iter([without_kind(files, kind)])


def _run(
    simulation: Simulation, name: str, draws: Iterable[list[File]], listed: int, keep: Path | None
) -> tuple[list[Pair], list[str]]:
    """What was compared, and its line in the table: all draws of one share together."""
    pairs: list[Pair] = []
    seconds = 0.0
    for files in draws:
        judged, taken = judge(files, keep)
        pairs += compare(simulation.plans, judged)
        seconds += taken
    if listed:
        print(f"\n{name}\n{mismatches(pairs, listed)}")
    s = score(pairs)
    rate = 10_000 * s.accused / s.conforming if s.conforming else 0.0
    shares = [percent(each) for each in (s.label, s.mode, s.owner, s.since, s.undetermined, s.missed)]
    row = [name, f"{s.grants:,}", f"{s.faulty:,}", *shares, f"{s.conforming:,}", str(s.accused),
           f"{rate:.2f}", percent(s.unsure), f"{seconds:.0f}"]  # fmt: skip
    return pairs, row


if __name__ == "__main__":
    main()
