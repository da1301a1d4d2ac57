"""What is handed in: files, folders, patterns, `-` and URLs, as the list of pieces to read and how to open each."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tracer.errors import CaseError, TracerError
from tracer.evidence.archives import spooled
from tracer.evidence.containers import CHUNK, Content, held, refused, unpack
from tracer.evidence.decompress import Note
from tracer.evidence.formats import folder_evidence, unusable_folder
from tracer.evidence.reading import Begun
from tracer.evidence.temporary import FULL, NoRoomError
from tracer.machine.regular import is_pipe, not_read, regular

Refuse = Callable[[TracerError], None]


class Handed(NamedTuple):
    """A file, a folder that is one piece of evidence, `-` or a URL; `within` is the folder in which it was found.

    `problem` says why it is not read, where that is so; `file` is where it lies, if it was `fetched`.
    """

    path: str
    within: str | None = None
    problem: str | None = None
    file: str | None = None


def files(paths: list[str], refuse: Refuse) -> Iterator[Handed]:
    """Every file (or folder that is one piece of evidence) that the paths name, folders recursively, in order of names.

    What is named may be a link to anywhere; what is found in a folder is read only if it lies in that folder.
    """
    for path in map(_local, paths):
        if path == "-":
            yield Handed(path)
        elif "://" in path:
            yield from map(Handed, _remote(path, refuse))
        elif os.path.lexists(path):
            yield from _named(path, None, refuse)
        else:
            root, found = _globbed(path)
            if not found:
                refuse(CaseError("no such file or folder", where=path, todo="check the path"))
            for one in found:
                yield from _named(one, root, refuse)


def contents(one: Handed) -> Iterator[Content]:
    """What a file holds: itself, or the members of an archive. Raises OSError or TracerError where it cannot be read."""
    path = one.path
    if one.problem is not None:
        yield refused(path, one.problem, lost=False)
    elif one.file is not None:
        yield from unpack(path, partial(_open, one.file), on_disk=Path(one.file))
    elif not is_local(path):
        with _opened_once(path) as stream, spooled(stream) as opening:
            yield from unpack(path, opening)
    elif Path(path).is_dir():
        yield _of_folder(one)
    else:
        yield from unpack(path, partial(_open, path), on_disk=Path(path))


def is_local(path: str) -> bool:
    """Whether another process can open it, too."""
    return path != "-" and "://" not in path and not is_pipe(path)


def fetched(path: str, file: Path) -> Path:
    """What a pipe or a URL holds, written to this file. Raises TracerError where it cannot be read."""
    try:
        with _opened_once(path) as stream, file.open("wb") as target:
            shutil.copyfileobj(stream, target, CHUNK)
    except OSError as error:
        if error.errno in FULL:
            raise NoRoomError from error
        why = f"cannot be read ({error.strerror or error})"
        raise CaseError(why, where=path, todo="check access and name") from error
    return file


def whole(one: Handed) -> Begun:
    """What was handed in, not unpacked. Raises OSError or TracerError where it cannot be read."""
    if one.problem is None and Path(one.path).is_dir():
        content = _of_folder(one)
    else:
        content = Content(one.path, partial(_open, one.file or one.path))
    return Begun(one.path, *content.digest)


def _of_folder(one: Handed) -> Content:
    """A folder that is one piece of evidence."""
    folder, within = Path(one.path), Path(one.within or one.path)
    stands_for = folder_evidence(folder, within)
    return Content(one.path, held(b""), folder=folder, within=within, stands_for=stands_for)


def size(one: Handed) -> int:
    """Bytes of a file, as far as that is known without reading it."""
    if one.problem is not None or one.path == "-" or "://" in one.path:
        return 0
    try:
        return Path(one.path).stat().st_size
    except OSError:
        return 0


def _open(path: str, note: Note) -> BinaryIO:
    del note
    return regular(path)


def _local(path: str) -> str:
    """The path of a URL of this machine's own files; anything else as it is."""
    for beginning in ("file://", "local://"):
        path = path.removeprefix(beginning)
    return path


def _named(path: str, within: str | None, refuse: Refuse) -> Iterator[Handed]:
    """What a path stands for that was named, or that was found for a pattern in the folder `within`."""
    problem = None if within is None else not_read(path, within)
    if problem is not None or not Path(path).is_dir():
        yield Handed(path, within, problem)
    else:
        yield from _folder(path, within or path, refuse)


def _globbed(path: str) -> tuple[str, list[str]]:
    """The folder in which a pattern searches, and the files that it names, sorted; a pattern may be absolute."""
    pattern = Path(path)
    root = Path(pattern.anchor) if pattern.anchor else Path()
    parts = pattern.relative_to(pattern.anchor).parts
    while parts and not any(mark in parts[0] for mark in "*?["):
        root, parts = root / parts[0], parts[1:]
    try:
        return str(root), sorted(str(found) for found in root.glob(str(Path(*parts)))) if parts else []
    except (ValueError, NotImplementedError, OSError):
        return str(root), []


def _folder(path: str, within: str, refuse: Refuse) -> Iterator[Handed]:
    """What lies in a folder and in those below, or the folder itself where it is one piece of evidence."""
    waiting = [Path(path)]
    while waiting:
        folder = waiting.pop()
        if folder_evidence(folder, Path(within)) is not None:
            yield Handed(str(folder), within)
            continue
        unusable = unusable_folder(folder, Path(within))
        if unusable is not None:
            yield Handed(str(unusable[0]), within, unusable[1])
            if unusable[0] == folder:
                continue
        inner, found = _listed(folder, within, refuse)
        yield from found
        waiting += [one for one in reversed(inner) if unusable is None or one != unusable[0]]


def _listed(folder: Path, within: str, refuse: Refuse) -> tuple[list[Path], list[Handed]]:
    """The folders in a folder, and everything else in it, both by name; hidden files are none of it."""
    folders: list[Path] = []
    found: list[Handed] = []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                path = Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                    continue
                problem = None if entry.is_file(follow_symlinks=False) else not_read(str(path), within)
                # A link to a folder in here is that folder again, which is read where it stands.
                if problem is not None or not (entry.is_symlink() and path.is_dir()):
                    found += [Handed(str(path), within, problem)] if entry.name[0] != "." else []
    except OSError as error:
        why = f"this folder cannot be read ({error.strerror})"
        refuse(CaseError(why, where=str(folder), todo="check its permissions"))
    return folders, found


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


@contextmanager
def _opened_once(path: str) -> Iterator[BinaryIO]:
    """What can be read only once, opened. Raises OSError or TracerError where it cannot be."""
    if path == "-":
        yield sys.stdin.buffer
        return
    if "://" not in path:
        with Path(path).open("rb") as pipe:
            yield pipe
        return
    system, name = _system(path)
    try:
        stream = system.open(name, "rb")
    except OSError:
        raise
    except Exception as error:
        # Each of these file systems has errors of its own.
        why = f"cannot be read ({error})"[:300]
        raise CaseError(why, where=path, todo="check access and name") from error
    with stream:
        yield stream


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
