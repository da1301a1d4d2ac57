"""Templates of declarations: text with `{path}` or `{path|filter}` in it, filled from a record.

A template of which any part is absent is absent as a whole; of several the first present one counts.
"""

import re
from typing import Any

from tracer.evidence.paths import resolve, text_of

PART = re.compile(r"\{([^{}]+)\}")


def parts(templates: Any) -> list[str]:
    """The paths, with their filters, that these templates read."""
    listed = templates if isinstance(templates, list | tuple) else (templates,)
    return [match[1] for template in listed for match in PART.finditer(str(template))]


def fill(templates: Any, record: Any, extra: dict[str, str | None]) -> str | None:
    """The first of the templates whose parts are all present in the record (or in `extra`)."""
    for template in templates if isinstance(templates, list | tuple) else (templates,):
        filled = _fill(str(template), record, extra)
        if filled is not None:
            return filled
    return None


def _fill(template: str, record: Any, extra: dict[str, str | None]) -> str | None:
    found: list[str] = []
    position = 0
    for match in PART.finditer(template):
        path = match[1]
        value = extra[path] if path in extra else text_of(resolve(record, path))
        if value is None:
            return None
        found += [template[position : match.start()], value]
        position = match.end()
    return "".join([*found, template[position:]])
