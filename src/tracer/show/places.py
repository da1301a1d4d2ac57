"""Where evidence stands, short enough for a line: `file:ordinal`, without the folder that all files share."""

from collections.abc import Iterable, Mapping
from os.path import commonpath
from typing import Any

from tracer.show.steps import place
from tracer.show.terminal import Terminal
from tracer.show.text import safe_text

SHOWN = 3
"""Pieces of evidence named per statement; JSON and report name all."""

LONG_FOLDER = 12
"""A folder that all evidence shares is said once, at the end, where its name is longer than this."""


LONG_NAME = 40
"""Of a longer path only the file's own name is shown: vendors put account, region and date into folders."""


def places(evidence: Iterable[Mapping[str, Any]] | None, folder: str) -> str:
    """The first pieces of evidence in brackets and how many more there are; '' for none."""
    items = list(evidence or ())
    shown = [place({**item, "file": _name(str(item.get("file")), folder)}) for item in items[:SHOWN]]
    more = f" +{len(items) - SHOWN}" if len(items) > SHOWN else ""
    return f"[{' '.join(shown)}{more}]" if shown else ""


def _name(file: str, folder: str) -> str:
    name = file.removeprefix(folder)
    return name if len(name) <= LONG_NAME or "/" not in name else f"…/{name.rpartition('/')[2]}"


def shared_folder(evidence: Iterable[Mapping[str, Any]]) -> str:
    """The folder that all these files share, with its slash; '' where it is short or there is none."""
    files = {str(item["file"]) for item in evidence if item.get("file")}
    try:
        folder = commonpath([file.rpartition("/")[0] for file in files]) if files else ""
    except ValueError:
        return ""
    return folder + "/" if len(folder) > LONG_FOLDER else ""


def folder_lines(folder: str, terminal: Terminal) -> list[str]:
    """The line that says where the files are; none without a shared folder."""
    return ["", terminal.style(f"Files are in {safe_text(folder)}", "dim")] if folder else []
