"""Which rows of the tables of actions no golden sample reaches."""

from typing import Any
from unittest.mock import patch

from tests.sources.samples import samples

from tracer.sources import mapping
from tracer.sources.declarations import Action, Declaration, declarations


def unreached() -> list[str]:
    """Rows (source, verb, conditions) that no record of any sample of their source meets."""
    from tests.sources.samples import yielded

    met: set[int] = set()
    chosen = mapping._act

    def noting(declaration: Declaration, action: Action, *rest: Any) -> dict[str, str | None]:
        met.add(id(action))
        return chosen(declaration, action, *rest)

    with patch.object(mapping, "_act", noting):
        for sample in samples("sample"):
            yielded(sample)
    return [
        f"{one.name}: {action.verb} when {', '.join(map(str, action.when))}"
        for one in declarations().values()
        if one.like is None  # the rows of another, met by its samples
        for action in one.actions
        if id(action) not in met
    ]
