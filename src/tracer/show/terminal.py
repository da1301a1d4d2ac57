"""What a terminal can show: its width, colours and marks; text wrapped to it."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Any, TextIO

import click

from tracer.show.steps import FAIL, NEUTRAL, NONE, PASS, UNKNOWN
from tracer.show.text import cells

PIPE_WIDTH = 100
"""Columns where nobody says how many there are: a pipe or a file."""

NARROWEST, WIDEST = 40, 120
"""Wrapping narrower than this only breaks words; lines wider than this are hard to read."""

MARKS = {PASS: "✓", FAIL: "✗", UNKNOWN: "?", NONE: "–", NEUTRAL: "·"}
ASCII_MARKS = {PASS: "+", FAIL: "x", UNKNOWN: "?", NONE: "-", NEUTRAL: "."}

STYLES: dict[str, dict[str, Any]] = {
    PASS: {"fg": "green"},
    FAIL: {"fg": "red", "bold": True},
    UNKNOWN: {"fg": "yellow", "bold": True},
    NONE: {"dim": True},
    NEUTRAL: {},
    "head": {"bold": True},
    "dim": {"dim": True},
    "owner": {"fg": "cyan", "bold": True},
}
"""Style -> what click.style takes."""

BELOW = 4
"""Columns by which what has no room in its row is set in below it."""

Words = Iterable[tuple[str, str | None]]
"""Text in pieces, each with the name of its style or None."""


@dataclass(frozen=True)
class Terminal:
    """Where text goes: how wide it is, and whether it shows colours and characters beyond ASCII."""

    width: int = PIPE_WIDTH
    colour: bool = False
    encoding: str = "utf-8"

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str] = os.environ) -> "Terminal":
        """What this stream can show; NO_COLOR, FORCE_COLOR, TERM and COLUMNS have their usual say."""
        is_terminal = stream.isatty()
        columns = environ.get("COLUMNS", "")
        width = int(columns) if columns.isdecimal() and int(columns) else 0
        if not width:
            width = shutil.get_terminal_size().columns if is_terminal else PIPE_WIDTH
        colour = is_terminal and environ.get("TERM") != "dumb"
        if environ.get("FORCE_COLOR"):
            colour = True
        if environ.get("NO_COLOR"):
            colour = False
        return cls(max(NARROWEST, min(width, WIDEST)), colour, stream.encoding or "utf-8")

    @property
    def unicode(self) -> bool:
        """Whether the marks and dashes can be written."""
        try:
            "✓✗–·…".encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def mark(self, outcome: str) -> str:
        """The sign of an outcome: ✓ ✗ ? – ·, or + x ? - . where only ASCII can be written."""
        return (MARKS if self.unicode else ASCII_MARKS).get(outcome, " ")

    def style(self, text: str, style: str | None) -> str:
        """The text in that style where colours are shown."""
        return click.style(text, **STYLES[style]) if self.colour and style and STYLES[style] else text

    def wrap(self, first: str, words: Words, indent: int) -> list[str]:
        """Lines that begin with `first` (`indent` columns wide) and hang below it; long words stay whole."""
        pieces = [(word, style) for text, style in words for word in text.split(" ") if word]
        lines: list[list[tuple[str, str | None]]] = [[]]
        used = indent
        for word, style in pieces:
            size = cells(word)
            if lines[-1] and used + 1 + size > self.width:
                lines.append([])
                used = indent
            used += size + bool(lines[-1])
            lines[-1].append((word, style))
        runs = [
            " ".join(
                self.style(" ".join(word for word, _ in run), style)
                for style, run in groupby(line, lambda w: w[1])
            )
            for line in lines
        ]
        return [first + runs[0] if runs[0] else first.rstrip(), *(" " * indent + run for run in runs[1:])]

    def printable(self, text: str) -> str:
        """The text with whatever this stream cannot write in place of which its code stands."""
        if self.encoding.lower().replace("-", "") == "utf8":
            return text
        plain = (
            text.translate({0x2013: "-", 0x2026: "...", 0xB7: "-", 0x2192: "->"})
            if not self.unicode
            else text
        )
        try:
            return plain.encode(self.encoding, "backslashreplace").decode(self.encoding)
        except LookupError:
            return plain.encode("ascii", "backslashreplace").decode("ascii")

    def table(self, heads: list[str], rows: list[list[str]], *, cut: bool) -> list[str]:
        """Rows in columns as wide as their content; with `cut` the columns beyond the width stand below their row."""
        widths = [max([cells(head), *(cells(row[i]) for row in rows)]) for i, head in enumerate(heads)]
        ends = accumulate(widths, lambda end, width: end + 2 + width)
        fit = max(1, sum(end <= self.width for end in ends)) if cut else len(heads)
        lines = [self.style(_padded(heads[:fit], widths[:fit]), "head")]
        for row in rows:
            line = _padded(row[:fit], widths[:fit])
            lines += [_cut(line, self.width) if cut else line] if line else []
            lines += self._below(heads[fit:], row[fit:])
        return lines

    def _below(self, heads: list[str], row: list[str]) -> list[str]:
        """What of a row stands below it: each filled column under its own name."""
        words: list[tuple[str, str | None]] = []
        for head, text in zip(heads, row, strict=True):
            words += [(f"{head}:", "dim"), (f"{text};", None)] if text else []
        if not words:
            return []
        words[-1] = (words[-1][0].removesuffix(";"), None)
        plain = replace(self, colour=False).wrap(" " * BELOW, words, BELOW)
        if any(cells(line) > self.width for line in plain):
            return [_cut(line, self.width) for line in plain]
        return self.wrap(" " * BELOW, words, BELOW)


def _padded(row: list[str], widths: list[int]) -> str:
    parts = [text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)]
    return "  ".join(parts).rstrip()


def _cut(line: str, width: int) -> str:
    if cells(line) <= width:
        return line
    kept, used = "", 0
    for character in line:
        used += cells(character)
        if used >= width:
            return kept + "…"
        kept += character
    return kept
