"""Where the parts of a repository lie, and that all that is opened of it was handed in.

A `.git` file, `commondir`, `objects/info/alternates` and links can lead to any place on the machine. What they name is part
of the repository only if it lies in the folder that was handed in.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tracer.errors import CaseError
from tracer.machine.regular import inside, not_read, regular

POINTER = 1 << 16
"""Bytes of a file that names other places; more of it is not read."""

SHARED = ("config", "packed-refs", "shallow", "info", "refs", "reftable")
"""What is read of the folder that all working trees of a repository share, beside its objects."""

OWN = ("HEAD", "refs")
"""What is read of the folder of one working tree."""

INSTEAD = (
    "hand in the repository that it belongs to as well, or a bundle (git bundle create register.bundle --all)"
)


class Places(NamedTuple):
    """The folders of a repository: HEAD, what working trees share, objects, objects of others; and what is not followed."""

    control: Path
    common: Path
    objects: Path
    alternates: tuple[Path, ...]
    said: tuple[str, ...]


def is_repository(path: Path) -> bool:
    """Whether a folder is a git repository, with a working tree or bare."""
    try:
        return os.path.lexists(path / ".git") or (
            (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
        )
    except OSError:
        return False


def places(path: Path, within: Path) -> Places:
    """The folders of the repository at `path`. Raises ValueError where something is to be opened that was not handed in."""
    control = _control(path, within)
    common = _named(control, control / "commondir", within)
    objects = common / "objects"
    alternates, said = _alternates(objects, within)
    for opened in (
        *(control / name for name in OWN),
        *(common / name for name in SHARED),
        objects,
        *alternates,
    ):
        for one in _below(opened):
            problem = not_read(str(one), str(within)) if one.exists() else None
            if problem is not None:
                raise ValueError(f"{os.path.relpath(one, path)}: {problem}")
    return Places(control, common, objects, alternates, said)


def _control(path: Path, within: Path) -> Path:
    if not os.path.lexists(path / ".git"):
        return path
    problem = not_read(str(path / ".git"), str(within))
    if problem is not None:
        raise ValueError(f".git: {problem}")
    if (path / ".git").is_dir():
        return path / ".git"
    return _named(path, path / ".git", within, b"gitdir:")


def _named(folder: Path, file: Path, within: Path, before: bytes = b"") -> Path:
    """The folder that a file names, from `folder` on; without such a file `folder` itself."""
    if not os.path.lexists(file):
        return folder
    named = os.fsdecode(_text(file, within).removeprefix(before).strip())
    found = folder / named
    if "\0" in named or not _is_inside(found, within):
        raise ValueError(f"its {file.name} file leads to {named}, which was not handed in; {INSTEAD}")
    return found


def _alternates(objects: Path, within: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Other folders of objects that this one, or one of those, names."""
    found: list[Path] = []
    said: list[str] = []
    waiting, seen = [objects], {os.path.realpath(objects)}
    while waiting:
        folder = waiting.pop()
        file = folder / "info" / "alternates"
        for line in _text(file, within).splitlines() if os.path.lexists(file) else ():
            named = os.fsdecode(line)
            if not line or line.startswith(b"#") or "\0" in named:
                continue
            other = folder / named
            if not _is_inside(other, within):
                said.append(f"objects in {named} were not handed in, and are not read; {INSTEAD}")
            elif os.path.realpath(other) not in seen:
                seen.add(os.path.realpath(other))
                found.append(other)
                waiting.append(other)
    return tuple(found), tuple(dict.fromkeys(said))


def _text(file: Path, within: Path) -> bytes:
    problem = not_read(str(file), str(within))
    if problem is not None:
        raise ValueError(f"{file.name}: {problem}")
    try:
        with regular(file) as stream:
            return stream.read(POINTER)
    except CaseError as error:
        raise ValueError(f"{file.name}: {error.what}") from error


def _is_inside(path: Path, within: Path) -> bool:
    return inside(os.path.realpath(path), os.path.realpath(within))


def _below(path: Path) -> Iterator[Path]:
    """What lies in a folder, at any depth, and it itself: all that is no plain file or folder."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        if folder.is_symlink() or not folder.is_dir():
            yield folder
        real = os.path.realpath(folder)
        if real in seen or not folder.is_dir():
            continue
        seen.add(real)
        with os.scandir(folder) as entries:
            waiting += [
                Path(entry.path)
                for entry in entries
                if entry.is_dir(follow_symlinks=False) or not entry.is_file(follow_symlinks=False)
            ]
