"""The numbers: accuracy, confusion, recall, false accusations, confidence, and how all falls as evidence goes missing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.accuracy.comparing import Pair

LABELS = [
    "source-data",
    "decision",
    "execution",
    "control-weakness",
    "conforming",
    "undetermined",
    "no such grant",
]


@dataclass(frozen=True)
class Scores:
    """What was measured on one run. Shares are None where there was nothing to measure.

    Accuracies are over all grants with evidence left of them; with evidence withheld, the faulty ones said to be
    undetermined count apart (`undetermined`), and so do the conforming ones (`unsure`).
    """

    grants: int
    faulty: int
    label: float | None
    mode: float | None
    owner: float | None
    since: float | None
    undetermined: float | None
    missed: float | None
    conforming: int
    accused: int
    unsure: float | None


def share(flags: Iterable[bool]) -> float | None:
    """The part that is true."""
    listed = list(flags)
    return sum(listed) / len(listed) if listed else None


def score(pairs: Sequence[Pair]) -> Scores:
    """The scores of one run. Class: over all grants; mode and owner: over those that are wrong or weak and were decided."""
    known = [pair for pair in pairs if pair.got]
    faulty = [pair for pair in known if pair.truth.verdict != "conforming"]
    decided = [pair for pair in faulty if pair.got and pair.got.verdict != "undetermined"]
    right = [pair for pair in known if pair.truth.verdict == "conforming"]
    return Scores(
        grants=len(known),
        faulty=len(faulty),
        label=share(pair.true_label == pair.said_label for pair in decided),
        mode=share(pair.right_mode for pair in decided),
        owner=share(pair.right_owner for pair in decided if pair.right_mode),
        since=share(pair.right_since for pair in decided if pair.right_mode),
        undetermined=share(pair.said_label == "undetermined" for pair in faulty),
        missed=share(pair.said_label == "conforming" for pair in faulty),
        conforming=len(right),
        accused=sum(pair.accused for pair in right),
        unsure=share(pair.said_label == "undetermined" for pair in right),
    )


def percent(value: float | None) -> str:
    """A share as text."""
    return "–" if value is None else f"{value:.4f}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def confusion(pairs: Sequence[Pair]) -> str:
    """True labels down, what tracer says across."""
    counts = Counter((pair.true_label, pair.said_label) for pair in pairs)
    used = [label for label in LABELS if any(label in key for key in counts)]
    return table(
        ["true \\ said", *used],
        ([one, *(counts[one, two] for two in used)] for one in used if one != "undetermined"),
    )


def recall(pairs: Sequence[Pair]) -> str:
    """Per mode: how often it is the true root, how often it is found as that, and how often it is found at all."""
    as_root: dict[str, list[bool]] = defaultdict(list)
    at_all: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        if pair.truth.mode:
            as_root[pair.truth.mode].append(pair.right_mode)
        for mode in pair.truth.also:
            at_all[mode].append(bool(pair.got and mode in pair.got.also))
    return table(
        ["mode", "roots", "found as root", "put in", "found at all"],
        ([mode, len(as_root[mode]), percent(share(as_root[mode])), len(at_all[mode]), percent(share(at_all[mode]))]
         for mode in sorted(at_all)),
    )  # fmt: skip


def calibration(pairs: Sequence[Pair]) -> str:
    """Per decile of confidence: how many roots, and how often mode and owner are right."""
    deciles: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for pair in pairs:
        if pair.got and pair.got.confidence is not None:
            right = pair.right_mode and pair.right_owner
            deciles[min(int(pair.got.confidence * 10), 9)].append((pair.got.confidence, right))
    return table(
        ["confidence", "roots", "mean confidence", "right"],
        ([f"{n / 10:.1f}–{(n + 1) / 10:.1f}", len(found), percent(sum(c for c, _ in found) / len(found)),
          percent(share(right for _, right in found))] for n, found in sorted(deciles.items())),
    )  # fmt: skip


def by_step(pairs: Sequence[Pair]) -> str:
    """The same for each confidence that was given, with the modes that it was given to most often and wrongly."""
    steps: dict[float, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.got and pair.got.confidence is not None:
            steps[pair.got.confidence].append(pair)
    rows = []
    for confidence, found in sorted(steps.items()):
        wrong = Counter(
            str(pair.got.mode) for pair in found if pair.got and not (pair.right_mode and pair.right_owner)
        )
        rows.append(
            [f"{confidence:.2f}", len(found), percent(1 - wrong.total() / len(found)),
             ", ".join(f"{mode} {count}" for mode, count in wrong.most_common(3))]
        )  # fmt: skip
    return table(["confidence", "roots", "right", "wrong most often"], rows)


def mismatches(pairs: Sequence[Pair], limit: int) -> str:
    """What went wrong, false accusations first and then the most frequent, each with two examples."""
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        got = pair.got
        told = f"{got.verdict}/{got.mode}" if got else "no such grant"
        wanted = f"{pair.truth.verdict}/{pair.truth.mode}"
        if pair.right_mode and not pair.right_owner and pair.truth.owners:
            groups[wanted, "another owner"].append(pair)
        elif pair.right_mode and pair.truth.verdict == "wrong-access" and not pair.right_since:
            groups[wanted, "another wrong_since"].append(pair)
        elif not pair.right_mode:
            groups[wanted, told].append(pair)
    lines = []
    for (wanted, told), found in sorted(
        groups.items(), key=lambda one: (-sum(pair.accused for pair in one[1]), -len(one[1]))
    )[:limit]:
        lines.append(f"{len(found):5} {wanted} -> {told}")
        for pair in found[:2]:
            plan, got = pair.plan, pair.got
            lines.append(
                f"        {plan.because if plan else '(no story)'} | {(plan.account, plan.system, plan.entitlement) if plan else ''}"
                f" {plan.given.isoformat() if plan else ''} owners {pair.truth.owners} since {pair.truth.wrong_since}\n"
                f"        grant {got.id if got else None} {(got.account, got.entitlement, got.given, got.owner, got.wrong_since) if got else ''}"
                f" {got.because if got else ''} also {sorted(got.also) if got else ''}"
            )
    return "\n".join(lines)
