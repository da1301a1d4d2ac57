"""What a reader raises that nobody foresaw costs the record at hand, and is said: never the file, and never the run.

A bug in a reader is met by the evidence that it was written for, and whoever reads that has no other tool at hand.
"""

import traceback
from pathlib import Path

from tracer.errors import TracerError
from tracer.sources.exact import RecordError

LONGEST = 120
"""Characters of what was raised that are said."""


STATED = (TracerError, OSError)
"""What is no fault of a reader: a stated problem, and what the machine refuses. It goes on to whoever asked."""

UNMAPPED = "the record could not be mapped"


def fault(error: Exception, doing: str = UNMAPPED) -> str:
    """What to say of an error that one record, or one file, raised; `doing` says what it ended."""
    if isinstance(error, RecordError):
        return str(error)[:300]
    if isinstance(error, RecursionError):
        return f"{doing}: it is nested too deep"
    if isinstance(error, MemoryError):
        return f"{doing}: it needs more memory than there is"
    text = " ".join(str(error).split())[:LONGEST]
    return f"{doing} ({type(error).__name__}: {text}, {_where(error)}): this is a fault of tracer, please report it"


def _where(error: Exception) -> str:
    """The innermost place of ours, as module and line."""
    package = Path(__file__).parent.parent
    frames = [
        one for one in traceback.extract_tb(error.__traceback__) if package in Path(one.filename).parents
    ]
    if not frames:
        return "outside tracer"
    return f"{Path(frames[-1].filename).relative_to(package).as_posix()}:{frames[-1].lineno}"
