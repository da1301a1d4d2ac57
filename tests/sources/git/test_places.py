"""Nothing of a repository is opened that was not handed in, whatever its files name; what is left out is said."""

import os
import shutil
from pathlib import Path

import pytest
from tests.evidence.test_hostile_files import told
from tests.evidence.test_malformed import trail
from tests.sources.git.repository import Repository, needs_git

from tracer.evidence.ingest import ingest
from tracer.evidence.reading import Books

pytestmark = needs_git
REGISTER = (
    "groups:\n  admins:\n    members: [{}]\nusers:\n  ada: {{ensure: present}}\n  bo: {{ensure: present}}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "evidence"
    made.mkdir()
    return made


def committed(folder: Path, *members: str) -> Repository:
    """A repository with a commit for each list of members."""
    made = Repository(folder)
    for member in ("", *members):
        made.commit({"access.yaml": REGISTER.format(member)}, f"Members: {member}")
    return made


def read(folder: Path, *named: Path) -> list[Books]:
    """The books of a run in which nothing failed."""
    summary = ingest(folder.parent / "case.db", [str(one) for one in named or (folder,)], workers=0)
    assert summary.problems == []
    return summary.files


def test_a_git_file_that_leads_elsewhere_is_not_followed(folder: Path, tmp_path: Path) -> None:
    committed(tmp_path / "outside", "bo")
    (folder / "repo").mkdir()
    (folder / "repo" / ".git").write_text(f"gitdir: {tmp_path}/outside/.git\n")
    (folder / "repo" / "trail.json").write_bytes(trail(4))
    found = told(folder)
    assert "its .git file leads to" in found.pop(".git") and found == {}


def test_a_working_tree_is_read_where_its_repository_was_handed_in_too(folder: Path) -> None:
    main = committed(folder / "main", "bo")
    main.git("worktree", "add", "-q", "-b", "other", "../tree")
    books, *_ = read(folder, folder / "tree")
    assert books.unread and "which was not handed in" in str(books.note)
    main.commit({"access.yaml": REGISTER.format("bo, ada")}, "Ada")
    assert [one.records for one in read(folder)] == [3, 2]  # of its own branch


def test_objects_of_others_are_read_only_where_they_were_handed_in(folder: Path) -> None:
    committed(folder / "whole", "bo").git("clone", "-q", "--shared", "--bare", ".", "../shared.git")
    assert "were not handed in, and are not read" in str(read(folder, folder / "shared.git")[0].note)
    assert [(one.records, one.known) for one in read(folder)] == [(2, False), (0, True)]


def test_objects_that_name_each_other_end(folder: Path) -> None:
    made = committed(folder / "a", "bo")
    (made.folder / ".git/objects/info").mkdir(exist_ok=True)
    (made.folder / ".git/objects/info/alternates").write_text("../objects\n.\n../../.git/objects\n")
    assert [one.records for one in read(folder)] == [2]


@pytest.mark.parametrize(
    "place",
    [
        "HEAD",
        "config",
        "packed-refs",
        "refs/heads/x",
        "objects/pack/x.pack",
        "objects/info/alternates",
        "commondir",
    ],
)
@pytest.mark.parametrize("what", ["pipe", "link"])
def test_what_is_no_file_in_a_repository_is_neither_waited_for_nor_followed(
    folder: Path, place: str, what: str
) -> None:
    made = committed(folder / "repo", "bo")
    path = made.folder / ".git" / place
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True, parents=True)
    if what == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/etc/passwd")
    found = told(folder)
    assert ("named pipe" if what == "pipe" else "out of what was handed in") in found[".git"]


def test_objects_behind_a_link_out_of_the_folder_are_not_read(folder: Path, tmp_path: Path) -> None:
    made = committed(folder / "repo", "bo")
    shutil.move(made.folder / ".git/objects", tmp_path / "objects")
    (made.folder / ".git/objects").symlink_to(tmp_path / "objects")
    assert "out of what was handed in" in told(folder)[".git"]


def test_a_link_within_the_repository_is_part_of_it(folder: Path) -> None:
    made = committed(folder / "repo", "bo")
    (made.folder / ".git/objects").rename(made.folder / "elsewhere")
    (made.folder / ".git/objects").symlink_to("../elsewhere")
    assert [one.records for one in read(folder)] == [2]


def test_what_a_configuration_includes_is_not_read(folder: Path) -> None:
    made = committed(folder / "repo", "bo")
    os.mkfifo(folder / "pipe")
    with (made.folder / ".git/config").open("a") as config:
        config.write(f"[include]\n\tpath = {folder}/pipe\n[include]\n\tpath = /dev/zero\n")
    assert [one.records for one in read(folder) if not one.unread] == [2]


def test_the_rest_of_a_folder_is_read_where_its_repository_is_broken(folder: Path) -> None:
    os.mkfifo(folder / ".git")
    (folder / "trail.json").write_bytes(trail(4))
    assert "named pipe" in told(folder)[".git"]
