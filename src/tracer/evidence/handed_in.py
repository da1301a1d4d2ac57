"""What is handed in: files, folders, patterns, `-` and URLs, as the list of pieces to read and how to open each."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from tracer.errors import CaseError, TracerError
from tracer.evidence.containers import CHUNK, Content, held, spooled, unpack
from tracer.evidence.formats import folder_evidence
from tracer.evidence.reading import Begun

Refuse = Callable[[TracerError], None]


def files(paths: list[str], refuse: Refuse) -> Iterator[str]:
    """Every file (or folder that is one piece of evidence) that the paths name, folders recursively, in order of names."""
    for path in paths:
        if path == "-":
            yield path
        elif "://" in path:
            yield from _remote(path, refuse)
        else:
            found = [path] if os.path.lexists(path) else _globbed(path)
            if not found:
                refuse(CaseError("no such file or folder", where=path, todo="check the path"))
            for one in found:
                if Path(one).is_dir() and folder_evidence(Path(one)) is None:
                    yield from _folder(one, refuse)
                else:
                    yield one


def contents(path: str, file: str | None = None) -> Iterator[Content]:
    """What one of the `files` holds: itself, or the members of an archive. Raises OSError where it cannot be read.

    `file` is where it lies, if it was `fetched`.
    """
    if file is not None:
        yield from unpack(path, partial(_open, file))
    elif path == "-":
        with spooled(sys.stdin.buffer) as opener:
            yield from unpack(path, opener)
    elif "://" in path:
        system, name = _system(path)
        with system.open(name, "rb") as stream, spooled(stream) as opener:
            yield from unpack(path, opener)
    elif Path(path).is_dir():
        yield Content(path, held(b""), folder=Path(path), stands_for=folder_evidence(Path(path)))
    else:
        yield from unpack(path, partial(_open, path))


def is_local(path: str) -> bool:
    """Whether another process can open it, too."""
    return path != "-" and "://" not in path


def fetched(path: str, file: Path) -> Path:
    """What stdin or a URL holds, written to this file. Raises CaseError where it cannot be read."""
    try:
        with file.open("wb") as target:
            if path == "-":
                shutil.copyfileobj(sys.stdin.buffer, target, CHUNK)
            else:
                system, name = _system(path)
                with system.open(name, "rb") as stream:
                    shutil.copyfileobj(stream, target, CHUNK)
    except TracerError:
        raise
    except Exception as error:  # each of the file systems has its own
        raise CaseError(
            f"cannot be read ({error})"[:300], where=path, todo="check access and name"
        ) from error
    return file


def whole(path: str, file: str | None) -> Begun:
    """One of the `files` as it was handed in, not unpacked. Raises OSError where it cannot be read."""
    if Path(path).is_dir():
        content = Content(path, held(b""), folder=Path(path), stands_for=folder_evidence(Path(path)))
    else:
        content = Content(path, partial(_open, file or path))
    return Begun(path, *content.digest)


def size(path: str) -> int:
    """Bytes of a file, as far as that is known without reading it."""
    try:
        return 0 if path == "-" or "://" in path else Path(path).stat().st_size
    except OSError:
        return 0


def _open(path: str) -> BinaryIO:
    return Path(path).open("rb")


def _globbed(path: str) -> list[str]:
    """The files that a pattern names, sorted; a pattern may be absolute."""
    pattern = Path(path)
    root = Path(pattern.anchor) if pattern.anchor else Path()
    try:
        return sorted(str(found) for found in root.glob(str(pattern.relative_to(pattern.anchor))))
    except (ValueError, NotImplementedError):
        return []


def _folder(path: str, refuse: Refuse) -> Iterator[str]:
    def refused(error: OSError) -> None:
        why = f"this folder cannot be read ({error.strerror})"
        refuse(CaseError(why, where=str(error.filename), todo="check its permissions"))

    for folder, folders, names in os.walk(path, onerror=refused):
        folders.sort()
        for name in [name for name in folders if folder_evidence(Path(folder) / name) is not None]:
            folders.remove(name)
            yield str(Path(folder) / name)
        for name in sorted(names):
            if not name.startswith("."):
                yield str(Path(folder) / name)


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL and the name in it. Raises TracerError where nothing here can reach it."""
    try:
        import fsspec
    except ImportError as error:
        raise CaseError(
            "a URL cannot be read here", where=url, todo="pip install 'tracer-forensics[remote]'"
        ) from error
    try:
        found: tuple[Any, str] = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise CaseError(
            f"this URL cannot be read ({error})", where=url, todo="check its beginning"
        ) from error
    return found


def _remote(url: str, refuse: Refuse) -> Iterator[str]:
    """The files of a URL: itself, those that its pattern names, or those below it."""
    try:
        system, name = _system(url)
        if any(mark in name for mark in "*?["):
            found = [one for one in system.glob(name) if not system.isdir(one)]
        else:
            found = system.find(name)
    except TracerError as problem:
        refuse(problem)
        return
    except Exception as error:
        refuse(CaseError(f"this URL cannot be read ({error})"[:300], where=url, todo="check access and name"))
        return
    if not found:
        refuse(CaseError("no such file or folder", where=url, todo="check the path"))
    for one in sorted(found):
        yield system.unstrip_protocol(one)
