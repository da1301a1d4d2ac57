"""Jira's search answer, with Jira Service Management approvals and the changelog."""

import json
from datetime import datetime
from pathlib import Path

from samples.generate.world import Ticket, iso, token

SITE = "https://larkfield.example/rest"


def stamp(time: datetime) -> str:
    """A time as Jira writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def user(email: str) -> dict[str, object]:
    """A person as a field value."""
    account = token("jira", email, length=24)
    return {
        "self": f"{SITE}/api/3/user?accountId={account}",
        "accountId": account,
        "emailAddress": email,
        "displayName": email.partition("@")[0].replace(".", " ").title(),
        "active": True,
        "accountType": "atlassian",
    }


def option(text: str) -> dict[str, object] | None:
    """A value of a select list."""
    return (
        {"self": f"{SITE}/api/3/customFieldOption/{token(text, length=4)}", "value": text} if text else None
    )


def when(time: datetime) -> dict[str, object]:
    """A time as Jira Service Management writes it."""
    return {
        "iso8601": iso(time),
        "jira": stamp(time),
        "friendly": "",
        "epochMillis": int(time.timestamp() * 1000),
    }


def issue(ticket: Ticket) -> dict[str, object]:
    """One access request."""
    number = ticket.id.partition("-")[2]
    approval = {
        "id": number,
        "name": "Access approval",
        "finalDecision": ticket.decision,
        "canAnswerApproval": False,
        "approvers": [{"approver": user(ticket.approver), "approverDecision": ticket.decision}],
        "createdDate": when(ticket.asked),
        "completedDate": when(ticket.decided),
    }
    change = {
        "id": f"9{number}",
        "author": user(ticket.approver),
        "created": stamp(ticket.decided),
        "items": [
            {
                "field": "status",
                "fieldtype": "jira",
                "from": "10001",
                "fromString": "Waiting",
                "to": "10002",
                "toString": "Done",
            }
        ],
    }
    return {
        "id": f"30{number}",
        "key": ticket.id,
        "self": f"{SITE}/api/3/issue/30{number}",
        "fields": {
            "summary": f"Access request: {ticket.entitlement}",
            "issuetype": {"id": "10010", "name": "Access request", "subtask": False},
            "project": {"id": "10000", "key": "LAR", "name": "Larkfield access desk"},
            "created": stamp(ticket.asked),
            "updated": stamp(ticket.decided),
            "status": {"id": "10002", "name": "Done"},
            "reporter": user(ticket.requester),
            "creator": user(ticket.requester),
            "customfield_12001": user(ticket.beneficiary),
            "customfield_12002": option(ticket.system),
            "customfield_12003": option(ticket.entitlement),
            "customfield_12004": ticket.scope or None,
            "customfield_12005": ticket.until or None,
            "customfield_12006": ticket.why,
            "customfield_12050": [approval],
        },
        "changelog": {"startAt": 0, "maxResults": 1, "total": 1, "histories": [change]},
    }


def write(tickets: list[Ticket], folder: Path) -> None:
    """One page of the search answer, the oldest first."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [issue(ticket) for ticket in sorted(tickets, key=lambda t: (t.asked, t.id))]
    page = {"expand": "schema,names", "startAt": 0, "maxResults": 1000, "total": len(rows), "issues": rows}
    (folder / "search.json").write_text(json.dumps(page, separators=(",", ":")) + "\n")
