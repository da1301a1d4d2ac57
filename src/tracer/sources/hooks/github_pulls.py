"""GitHub pull requests and their reviews, from the REST API or `gh pr view --json`, in one shape.

https://docs.github.com/en/rest/pulls/pulls and https://docs.github.com/en/rest/pulls/reviews. A reviewer whose last
word is an approval approves, who merges what somebody else wrote does too, and a request that was closed without a merge is
cancelled. Changes that a reviewer asked for are no denial: they are made, or the request is closed.
"""

import re
from typing import Any

from tracer.sources.git.patches import Patch, asked
from tracer.sources.paths import look_up, text_of

NAMED = re.compile(r"/(?:repos/)?([\w.-]+/[\w.-]+)/pulls?/(\d+)")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The request with its votes and what it asks for; or one vote where the record is a review."""
    if text_of(record.get("pull_request_url")) and "submitted_at" in record:
        match = NAMED.search(str(record["pull_request_url"]))
        vote = _vote(record)
        return (
            [{"ticket": f"{match[1]}#{match[2]}", "votes": [vote], "at": vote["at"]}]
            if match and vote
            else []
        )
    repository = text_of(look_up(record, "base.repo.full_name")) or _named(record, 1)
    number = text_of(record.get("number")) or _named(record, 2)
    if not repository or not number:
        return []
    author = _login(record, "user", "author")
    merged_at = text_of(record.get("merged_at")) or text_of(record.get("mergedAt"))
    merger = _login(record, "merged_by", "mergedBy")
    reviews = record.get("reviews")
    listed = reviews.get("nodes") if isinstance(reviews, dict) else reviews
    votes = _votes(listed)
    if (
        merged_at
        and merger
        and author
        and merger.casefold() != author.casefold()
        and not _is_bot(record, merger)
    ):
        votes.append({"verb": "approve", "account": merger, "at": merged_at})
    closed_at = text_of(record.get("closed_at")) or text_of(record.get("closedAt"))
    if closed_at and not merged_at:
        votes.append({"verb": "cancel", "account": None, "at": closed_at})
    files = record.get("files")
    files = files.get("nodes") if isinstance(files, dict) else files
    changes = asked(_patches(files), repository) if isinstance(files, list) else [{"key": "unknown"}]
    if not changes:
        return []
    return [
        {
            "ticket": f"{repository}#{number}",
            "author": author,
            "at": text_of(record.get("created_at")) or text_of(record.get("createdAt")),
            "title": text_of(record.get("title")),
            "undecided": "pending" if isinstance(listed, list) else None,
            "votes": votes,
            "changes": changes,
        }
    ]


def _named(record: dict[str, Any], group: int) -> str | None:
    match = NAMED.search(str(record.get("html_url") or record.get("url") or ""))
    return match[group] if match else None


def _login(record: dict[str, Any], *names: str) -> str | None:
    return next((found for name in names if (found := text_of(look_up(record, f"{name}.login")))), None)


def _is_bot(record: dict[str, Any], login: str) -> bool:
    kind = text_of(look_up(record, "merged_by.type")) or ""
    return kind == "Bot" or login.endswith("[bot]") or look_up(record, "mergedBy.is_bot") is True


def _votes(listed: Any) -> list[dict[str, str | None]]:
    """Of each reviewer the last word, where it is an approval; comments are none."""
    last: dict[str, dict[str, Any]] = {}
    for one in listed if isinstance(listed, list) else []:
        state = (text_of(one.get("state")) or "").casefold() if isinstance(one, dict) else ""
        if state in ("approved", "changes_requested", "dismissed"):
            last[(_login(one, "user", "author") or "").casefold()] = one
    return [vote for one in last.values() if (vote := _vote(one))]


def _vote(review: dict[str, Any]) -> dict[str, str | None] | None:
    verb = "approve" if (text_of(review.get("state")) or "").casefold() == "approved" else None
    at = text_of(review.get("submitted_at")) or text_of(review.get("submittedAt"))
    return {"verb": verb, "account": _login(review, "user", "author"), "at": at} if verb and at else None


def _patches(files: list[Any]) -> list[Patch]:
    return [
        Patch(
            str(one.get("filename") or one.get("path") or ""),
            (text_of(one.get("status")) or text_of(one.get("changeType")) or "").casefold(),
            text_of(one.get("patch")),
        )
        for one in files
        if isinstance(one, dict)
    ]
