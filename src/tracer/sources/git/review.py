"""Who asked for a change, who approved or refused it, who put it in force and when, and under which tickets.

Gerrit's review notes say it all: https://gerrit.googlesource.com/plugins/reviewnotes/. Else trailers name reviewers, and
a merge by somebody else than the author is their approval. Where a pull request was merged by its own author the
reviews lie in the pull request and not here: then there is no vote, and nothing is said about it.
"""

import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from tracer.case.times import iso
from tracer.limits import Limit
from tracer.sources.git.history import Commit, person

LONGEST = Limit(
    1000,
    "characters",
    bounds="a line of a commit's message that names a ticket, a review or a person",
    why="it is searched at every place of it; git advises to break lines at 72",
    beyond="the line is text like any other",
)
TRAILER = re.compile(r"^\s{0,8}([A-Za-z][A-Za-z0-9 -]{1,40}?)(?::\s+|\s+(?=#))(\S.*?)\s*$")
"""`Key: value` with a blank, as git writes it, and `Closes #12`."""

VOTE = re.compile(r"Code-Review([+-]\d)", re.I)
TICKET_KEYS = {
    "bug", "bugs", "closes", "closed", "fixes", "fixed", "resolves", "resolved", "ticket", "tickets", "task", "tasks", "ref",
    "refs", "reference", "references", "jira", "issue", "issues", "request", "rt", "chg", "story", "snow", "servicenow",
}  # fmt: skip
TICKET = re.compile(
    r"https?://\S+?(?P<url>[A-Za-z0-9][\w-]*-\d+|T\d+)(?=[\s/?#.,;)]|$)"
    r"|https?://[^/\s]+/(?P<repo>[\w.-]+/[\w.-]+)/(?:-/)?(?:issues|pull|merge_requests)/(?P<number>\d+)"
    r"|(?P<key>\b[A-Za-z][A-Za-z0-9_]*-\d+\b|\bT\d+\b|\b(?:RT|CHG|REQ|RITM|INC|SCTASK|TASK)\s?\d{2,}\b)"
    r"|(?P<ref>(?:[\w.-]+/[\w.-]+)?[#!]\d+)|(?P<bare>\b\d{2,}\b)"
)
MENTIONED = re.compile(r"\b(?:[A-Z][A-Z0-9]{1,9}-\d+|(?:CHG|REQ|RITM|INC|SCTASK|TASK)\d{4,})\b")
LOOKALIKES = re.compile(
    r"^(?:UTF|SHA|RFC|CVE|ISO|MD|AES|RSA|TLS|HTTP|IPV|X|PEP|BCP|COVID|EC|S3|GPT)-?\d", re.I
)
"""What has the form of a ticket's key and is none."""

PULL = re.compile(
    r"^Merge pull request #(?P<github>\d+) from \S+|^Merged? in .*?#(?P<bitbucket>\d+)|^Merged PR (?P<azure>\d+):"
    r"|\(#(?P<squash>\d+)\)\s*$|^See merge request (?P<gitlab>\S+![0-9]+)",
    re.M,
)
REVERT = re.compile(r"This reverts commit ([0-9a-f]{7,64})")
NOREPLY = re.compile(r"^(?:\d+\+)?([A-Za-z0-9][\w.-]*(?:\[bot\])?)@users\.noreply\.github\.com$", re.I)
FORGES = ("noreply@github.com", "web-flow@github.com")
"""Addresses with which a forge commits in the name of others."""

APPROVERS = ("reviewed-by", "approved-by", "acked-by", "lgtm-by")


@dataclass(frozen=True)
class Who:
    """An account of whoever acted: its name, the system that it belongs to, and the display name."""

    name: str
    system: str
    shown: str | None = None

    @property
    def automatic(self) -> bool:
        """Whether the name says that it is a bot."""
        text = f"{self.name} {self.shown or ''}".casefold()
        return "[bot]" in text or re.search(r"\b\w*[-_]bot\b|\bbot[-_]|\brobot\b", text) is not None


@dataclass
class Review:
    """What is known of how one change came into force."""

    change: str
    requester: Who | None
    requested_at: str | None
    executor: Who | None
    executed_at: str | None
    approvers: list[Who] = field(default_factory=list)
    refusers: list[Who] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    noted: bool = False
    reverts: str | None = None


def who(name: str, mail: str) -> Who | None:
    """The account behind `Name <mail>`: a GitHub login where the address is GitHub's stand-in, else the address."""
    login = NOREPLY.match(mail)
    if login:
        return Who(login[1], "github", name or None)
    chosen = mail or name
    return Who(chosen, "git", name if name and name != chosen else None) if chosen else None


def review(commit: Commit, origin: str | None = None) -> Review:
    """Who stands behind a commit of the main line."""
    said = trailers(commit.message)
    noted = trailers("\n" + commit.note)
    # A merge whose commits are not at hand does not say who wrote what it brings.
    requested = next(
        (one for one in commit.brought if one.files), None if len(commit.parents) > 1 else commit
    )
    found = Review(
        change=_change(commit, said, origin),
        requester=who(*requested.author) if requested else None,
        requested_at=(requested or commit).authored_at,
        executor=_executor(commit),
        executed_at=commit.committed_at,
        tickets=tickets(commit, origin),
        noted=bool(commit.note.strip()),
        reverts=(match[1] if (match := REVERT.search(commit.message)) else None),
    )
    for key, value in noted:
        if key == "submitted-by":
            found.executor = who(*person(value)) or found.executor
        elif key == "submitted-at":
            found.executed_at = _mail_time(value) or found.executed_at
    _votes(found, commit, said, noted)
    return found


def trailers(text: str) -> list[tuple[str, str]]:
    """Every line `Key: value` but the first, which is the subject, keys in lower case; `Closes #12` counts as one."""
    found = []
    for number, line in enumerate(text.splitlines()):
        if len(line) > LONGEST:
            continue
        match = TRAILER.match(line)
        if match and (number or match[2][0] == "#"):
            found.append((match[1].casefold(), match[2]))
        elif vote := VOTE.match(line.strip()):
            found.append((vote[0].casefold(), line.partition(":")[2].strip()))
    return found


def tickets(commit: Commit, origin: str | None = None) -> list[str]:
    """The tickets that the commit, the commits that it brings, or its notes name, in the order in which they stand."""
    texts = [commit.message, *(one.message for one in commit.brought if one.files), "\n" + commit.note]
    found: dict[str, None] = {}
    for text in texts:
        for key, value in trailers(text):
            if key in TICKET_KEYS:
                found.update(dict.fromkeys(_tickets_in(value, origin)))
    for text in texts[:-1] if not found else []:
        found.update(dict.fromkeys(one for one in MENTIONED.findall(text) if not LOOKALIKES.match(one)))
    return list(found)


def _tickets_in(value: str, origin: str | None) -> list[str]:
    found = []
    for match in TICKET.finditer(value):
        if match["url"] or match["key"]:
            name = (match["url"] or match["key"]).replace(" ", "")
            if not LOOKALIKES.match(name):
                found.append(name)
        elif match["number"]:
            found.append(f"{match['repo']}#{match['number']}")
        elif match["ref"]:
            found.append(f"{origin}{match['ref']}" if origin and match["ref"][0] in "#!" else match["ref"])
        else:
            found.append(match["bare"])
    return found


def _change(commit: Commit, said: list[tuple[str, str]], origin: str | None) -> str:
    """What the change is called where it was reviewed: Change-Id, the pull request, else the commit itself."""
    for key, value in said:
        if key == "change-id":
            return value
    match = PULL.search(commit.message)
    if match:
        if match["gitlab"]:
            return match["gitlab"]
        return f"{origin or ''}#{match['github'] or match['bitbucket'] or match['azure'] or match['squash']}"
    return commit.id


def _executor(commit: Commit) -> Who | None:
    """Who committed; where a forge did it in the name of others, who merged, or nobody who is known."""
    if commit.committer[1].casefold() in FORGES or commit.committer[0] == "GitHub":
        return who(*commit.author) if len(commit.parents) > 1 else None
    return who(*commit.committer)


def _votes(found: Review, commit: Commit, said: list[tuple[str, str]], noted: list[tuple[str, str]]) -> None:
    """Reviewers by the notes, else by trailers, else the one who merged what somebody else had written."""
    for key, value in noted:
        vote = VOTE.fullmatch(key)
        voter = who(*person(value)) if vote else None
        if vote and voter:
            if vote[1] == "+2":
                found.approvers.append(voter)
            elif vote[1] == "-2":
                found.refusers.append(voter)
    if found.noted and (found.approvers or found.refusers):
        return
    lines = [*said, *noted]
    for one in commit.brought:
        if one.files:
            lines += trailers(one.message) + trailers("\n" + one.note)
    for key, value in lines:
        voter = who(*person(value)) if key in APPROVERS else None
        if voter and voter not in found.approvers:
            found.approvers.append(voter)
    merged = len(commit.parents) > 1 and found.executor is not None and not found.executor.automatic
    if not found.approvers and merged and found.executor and not _same(found.executor, found.requester):
        found.approvers.append(found.executor)


def _same(one: Who, other: Who | None) -> bool:
    """Whether two accounts may be one person: then a merge shows no second pair of eyes."""
    if other is None:
        return True
    if one.name.casefold() == other.name.casefold():
        return True
    return bool(one.shown and other.shown and one.shown.casefold() == other.shown.casefold())


def _mail_time(value: str) -> str | None:
    try:
        return iso(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
