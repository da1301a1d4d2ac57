"""Templates of declarations: text with `{path}` or `{path|filter}` in it, filled from a record.

A template of which any part is absent is absent as a whole; of several the first present one counts.
"""

import re
from functools import lru_cache
from typing import Any

from tracer.sources.paths import resolve, text_of

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
    pieces, tail = _pieces(template)
    found: list[str] = []
    for text, path in pieces:
        value = extra[path] if path in extra else text_of(resolve(record, path))
        if value is None:
            return None
        found += [text, value]
    return "".join([*found, tail])


@lru_cache(maxsize=16_384)
def _pieces(template: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Each path with the text before it, and the text behind the last one."""
    found: list[tuple[str, str]] = []
    position = 0
    for match in PART.finditer(template):
        found.append((template[position : match.start()], match[1]))
        position = match.end()
    return tuple(found), template[position:]
