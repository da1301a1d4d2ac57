"""Fields in which a product writes a sentence: what was done is looked for with patterns, so they are of bounded length."""

from tracer.limits import Limit
from tracer.sources.exact import RecordError

LONGEST = Limit(
    10_000,
    "characters",
    bounds="a field that says in a sentence or a list what was done",
    why="it is searched for several words, so that the work grows with the square of its length; products write some hundreds",
    beyond="the record is rejected",
)


def sentence(text: str | None, longest: int | None = None) -> str:
    """The text, or nothing where there is none. Raises RecordError where it is longer than `longest` (None: than any is)."""
    most = LONGEST if longest is None else longest
    if text is not None and len(text) > most:
        raise RecordError(
            f"a field that says what was done has {len(text)} characters; {most} are read at most"
        )
    return text or ""
