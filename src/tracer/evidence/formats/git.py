"""Access registers kept in git: a repository's folder, a bundle, or the text of `git log -p`. A commit is a record.

Its raw text is the commit as git keeps it, the notes on it, and the ids of the files' versions, which name their content.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from tracer.evidence.containers import Content
from tracer.evidence.formats import Piece, missing
from tracer.evidence.formats._lines import SHOWN, too_long, up_to
from tracer.limits import Limit
from tracer.sources.declarations import Declaration
from tracer.sources.git.history import BUNDLE, open_bundle, open_repository
from tracer.sources.git.logtext import is_log
from tracer.sources.git.places import is_repository
from tracer.sources.git.records import entries, log_entries

LARGEST = Limit(
    256 << 20,
    "bytes",
    bounds="a git bundle, or the text of a git log",
    why="it is held as a whole, and registers are text of some megabytes with all their history",
    beyond="the file is one reject",
)


def looks(content: Content) -> bool:
    """Whether it is a repository, a bundle, or the text of a log."""
    if content.folder is not None:
        return is_repository(content.folder)
    return content.head.startswith(BUNDLE) or is_log(content.head)


def called(content: Content) -> str | None:
    """What the file is called where its first bytes say what it is; None for text."""
    if content.folder is not None:
        return "git repository"
    return "git bundle" if content.head.startswith(BUNDLE) else None


def takes(folder: Path, within: Path) -> bytes | None:
    """The refs of a repository: they name everything in it by its content; and what of that was not handed in."""
    if not is_repository(folder):
        return None
    try:
        repository = open_repository(folder, within)
    except ValueError:
        return None
    except ImportError:
        return str(folder.name).encode("utf-8", "surrogatepass")
    repository.close()
    refs = repository.refs
    told = b"".join(
        value + b" " + name.encode("utf-8", "surrogatepass") + b"\n" for name, value in sorted(refs.items())
    )
    return told + repository.said.encode("utf-8", "surrogateescape")


def unusable(folder: Path, within: Path) -> tuple[Path, str] | None:
    """What of a folder is a repository that cannot be read, and why."""
    if not is_repository(folder):
        return None
    try:
        open_repository(folder, within).close()
    except ValueError as error:
        return folder / ".git" if os.path.lexists(folder / ".git") else folder, str(error)[:300]
    except ImportError:
        pass
    return None


def pieces(content: Content, declaration: Declaration) -> Iterator[Piece]:
    """The commits of the main line, the oldest first."""
    path = Path(content.path.split("!")[-1]).absolute() if content.path != "-" else Path("stdin")
    stem = (path.parent.name if path.name == ".git" else path.name).removesuffix(".git").split(".")[
        0
    ] or "git"
    repository = None
    try:
        if content.folder is None and not content.head.startswith(BUNDLE):
            found = log_entries(up_to(content, LARGEST), declaration.options, stem)
        else:
            if content.folder is None:
                repository = open_bundle(up_to(content, LARGEST))
            else:
                repository = open_repository(content.folder, content.within)
                content.problem = repository.said or None
            found = entries(repository, declaration.options, stem)
        for ordinal, entry in enumerate(found):
            long = too_long(len(entry.raw))
            raw = entry.raw[:SHOWN] if long else entry.raw
            yield Piece(ordinal, entry.offset, raw, long or entry.problem, entry.value)
    except ImportError as error:
        raise missing(content, "a git repository", "git") from error
    except (ValueError, MemoryError) as error:
        yield Piece(0, 0, content.head[:200], str(error)[:300])
    finally:
        if repository is not None:
            repository.close()
