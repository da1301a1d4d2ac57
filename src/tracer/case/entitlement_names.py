"""Whether a pattern of the register means an entitlement: by its name, or by any other name that evidence gives it."""

import sqlite3

from tracer.case.globs import matches


class EntitlementNames:
    """What each entitlement is called: its name, and the full ids and earlier names in `entitlement_aliases`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._names: dict[tuple[str, str], list[str]] = {}
        for row in connection.execute("SELECT system, name, alias FROM entitlement_aliases ORDER BY alias"):
            key = row["system"].casefold(), row["name"].casefold()
            self._names.setdefault(key, [row["name"]]).append(row["alias"])

    def of(self, system: str, name: str) -> list[str]:
        """Its name first, then its other names in alphabetical order."""
        return self._names.get((system.casefold(), name.casefold()), [name])

    def means(self, of_system: str | None, pattern: str | None, system: str, name: str) -> bool:
        """Whether these globs of a system and an entitlement (None: any) fit that entitlement."""
        return matches(of_system or "*", system) and any(
            matches(pattern or "*", one) for one in self.of(system, name)
        )

    def called(self, of_system: str, pattern: str) -> list[str]:
        """The names, in alphabetical order, of what these globs fit by another name only."""
        return sorted(
            {
                names[0]
                for (system, _), names in self._names.items()
                if matches(of_system, system)
                and not matches(pattern, names[0])
                and any(matches(pattern, one) for one in names[1:])
            }
        )
