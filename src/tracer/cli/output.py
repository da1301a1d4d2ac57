"""All that a command prints goes through here, so that nothing that others wrote can act on the terminal.

Answers go to stdout, everything said beside them to stderr. A test makes sure that no command prints in another way.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from tracer.errors import TracerError
from tracer.show.terminal import Terminal
from tracer.show.text import safe_text, visible_lines

LINE = 4000
"""Characters of one line: a list of candidates fits, a hostile megabyte does not."""

PART = 1000
"""Characters of one part of an error: where it is, what it is, what to do."""

COLOURS = re.compile(r"(\x1b\[[0-9;]{0,16}m)")


def tell(*lines: str, err: bool = False) -> None:
    """Print each text as one line, whatever it holds; on stderr with `err`."""
    stream = sys.stderr if err else sys.stdout
    printable = Terminal.of(stream).printable("".join(f"{safe_text(line, LINE)}\n" for line in lines))
    click.echo(printable, nl=False, err=err)


def tell_problem(problem: TracerError) -> None:
    """Print a stated problem as one line on stderr; each part of it is cut by itself, so that none buries another."""
    what, where, todo = (safe_text(part, PART) for part in (problem.what, problem.where, problem.todo))
    tell(f"Error: {TracerError(what, where=where, todo=todo).diagnostics()}", err=True)


def print_text(text: str) -> None:
    """Lines that already fit the terminal, in the colours that we gave them."""
    if Terminal.of(sys.stdout).colour:
        pieces = COLOURS.split(text)
        text = "".join(piece if number % 2 else visible_lines(piece) for number, piece in enumerate(pieces))
    else:
        text = visible_lines(text)
    # Without `color` click would take away colours that were asked for.
    click.echo(text, nl=False, color=True)


def print_json(value: Any) -> None:
    """The value as JSON on stdout."""
    from tracer.show.data import json_text

    click.echo(json_text(value), nl=False)


def print_document(content: str | bytes) -> None:
    """A whole document (a report, a picture) on stdout, in UTF-8 wherever it goes."""
    click.echo(_bytes(content), nl=False)


def write_file(path: Path, content: str | bytes, what: str, *, quiet: bool) -> None:
    """Write what was asked for into a file for its owner alone, and say so on stderr; `/dev/stdout` is no file.

    Raises TracerError where it cannot be written.
    """
    from tracer.show.private_files import write_private

    if _is_output(path):
        print_document(content)
        return
    try:
        write_private(path, _bytes(content))
    except (OSError, ValueError) as error:
        raise TracerError(
            f"cannot write {what} ({getattr(error, 'strerror', None) or error})",
            where=str(path),
            todo="name a file in a folder you can write to",
        ) from error
    if not quiet:
        tell(f"Wrote {path}", err=True)


def _is_output(path: Path) -> bool:
    """Whether this is what our output goes to: a new file in its place would leave the output without one."""
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):
        return False


def _bytes(content: str | bytes) -> bytes:
    return visible_lines(content).encode("utf-8") if isinstance(content, str) else content
