"""Gerrit changes with their labels, from the REST API, in the shape of a request with votes.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html. A vote of +2 on Code-Review approves, -2 refuses;
who submits puts the change in force. The change is known by its Change-Id, which the commit carries as well.
"""

from typing import Any

from tracer.sources.paths import look_up, text_of

VOTES = {"2": "approve", "-2": "deny"}


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The change with its votes; one that was abandoned is cancelled."""
    change = text_of(record.get("change_id"))
    if change is None:
        return []
    merged = (text_of(record.get("status")) or "").upper() == "MERGED"
    labels = look_up(record, "labels.Code-Review.all")
    votes = [vote for one in labels if (vote := _vote(one))] if isinstance(labels, list) else []
    if (text_of(record.get("status")) or "").upper() == "ABANDONED":
        votes.append({"verb": "cancel", "account": None, "at": text_of(record.get("updated"))})
    return [
        {
            "ticket": change,
            "author": _account(record.get("owner")),
            "at": text_of(record.get("created")),
            "title": text_of(record.get("subject")),
            "votes": [vote for vote in votes if not (merged and vote["verb"] == "deny")],
        }
    ]


def _vote(one: Any) -> dict[str, str | None] | None:
    verb = VOTES.get(text_of(one.get("value")) or "") if isinstance(one, dict) else None
    at = text_of(one.get("date")) if verb else None
    return {"verb": verb, "account": _account(one), "at": at} if verb and at else None


def _account(one: Any) -> str | None:
    """The address, by which commits name the same person, else the user name or account id."""
    names = ("email", "username", "_account_id")
    return (
        next((text for name in names if (text := text_of(one.get(name)))), None)
        if isinstance(one, dict)
        else None
    )
