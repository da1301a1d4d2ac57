"""GitLab merge requests with their approvals, from the REST API, in the shape of a request with votes.

https://docs.gitlab.com/api/merge_requests/ and https://docs.gitlab.com/api/merge_request_approvals/. `approvals` is the
answer of `…/approvals`, `notes` that of `…/notes`: the system notes tell when each approval was given or taken back.
"""

import re
from typing import Any

from tracer.sources.git.patches import Patch, asked
from tracer.sources.paths import look_up, text_of

NAMED = re.compile(r"https?://[^/]+/(.+?)/-/merge_requests/(\d+)")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The request with its votes and what it asks for."""
    match = NAMED.match(text_of(record.get("web_url")) or "")
    reference = text_of(look_up(record, "references.full"))
    ticket = reference or (f"{match[1]}!{match[2]}" if match else None)
    if ticket is None:
        return []
    author = text_of(look_up(record, "author.username"))
    approvals = record.get("approvals")
    files = record.get("changes") or record.get("diffs")
    changes = (
        asked(_patches(files), ticket.split("!")[0]) if isinstance(files, list) else [{"key": "unknown"}]
    )
    if not changes:
        return []
    said = approvals is not None or "approved_by" in record or "notes" in record
    return [
        {
            "ticket": ticket,
            "author": author,
            "at": text_of(record.get("created_at")),
            "title": text_of(record.get("title")),
            "undecided": "pending" if said else None,
            "votes": [*_by_notes(record), *_by_list(record, approvals), *_end(record, author)],
            "changes": changes,
        }
    ]


def _by_notes(record: dict[str, Any]) -> list[dict[str, str | None]]:
    """Approvals with their time, as system notes tell them."""
    found: list[dict[str, str | None]] = []
    notes = record.get("notes")
    listed = [one for one in notes if isinstance(one, dict)] if isinstance(notes, list) else []
    for note in sorted(listed, key=lambda one: str(one.get("created_at"))):
        if note.get("system") is not True:
            continue
        body, at = text_of(note.get("body")) or "", text_of(note.get("created_at"))
        account = text_of(look_up(note, "author.username"))
        if body.strip().casefold() == "approved this merge request" and at:
            found.append({"verb": "approve", "account": account, "at": at})
        elif body.strip().casefold() == "unapproved this merge request":
            found = [vote for vote in found if vote["account"] != account]
    return found


def _by_list(record: dict[str, Any], approvals: Any) -> list[dict[str, str | None]]:
    """Those who are listed as approvers; without a time of its own it was given when the request was merged at the latest."""
    noted = {vote["account"] for vote in _by_notes(record)}
    listed = record.get("approved_by")
    if isinstance(approvals, dict):
        listed = approvals.get("approved_by")
    elif isinstance(approvals, list):
        listed = approvals
    found: list[dict[str, str | None]] = []
    for one in listed if isinstance(listed, list) else []:
        account = text_of(look_up(one, "user.username")) or text_of(look_up(one, "username"))
        at = (
            text_of(look_up(one, "approved_at"))
            or text_of(record.get("merged_at"))
            or text_of(record.get("updated_at"))
        )
        if account and at and account not in noted:
            found.append({"verb": "approve", "account": account, "at": at})
    return found


def _end(record: dict[str, Any], author: str | None) -> list[dict[str, str | None]]:
    """Who merged what somebody else wrote, or that it was closed."""
    merger = text_of(look_up(record, "merge_user.username")) or text_of(look_up(record, "merged_by.username"))
    merged_at, closed_at = text_of(record.get("merged_at")), text_of(record.get("closed_at"))
    bot = look_up(record, "merge_user.bot") is True or re.search(r"_bot(_|$)", merger or "") is not None
    if merged_at:
        other = merger and author and merger.casefold() != author.casefold() and not bot
        return [{"verb": "approve", "account": merger, "at": merged_at}] if other else []
    closer = text_of(look_up(record, "closed_by.username"))
    return [{"verb": "cancel", "account": closer, "at": closed_at}] if closed_at else []


def _patches(files: list[Any]) -> list[Patch]:
    found = []
    for one in files:
        if not isinstance(one, dict):
            continue
        status = next(
            (name for name, key in (("added", "new_file"), ("removed", "deleted_file"), ("renamed", "renamed_file")) if one.get(key) is True),
            "modified",
        )  # fmt: skip
        if status == "renamed" and text_of(one.get("diff")):
            status = "modified"
        found.append(
            Patch(str(one.get("new_path") or one.get("old_path") or ""), status, text_of(one.get("diff")))
        )
    return found
