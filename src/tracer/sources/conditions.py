"""When a row of a declaration's table applies: equality, membership, prefix, presence and absence, on plain paths.

Nothing else, so that the same table also documents itself and can be pushed down to a data lake as SQL.
"""

from dataclasses import dataclass
from typing import Any

from tracer.sources.paths import resolve, text_of

KEYS = ("in", "prefix", "present", "not")


@dataclass(frozen=True)
class Condition:
    """What must lie at a path: one of `values`, or what begins with a `prefix`, or something, or nothing of `no`."""

    path: str
    values: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    present: bool | None = None
    no: tuple[str, ...] = ()
    loose: bool = False

    def holds(self, record: Any) -> bool:
        """Whether it holds of this record."""
        found = resolve(record, self.path)
        text = text_of(found)
        if self.present is not None:
            there = text is not None or (isinstance(found, dict | list) and bool(found))
            if there != self.present or not (self.values or self.prefix or self.no):
                return there == self.present
        if text is None:
            # What must not be something is not it where it is absent.
            return bool(self.no)
        if self.loose:
            text = text.strip().casefold()
        if self.no:
            return text not in self.no
        return text in self.values or (bool(self.prefix) and text.startswith(self.prefix))

    def __str__(self) -> str:
        """As documentation shows it."""
        if self.present is not None and not self.no:
            return f"{self.path} is {'present' if self.present else 'absent'}"
        if self.no:
            return f"{self.path} is not {' or '.join(self.no)}"
        said = [*self.values, *(f"{one}…" for one in self.prefix)]
        return f"{self.path} = {' or '.join(said)}"


def conditions(said: dict[str, Any], loose: tuple[str, ...] = ()) -> tuple[Condition, ...]:
    """The conditions of a `when` table. Raises KeyError for an operator that there is not."""
    found = []
    for path, wanted in said.items():
        fold = path in loose
        if isinstance(wanted, dict):
            unknown = set(wanted) - set(KEYS)
            if unknown:
                raise KeyError(f"{sorted(unknown)[0]!r} is none of {', '.join(KEYS)}")
            found.append(
                Condition(
                    path,
                    _texts(wanted.get("in", ()), fold),
                    _texts(wanted.get("prefix", ()), fold),
                    wanted.get("present"),
                    _texts(wanted.get("not", ()), fold),
                    fold,
                )
            )
        else:
            found.append(Condition(path, _texts(wanted, fold), loose=fold))
    return tuple(found)


def _texts(value: Any, fold: bool) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else (value,)
    texts = ("true" if one is True else "false" if one is False else str(one) for one in listed)
    return tuple(text.strip().casefold() if fold else text for text in texts)
