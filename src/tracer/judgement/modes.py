"""The table of failure modes: their order, precedence, owners and frameworks come from its columns, not from code."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Mode:
    """One row of `failure-modes.csv`."""

    id: str
    klass: str
    control_point: str
    part: str
    ranks: tuple[str, ...]
    yields_to: tuple[str, ...]
    default_owner: str
    frameworks: tuple[str, ...]
    question: str
    position: int

    @property
    def first_rank(self) -> str:
        """Its earliest place in the root order as `rule.place`; empty: never the root of wrong access."""
        return self.ranks[0] if self.ranks else ""


@cache
def modes() -> dict[str, Mode]:
    """All failure modes by id, in the order of the table."""
    text = (files("tracer.judgement") / "failure-modes.csv").read_text(encoding="utf-8")
    found = {}
    for position, row in enumerate(csv.DictReader(text.splitlines())):
        found[row["id"]] = Mode(
            id=row["id"],
            klass=row["class"],
            control_point=row["control_point"],
            part=row["part"],
            ranks=_words(row["rank"]),
            yields_to=_words(row["yields_to"]),
            default_owner=row["default_owner"],
            frameworks=_words(row["frameworks"]),
            question=row["question"],
            position=position,
        )
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(";") if word.strip())
