"""Each commit of a register's history as one record: what it changed, and who stands behind the change."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tracer.sources.faults import fault
from tracer.sources.git.changes import Change, changes
from tracer.sources.git.history import Commit, File, Repository, complete, history
from tracer.sources.git.logtext import commits as log_commits
from tracer.sources.git.registers import Registers
from tracer.sources.git.review import Review, Who, review, who
from tracer.sources.git.state import State, Text

NOTED_PROJECT = re.compile(r"^\s*Project:\s*(\S+)\s*$", re.M)
REMOTE = re.compile(r"[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
GIVES = ("grant", "extend")
TAKES = ("revoke", "disable", "delete")


@dataclass(frozen=True)
class Entry:
    """One commit: its text as git keeps it, where that lies, and what it says; or why it cannot be read."""

    raw: bytes
    value: dict[str, Any]
    problem: str | None = None
    offset: int = 0


def entries(repository: Repository, options: dict[str, Any], stem: str) -> Iterator[Entry]:
    """The commits of the main line, oldest first. The first of them shows what was held before and is no change."""
    origin = _origin(repository)
    registers = Registers(options, "")
    listed = history(repository, options.get("branch"))
    registers.project = options.get("system") or _project(listed, origin, stem)
    teller = _Teller(listed, registers, origin)
    for commit in listed:
        try:
            complete(repository, commit, registers.wanted)
            value, problem = teller.tell(commit)
        except Exception as error:
            # The library raises whatever its layers raise on broken objects.
            value, problem = {}, fault(error, "the commit cannot be read")
        yield Entry(_raw(commit), value, problem)
        commit.files, commit.brought = [], []


def log_entries(data: bytes, options: dict[str, Any], stem: str) -> Iterator[Entry]:
    """The commits of the text of `git log -p`, oldest first; those whose changes it does not show in full say so."""
    registers = Registers(options, "")
    found = log_commits(data, registers.wanted)
    listed = [commit for commit, _, _ in found]
    registers.project = options.get("system") or _project(listed, None, stem)
    teller = _Teller(listed, registers, None)
    for commit, offset, partial in found:
        try:
            value, problem = teller.tell(commit)
        except Exception as error:
            value, problem = {}, fault(error, "the commit cannot be read")
        if partial and problem is None:
            problem = (
                f"the text shows only some lines of {partial[0]}, not what they belong to; "
                "a bundle tells (git bundle create register.bundle --all)"
            )
        yield Entry(commit.raw, value, problem, offset)


class _Teller:
    """Says what each commit of a history changed, the oldest first."""

    def __init__(self, listed: list[Commit], registers: Registers, origin: Text) -> None:
        self.registers = registers
        self.origin = origin
        self.good: dict[str, State] = {}
        noted = [commit.id for commit in listed if commit.note.strip()]
        places = [commit.id for commit in listed]
        between = places[places.index(noted[0]) : places.index(noted[-1]) + 1] if noted else []
        self.reviewed = set(between) if len(noted) > len(between) / 2 else set()
        """Commits between noted ones: where most reviews are kept as notes, a commit that has none went in without."""

    def tell(self, commit: Commit) -> tuple[dict[str, Any], str | None]:
        """What a commit says, and what of it could not be read."""
        found = review(commit, self.origin)
        value = _head(commit, found)
        value["system"] = self.registers.project
        undecided = commit.id in self.reviewed and not commit.boundary
        value["undecided"] = "pending" if undecided else None
        return value, _fill(value, commit, found, self.registers, self.good, self.origin)


def _project(commits: list[Commit], origin: Text, stem: str) -> str:
    """What the register is called: as its reviews say, as where it was cloned from says, else the file's name."""
    for commit in reversed(commits):
        match = NOTED_PROJECT.search(commit.note)
        if match:
            return match[1]
    return origin or stem


def _origin(repository: Repository) -> Text:
    match = REMOTE.search(repository.origin or "")
    return match[1] if match else None


def _head(commit: Commit, found: Review) -> dict[str, Any]:
    return {
        "commit": commit.id,
        "change": found.change,
        "ticket": found.tickets[0] if found.tickets else found.change,
        "tickets": found.tickets,
        "reverts": found.reverts,
        "title": commit.message.strip().split("\n", 1)[0][:200],
        "requester": _person(found.requester),
        "requested_at": found.requested_at,
        "executor": _person(found.executor),
        "executed_at": found.executed_at,
        "approvers": [_person(one) for one in found.approvers],
        "refusers": [_person(one) for one in found.refusers],
    }


def _person(one: Who | None) -> dict[str, Text] | None:
    kind = "workload" if one is not None and one.automatic else None
    return {"account": one.name, "system": one.system, "shown": one.shown, "kind": kind} if one else None


def _fill(
    value: dict[str, Any],
    commit: Commit,
    found: Review,
    registers: Registers,
    good: dict[str, State],
    origin: Text,
) -> str | None:
    """Add the changes to the record; says which file could not be read."""
    before, after, problem = _states(commit.files, registers, good)
    if commit.lost and not after.holdings:
        return f"what this commit changed is not known: its parent {commit.parents[0]} is not in this history"
    if commit.lost or (commit.boundary and not found.approvers and not found.tickets):
        value["held"] = [asdict(one) for one in after.holdings.values()]
        return problem
    authors = _authors(commit, registers)
    listed = []
    found_changes = changes(before, after)
    concerned = {change.subject for change in found_changes}
    for change in found_changes:
        author = authors.get(_key(change))
        one: dict[str, Any] = asdict(change)
        one["key"] = f"{change.verb} {change.system} {change.subject} {change.entitlement}"
        one["asks"] = None if change.verb in GIVES else "remove" if change.verb in TAKES else "change"
        if author is not None:
            own = review(author, origin)
            one["requester"], one["requested_at"] = _person(own.requester), own.requested_at
            one["ticket"] = one["ticket"] or (own.tickets[0] if own.tickets else None)
        if change.requested_by and change.verb in GIVES:
            # Who asked, as the entry itself says: commits are often written by an automation.
            one["requester"] = _person(who("", change.requested_by))
        listed.append(one)
    value["changes"] = listed
    value["accounts"] = [
        {"system": account.system, "account": account.name, "alias": alias, "kind": kind}
        for account in after.accounts.values()
        for alias, kind in sorted(account.aliases.items())
        if account.name in concerned
    ]
    return problem


def _states(
    files: list[File], registers: Registers, good: dict[str, State]
) -> tuple[State, State, str | None]:
    """What the changed files said before and after; a file that cannot be read says what it last said."""
    before, after, problem = State(), State(), None
    for file in files:
        for path, data, into in (
            (file.before_path, file.before, before),
            (file.after_path, file.after, after),
        ):
            if path is None or data is None or not registers.wanted(path):
                continue
            try:
                state = registers.state(path, data)
            except ValueError as error:
                if into is after:
                    problem = str(error)
                state = good.get(path, State())
            else:
                good[path] = state
            into.add(state)
    return before, after, problem


def _authors(commit: Commit, registers: Registers) -> dict[tuple[Text, ...], Commit]:
    """Which of the commits that a merge brings made each change: the latest that did."""
    found: dict[tuple[Text, ...], Commit] = {}
    for one in commit.brought:
        if len(one.parents) < 2 and one.files:
            before, after, _ = _states(one.files, registers, {})
            for change in changes(before, after):
                found.setdefault(_key(change), one)
    return found


def _key(change: Change) -> tuple[Text, ...]:
    return (change.verb, change.system, change.subject, change.entitlement)


def _raw(commit: Commit) -> bytes:
    """The commit as git keeps it, the notes on it, and which versions of which files it replaced by which."""
    lines = [f"{file.ids} {file.after_path or file.before_path}" for file in commit.files]
    parts = [b"commit " + commit.id.encode(), commit.raw]
    if commit.note.strip():
        parts += [b"Notes:", commit.note.encode()]
    return b"\n".join([*parts, *(line.encode("utf-8", "surrogateescape") for line in lines)])
