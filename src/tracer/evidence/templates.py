"""Templates of declarations: text with `{path}` in it, filled from a record.

A path is dotted; `target[type=User].id` takes the first element of a list whose `type` is User; `|last` keeps what
follows the last slash. A template of which any part is absent is absent as a whole; of several the first present one counts.
"""

import re
from functools import lru_cache
from typing import Any

PART = re.compile(r"\{([^{}]+)\}")
STEP = re.compile(r"([^.\[\]]+)(?:\[(\w+)=([^\]]+)\])?")


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[tuple[str, str | None, str | None], ...]:
    return tuple((m[1], m[2], m[3]) for m in STEP.finditer(path))


def look_up(record: Any, path: str) -> Any:
    """What lies at a dotted path of a record; None where there is nothing. A key with dots of its own is found too."""
    if isinstance(record, dict):
        if path in record:
            return record[path]
        if "." not in path and "[" not in path:
            return None
    current = record
    for name, key, wanted in _steps(path):
        if not isinstance(current, dict):
            return None
        current = current.get(name)
        if key is not None:
            items = current if isinstance(current, list) else []
            current = next((i for i in items if isinstance(i, dict) and str(i.get(key)) == wanted), None)
    return current


def text_of(value: Any) -> str | None:
    """A value as text; None for nothing, an empty text, or what is no single value."""
    if value is None or isinstance(value, dict | list) or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


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
        path, _, change = match[1].partition("|")
        value = extra[path] if path in extra else text_of(look_up(record, path))
        if value is None:
            return None
        if change == "last":
            value = re.split(r"[/]", value)[-1] or value
        found += [template[position : match.start()], value]
        position = match.end()
    return "".join([*found, template[position:]])
