"""The history of a repository or a bundle along its main line, each commit with what it changed and the notes on it.

A merge is compared with its first parent, so that nothing is counted twice; the commits that it brings come with it.
Nothing of the repository is run: no hook, no filter, no program of its configuration.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tracer.case.times import iso
from tracer.sources.git.places import places

USUAL = ("main", "master", "production", "trunk")
"""Names of main lines, tried in this order where neither the declaration nor HEAD decides."""

BUNDLE = (b"# v2 git bundle\n", b"# v3 git bundle\n")

MOST_BROUGHT = 2_000
"""Commits of one merge that are looked at."""


@dataclass(frozen=True)
class File:
    """One changed file: its path and content before and after; None where it was not there."""

    before_path: str | None
    after_path: str | None
    before: bytes | None
    after: bytes | None
    ids: str


@dataclass
class Commit:
    """One commit; times are UTC text. `boundary` says that what came before it is not at hand."""

    id: str
    parents: list[str]
    author: tuple[str, str]
    authored_at: str | None
    committer: tuple[str, str]
    committed_at: str | None
    message: str
    raw: bytes
    note: str = ""
    files: list[File] = field(default_factory=list)
    boundary: bool = False
    lost: bool = False
    brought: list["Commit"] = field(default_factory=list)


@dataclass
class Repository:
    """The objects of a repository, its refs, the branch that HEAD names, and where it was cloned from."""

    objects: Any
    refs: dict[str, Any]
    head: str | None = None
    origin: str | None = None
    place: "TemporaryDirectory[str] | None" = None
    said: str = ""
    """What belongs to it and was not handed in."""

    def close(self) -> None:
        """Let go of the files."""
        self.objects.close()
        if self.place is not None:
            self.place.cleanup()

    def notes(self) -> dict[str, str]:
        """Commit -> all notes on it, those of Gerrit's reviews among them."""
        from dulwich.notes import NotesTree

        found: dict[str, str] = {}
        for name in sorted(self.refs):
            if not name.startswith("refs/notes/"):
                continue
            try:
                tree = self.objects[self.objects[self.refs[name]].tree]
                listed = dict(NotesTree(tree, self.objects).list_notes())
                for commit, blob in listed.items():
                    text = self.objects[blob].data.decode("utf-8", "replace")
                    key = commit.decode("ascii", "replace")
                    found[key] = f"{found[key]}\n{text}" if key in found else text
            except (KeyError, AttributeError, ValueError):
                continue
        return found

    def main_line(self, wanted: str | None = None) -> str | None:
        """The ref of the branch that counts: the wanted one, that of HEAD, else the usual name, else the only one."""
        heads = {name.rpartition("/")[2]: name for name in self.refs if name.startswith("refs/heads/")}
        for name in (wanted, self.head, *USUAL):
            if name is not None and name in heads:
                return heads[name]
        tip = self.refs.get("HEAD")
        at_head = sorted(name for name in heads.values() if tip is not None and self.refs[name] == tip)
        if at_head:
            return at_head[0]
        return "HEAD" if tip is not None else min(heads.values(), default=None)


def open_repository(path: Path, within: Path | None = None) -> Repository:
    """A repository on disk, of which nothing outside of `within` is opened (None: of itself).

    Raises ValueError where it cannot be read as one.
    """
    from dulwich.config import ConfigFile
    from dulwich.object_store import DiskObjectStore
    from dulwich.repo import Repo

    class Contained(Repo):
        """A repository whose configuration does not include other files."""

        def get_config(self) -> ConfigFile:
            file = Path(self.commondir()) / "config"
            return ConfigFile.from_file(io.BytesIO(file.read_bytes()), expand_includes=False)

    class Objects(DiskObjectStore):
        """Objects with only those of other repositories that were handed in."""

        def _read_alternate_paths(self) -> Iterator[str]:
            return iter(())

        @property
        def alternates(self) -> list[Any]:
            if self._alternates is None:
                self._alternates = [Objects(str(one)) for one in found.alternates] if self is store else []
            return self._alternates

    try:
        found = places(path, within or path)
        store = Objects(str(found.objects))
        repo = Contained(
            str(path), store, controldir=str(found.control), commondir=str(found.common.absolute())
        )
        refs: dict[str, Any] = {name.decode("utf-8", "replace"): one for name, one in repo.get_refs().items()}
        symbolic: dict[Any, Any] = {**repo.refs.get_symrefs()}
        head = symbolic.get(b"refs/remotes/origin/HEAD") or symbolic.get(b"HEAD")
        try:
            origin = repo.get_config().get((b"remote", b"origin"), b"url").decode("utf-8", "replace")
        except KeyError:
            origin = None
    except Exception as error:
        raise ValueError(f"the repository cannot be read ({error})") from error
    name = head.decode("utf-8", "replace").rpartition("/")[2] if head else None
    return Repository(repo.object_store, refs, name, origin, said="; ".join(found.said))


def open_bundle(data: bytes) -> Repository:
    """The objects of a bundle, unpacked to a temporary place until it is closed.

    Raises ValueError where it is broken or rests on objects that it does not hold.
    """
    from dulwich.bundle import read_bundle
    from dulwich.object_store import DiskObjectStore

    place = TemporaryDirectory()
    try:
        with read_bundle(io.BytesIO(data)) as bundle:
            refs: dict[str, Any] = {
                name.decode("utf-8", "replace"): value for name, value in bundle.references.items()
            }
            missing = [one.decode("ascii", "replace") for one, _ in bundle.prerequisites]
        store = DiskObjectStore.init(str(Path(place.name) / "objects"))
        stream = io.BytesIO(data)
        stream.seek(data.index(b"\n\n") + 2)
        store.add_thin_pack(stream.read, None)
    except Exception as error:
        place.cleanup()
        if missing_base(error):
            raise ValueError(
                "the bundle rests on commits that it does not hold: hand in one that was made with --all"
            ) from error
        # The library raises whatever its layers raise on broken data: every one of them means the same here.
        raise ValueError(f"the bundle cannot be read ({type(error).__name__}: {error})") from error
    if missing and not any(value in store for value in refs.values()):
        raise ValueError(f"the bundle rests on commit {missing[0]}, which it does not hold")
    return Repository(store, refs, place=place)


def missing_base(error: Exception) -> bool:
    """Whether an error means that a bundle changes objects that only its prerequisites hold."""
    return type(error).__name__ in ("UnresolvedDeltas", "KeyError")


Wanted = Callable[[str], bool]
"""Whether a path is of interest; files of other paths are not read."""


def history(repository: Repository, branch: str | None = None) -> list[Commit]:
    """The commits of the main line, the oldest first, without their files (see `complete`). Empty where there is none."""
    name = repository.main_line(branch)
    if name is None:
        return []
    notes = repository.notes()
    found: list[Commit] = []
    seen: set[bytes] = set()
    tip: bytes | None = repository.refs[name]
    while tip is not None and tip not in seen and tip in repository.objects:
        seen.add(tip)
        one = _object(repository, tip)
        if one is None:
            break
        commit = _head(one)
        commit.note = notes.get(commit.id, "")
        found.append(commit)
        tip = one.parents[0] if one.parents else None
    return found[::-1]


def _object(repository: Repository, name: bytes) -> Any:
    """A commit, behind annotated tags."""
    from dulwich.objects import Commit as GitCommit
    from dulwich.objects import Tag

    for _ in range(10):
        try:
            one = repository.objects[name]
        except Exception:
            return None
        if isinstance(one, GitCommit):
            return one if _goes(one) else None
        if not isinstance(one, Tag):
            return None
        name = one.object[1]
    return None


def _goes(commit: Any) -> bool:
    """Whether a commit has all that one must have: the library reads it only when it is asked for."""
    try:
        _head(commit)
    except Exception:
        return False
    return isinstance(commit.tree, bytes)


def complete(repository: Repository, commit: Commit, wanted: Wanted) -> None:
    """Add what a commit changed in wanted files, and what a merge brings."""
    one = _object(repository, commit.id.encode())
    parent = _object(repository, one.parents[0]) if one.parents else None
    commit.boundary = parent is None
    commit.lost = parent is None and bool(one.parents)
    commit.files = list(_files(repository, parent.tree if parent else None, one.tree, wanted))
    if parent is not None and len(one.parents) > 1 and commit.files:
        commit.brought = _brought(repository, one, wanted)


def _head(one: Any) -> Commit:
    encoding = (one.encoding or b"utf-8").decode("ascii", "replace")
    try:
        message = one.message.decode(encoding, "replace")
    except LookupError:
        message = one.message.decode("utf-8", "replace")
    return Commit(
        id=one.id.decode(),
        parents=[parent.decode() for parent in one.parents],
        author=person(one.author),
        authored_at=_at(one.author_time),
        committer=person(one.committer),
        committed_at=_at(one.commit_time),
        message=message,
        raw=one.as_raw_string(),
    )


def person(text: bytes | str) -> tuple[str, str]:
    """`Name <mail>` as (name, mail); either may be empty."""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    name, _, rest = said.partition("<")
    return name.strip(), rest.partition(">")[0].strip()


def _at(seconds: Any) -> str | None:
    try:
        return iso(datetime.fromtimestamp(int(seconds), UTC))
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _files(repository: Repository, before: Any, after: Any, wanted: Wanted) -> Iterator[File]:
    from dulwich.diff_tree import tree_changes

    try:
        for change in tree_changes(repository.objects, before, after):
            old, new = change.old, change.new
            paths = [
                entry.path.decode("utf-8", "replace") if entry and entry.path else None
                for entry in (old, new)
            ]
            if not any(path is not None and wanted(path) for path in paths):
                continue
            blobs = [_blob(repository, entry) for entry in (old, new)]
            ids = " ".join((entry.sha.decode() if entry and entry.sha else "-") for entry in (old, new))
            yield File(paths[0], paths[1], blobs[0], blobs[1], ids)
    except KeyError:
        return


def _blob(repository: Repository, entry: Any) -> bytes | None:
    if entry is None or entry.sha is None or (entry.mode or 0) & 0o170000 != 0o100000:
        return None
    try:
        data: bytes = repository.objects[entry.sha].data
    except Exception:
        return None
    return data


def _brought(repository: Repository, merge: Any, wanted: Wanted) -> list[Commit]:
    """The commits of the other parents that the first parent does not have, the newest first."""
    from dulwich.errors import MissingCommitError
    from dulwich.walk import Walker

    found = []
    try:
        walker = Walker(
            repository.objects, merge.parents[1:], exclude=[merge.parents[0]], max_entries=MOST_BROUGHT
        )
        for entry in walker:
            one = entry.commit
            if not _goes(one):
                continue
            commit = _head(one)
            parent = _object(repository, one.parents[0]) if one.parents else None
            if parent is not None:
                commit.files = list(_files(repository, parent.tree, one.tree, wanted))
            found.append(commit)
    except (KeyError, MissingCommitError, AssertionError):
        return found
    return found
