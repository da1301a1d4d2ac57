"""Rows as pages show them: by number and by name, with the secrets of evidence masked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracer.show.hints import DOTS
from tracer.show.secrets import masked


class Row(tuple[Any, ...]):
    """A row that was not read from SQLite by this process, or is not as it was read; used as a `sqlite3.Row` is."""

    _names: Sequence[str]

    @classmethod
    def of(cls, values: Iterable[Any], names: Sequence[str]) -> "Row":
        """The row of these values; `names` are those of the columns."""
        row = cls(values)
        row._names = names
        return row

    def __getitem__(self, key: Any) -> Any:
        """The value in the column of that number or name. Raises IndexError where there is none."""
        if isinstance(key, str):
            if key not in self._names:
                raise IndexError("No item with that key")
            key = self._names.index(key)
        return super().__getitem__(key)

    def keys(self) -> list[str]:
        """The names of the columns."""
        return list(self._names)


def is_masked(parameters: Mapping[str, Any] | Sequence[Any] | None) -> bool:
    """Whether one of the parameters of a statement is what was shown in place of a secret.

    Pages find the next rows by what stands in the last one; by a masked value rows would be left out in silence.
    """
    values = parameters.values() if isinstance(parameters, Mapping) else parameters or ()
    return any(isinstance(value, str) and f"{DOTS} (masked" in value for value in values)


def masked_rows(rows: Iterable[Any]) -> list[Any]:
    """The rows, each with the secrets in its values masked; a row without one is the same object."""
    return [_masked_row(row) for row in rows]


def _masked_row(row: Any) -> Any:
    values = tuple(row)
    shown = tuple(_masked_value(value) for value in values)
    return row if shown == values else Row.of(shown, row.keys())


def _masked_value(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bytes):
        # Text that a question made a BLOB of; what is no text holds nothing that can be told to be a secret.
        text = value.decode("utf-8", "replace")
        shown = masked(text)
        return value if shown == text else shown
    return value
