"""What the text of `git log -p` can tell: who changed which files, and the whole content of files that came or went.

A hunk does not show what its lines belong to, so a change inside a file says nothing of who gained: such a commit is
no record that can be read, and only the repository or a bundle tells.
"""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from tracer.case.times import iso, parse_iso
from tracer.sources.git.history import Commit, File, Wanted, person

HEAD = re.compile(rb"(?:^|(?<=\xef\xbb\xbf))commit ([0-9a-f]{7,64})\b.*$", re.M)
FIELD = re.compile(r"^(Merge|Author|AuthorDate|Commit|CommitDate|Date):\s*(.*)$")
DIFF = re.compile(r"^diff --(?:git|cc|combined) ", re.M)
PATHS = re.compile(r"^a/(.*) b/(.*)$")
COMMON = ("%a %b %d %H:%M:%S %Y %z", "%Y-%m-%d %H:%M:%S %z")


def is_log(data: bytes) -> bool:
    """Whether a text is the output of `git log`."""
    match = HEAD.match(data.lstrip(b"\xef\xbb\xbf \r\n"))
    return match is not None and re.search(rb"^Author:", data[: 1 << 16], re.M) is not None


def commits(data: bytes, wanted: Wanted) -> list[tuple[Commit, int, list[str]]]:
    """Each commit with its byte offset and the wanted files of which the text shows only a part; the oldest first."""
    heads = list(HEAD.finditer(data))
    ends = [*(match.start() for match in heads[1:]), len(data)][: len(heads)]
    found = []
    for match, end in zip(heads, ends, strict=True):
        commit, partial = _commit(match[1].decode(), data[match.start() : end], wanted)
        found.append((commit, match.start(), partial))
    _bring(found)
    return found[::-1]


def _bring(found: list[tuple[Commit, int, list[str]]]) -> None:
    """What a merge brings, where its second parent stands in the text and the merge itself shows no changes."""
    by_id = {commit.id[:7]: (commit, partial) for commit, _, partial in found}
    for commit, _, partial in found:
        if len(commit.parents) < 2 or commit.files or partial:
            continue
        for parent in commit.parents[1:]:
            other, theirs = by_id.get(parent[:7], (None, []))
            if other is not None and len(other.parents) < 2 and (other.files or theirs):
                commit.files, other_files = other.files, other.files
                partial += theirs
                commit.brought = [
                    Commit(
                        other.id, other.parents, other.author, other.authored_at, other.committer, other.committed_at,
                        other.message, other.raw, other.note, other_files,
                    )
                ]  # fmt: skip
                other.files = []
                theirs.clear()


def _commit(name: str, raw: bytes, wanted: Wanted) -> tuple[Commit, list[str]]:
    text = raw.decode("utf-8", "replace")
    match = DIFF.search(text)
    head, diffs = (text[: match.start()], text[match.start() :]) if match else (text, "")
    fields: dict[str, str] = {}
    message: list[str] = []
    note: list[str] = []
    into = message
    for line in head.split("\n")[1:]:
        field = FIELD.match(line) if not message else None
        if field:
            fields[field[1]] = field[2].strip()
        elif re.match(r"^Notes(?: \([^)]*\))?:\s*$", line):
            into = note
        elif line.startswith("    "):
            into.append(line[4:])
        elif into:
            into.append("")
    files, partial = _files(diffs, wanted)
    author = person(fields.get("Author", ""))
    at = _time(fields.get("AuthorDate") or fields.get("Date"))
    return Commit(
        id=name,
        parents=fields.get("Merge", "").split() or ["?"],
        author=author,
        authored_at=at,
        committer=person(fields["Commit"]) if "Commit" in fields else ("", ""),
        committed_at=_time(fields.get("CommitDate")) or at,
        message="\n".join(message).strip("\n"),
        raw=raw.rstrip(),
        note="\n".join(note).strip(),
        files=files,
    ), partial


def _files(diffs: str, wanted: Wanted) -> tuple[list[File], list[str]]:
    """Files that came or went with their content, and the wanted ones of which only lines are shown."""
    found, partial = [], []
    for part in DIFF.split(diffs)[1:]:
        first, _, rest = part.partition("\n")
        paths = PATHS.match(first)
        before, after = (paths[1], paths[2]) if paths else (first.strip(), first.strip())
        head = rest.split("\n@@", 1)[0]
        marks: dict[str, list[str]] = {"+": [], "-": []}
        for line in rest.split("\n@@", 1)[1].split("\n")[1:] if "\n@@" in rest else []:
            if line[:1] in marks:
                marks[line[0]].append(line[1:])
        if "new file mode" in head and wanted(after):
            found.append(File(None, after, None, "\n".join(marks["+"]).encode(), ""))
        elif "deleted file mode" in head and wanted(before):
            found.append(File(before, None, "\n".join(marks["-"]).encode(), None, ""))
        elif "rename from" in head and "similarity index 100%" in head and (wanted(before) or wanted(after)):
            found.append(File(before, after, b"", b"", ""))
        elif wanted(after) or wanted(before):
            partial.append(after)
    return found, partial


def _time(text: str | None) -> str | None:
    if not text:
        return None
    for layout in COMMON:
        try:
            return iso(datetime.strptime(text, layout))
        except ValueError:
            continue
    try:
        return iso(parse_iso(text))
    except ValueError:
        pass
    try:
        return iso(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
