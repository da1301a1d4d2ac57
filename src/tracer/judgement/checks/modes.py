"""The table of failure modes: their order, precedence, owners and frameworks come from its columns, not from code."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Mode:
    """One row of `failure-modes.csv`, or the header of an organisation's own check."""

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

    def rank(self, before_grant: bool) -> str | None:
        """Its place in the root order; with two places the first is for access that was wrong from the start."""
        if not self.ranks:
            return None
        return self.ranks[0] if len(self.ranks) == 1 or before_grant else self.ranks[-1]


@cache
def modes() -> dict[str, Mode]:
    """All failure modes by id, in the order of the table."""
    text = (files("tracer.judgement") / "failure-modes.csv").read_text(encoding="utf-8")
    rows = enumerate(csv.DictReader(text.splitlines()))
    return {row["id"]: mode_of(row, position) for position, row in rows}


def mode_of(row: Mapping[str, str], position: int) -> Mode:
    """A failure mode from the columns of the table; those that may be left out are `rank`, `yields_to`, `frameworks`."""
    return Mode(
        id=row["id"],
        klass=row["class"],
        control_point=row["control_point"],
        part=row["part"],
        ranks=_words(row.get("rank", "")),
        yields_to=_words(row.get("yields_to", "")),
        default_owner=row["default_owner"],
        frameworks=_words(row.get("frameworks", "")),
        question=row["question"],
        position=position,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(";") if word.strip())


@cache
def frameworks() -> dict[str, str]:
    """Framework id -> its title and where it stands; titles of copyrighted standards are in our own words."""
    text = (files("tracer.judgement") / "frameworks.csv").read_text(encoding="utf-8")
    return {row["id"]: f"{row['title']} ({row['source']})" for row in csv.DictReader(text.splitlines())}
