"""A real repository, made with the git program, in which tests commit, merge, note and bundle."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="the git program is not installed")


class Repository:
    """A repository in a folder; each commit is a minute after the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.minute = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(
        self, *words: str, author: str = "Ada Lund <ada@reg.example>", committer: str | None = None
    ) -> str:
        """Run git as somebody."""
        name, _, mail = author.partition(" <")
        other, _, other_mail = (committer or author).partition(" <")
        at = f"2026-03-01T10:{self.minute:02d}:00+00:00"
        environment = {
            **os.environ, "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail.rstrip(">"), "GIT_AUTHOR_DATE": at,
            "GIT_COMMITTER_NAME": other, "GIT_COMMITTER_EMAIL": other_mail.rstrip(">"), "GIT_COMMITTER_DATE": at,
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str | None], message: str, **people: str) -> str:
        """Write (or with None remove) files and commit them; gives the commit's id."""
        self.minute += 1
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, **people)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        """A new branch from here, checked out."""
        self.git("checkout", "-q", "-b", name)

    def merge(self, name: str, message: str, author: str) -> str:
        """Back on main, with a merge commit by somebody."""
        self.minute += 1
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", message, name, author=author)
        return self.git("rev-parse", "HEAD")

    def note(self, commit: str, text: str) -> None:
        """A review note, as Gerrit's plugin writes them."""
        self.git("notes", "--ref=review", "add", "-f", "-m", text, commit)

    def bundle(self, path: Path) -> Path:
        """Everything in one file."""
        self.git("bundle", "create", "-q", str(path), "--all")
        return path
