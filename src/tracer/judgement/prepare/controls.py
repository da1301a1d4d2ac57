"""Which control answers for something, and who owned it at a time.

The control is the most specific one of the register whose `point` matches and every key of whose `covers` matches:
more keys win, then more literal characters, then the smaller id. Access by rule falls to provisioning controls that cover
rules, where there is one. Its owner is whoever held the seat at that time.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from tracer.case.entitlement_names import EntitlementNames
from tracer.case.globs import literal_length, matches
from tracer.completeness.unread import lacks_section


@dataclass(frozen=True)
class Seat:
    """A control with its owner at one time; `owner` is null where the seat was empty."""

    control: str | None
    owner: str | None
    role: str | None
    responder: str | None
    owner_now: str | None


class Controls:
    """The controls of the register, to be asked for the one that answers for something."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._controls = [
            (row["id"], row["point"], _covers(row["covers"]), row["responder"])
            for row in connection.execute("SELECT id, point, covers, responder FROM controls ORDER BY id")
        ]
        self.unread = lacks_section(connection, "controls")
        """Whether the register may hold controls that could not be read, of which one may be more specific than any that was."""
        self._names = EntitlementNames(connection)
        self._owners: dict[str, list[sqlite3.Row]] = {}
        for row in connection.execute(
            "SELECT control_id, owner, role, coalesce(owner_from, '') AS since, owner_to FROM control_owners ORDER BY since"
        ):
            self._owners.setdefault(row["control_id"], []).append(row)
        self._memo: dict[tuple[Any, ...], tuple[str, str | None] | None] = {}

    def seat(self, point: str, at: str | None, **covered: str | None) -> Seat:
        """The control that answers at this point for `system`, `entitlement`, `attribute`, `rule`, and its owner at `at`."""
        key = (point, *sorted(covered.items()))
        if key not in self._memo:
            self._memo[key] = self._most_specific(point, covered)
        found = self._memo[key]
        if found is None or self.unread:
            return Seat(None, None, None, None, None)
        control, responder = found
        holder = self._holder(control, at)
        latest = self._holder(control, None)
        return Seat(
            control,
            holder["owner"] if holder else None,
            holder["role"] if holder else None,
            responder,
            latest["owner"] if latest else None,
        )

    def _most_specific(self, point: str, covered: dict[str, str | None]) -> tuple[str, str | None] | None:
        found = []
        for control, own_point, covers, responder in self._controls:
            if own_point != point:
                continue
            literal = 0
            for key, globs in covers.items():
                values = self._called(key, covered)
                hits = [literal_length(glob) for glob in globs if any(matches(glob, one) for one in values)]
                if not hits:
                    break
                literal += max(hits)
            else:
                by_rule = point == "provisioning" and "rule" in covers
                found.append((not by_rule, -len(covers), -literal, control, responder))
        best = min(found, key=lambda one: one[:4], default=None)
        return (best[3], best[4]) if best else None

    def _called(self, key: str, covered: dict[str, str | None]) -> list[str]:
        """What is covered under this key, an entitlement by each of its names."""
        value = covered.get(key)
        if value is None:
            return []
        return self._names.of(covered.get("system") or "", value) if key == "entitlement" else [value]

    def _holder(self, control: str, at: str | None) -> sqlite3.Row | None:
        """Who held the seat at `at`; without a time, who holds it last of all and still does."""
        rows = self._owners.get(control, [])
        if at is None:
            rows = [row for row in rows if row["owner_to"] is None]
        else:
            rows = [
                row
                for row in rows
                if row["since"] <= at and (row["owner_to"] is None or at < row["owner_to"])
            ]
        rows = [row for row in rows if row["owner"]]
        return rows[-1] if rows else None


def _covers(text: str | None) -> dict[str, list[str]]:
    parsed = json.loads(text) if text else {}
    return {
        str(key): [str(one) for one in (value if isinstance(value, list) else [value])]
        for key, value in (parsed or {}).items()
        if value is not None
    }
