"""Requests and approvals as Jira Service Management and ServiceNow export them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from benchmarks.accuracy.clocks import told
from benchmarks.accuracy.company import DOMAIN
from benchmarks.accuracy.exports.books import Books
from benchmarks.accuracy.exports.logs import code
from benchmarks.accuracy.moments import HOUR, millis, text
from benchmarks.accuracy.people import Person
from benchmarks.accuracy.plan import Ask

FIELDS = {
    "beneficiary": "customfield_11001", "system": "customfield_11002", "entitlement": "customfield_11003",
    "scope": "customfield_11004", "expires_at": "customfield_11005", "justification": "customfield_11006",
    "approvals": "customfield_11049",
}  # fmt: skip
SERVICENOW = {
    "beneficiary": "requested_for.email", "requester": "opened_by.email", "system": "u_target_system",
    "entitlement": "u_entitlement", "scope": "u_scope", "expires_at": "u_access_until", "justification": "u_justification",
}  # fmt: skip


def tell(books: Books, ask: Ask) -> None:
    """Write a ticket into the system that its kind of access is asked for in."""
    source = "servicenow" if ask.system == "crm" else "jira"
    ask = replace(
        ask, asked=told(ask.asked, source), decided=told(ask.decided, source) if ask.decided else None
    )
    if source == "servicenow":
        _servicenow(books, ask)
    else:
        _jira(books, ask)


def _user(mail: str) -> dict[str, Any]:
    return {
        "accountId": code("jira", mail, size=24), "emailAddress": mail, "displayName": mail.split("@")[0], "active": True,
        "timeZone": "Europe/Berlin", "accountType": "atlassian",
    }  # fmt: skip


def _jira_time(at: datetime) -> str:
    return (text(at, 1) or "").replace("+01:00", "+0100")


def _jira(books: Books, ask: Ask) -> None:
    who = ask.beneficiary
    decided = ask.decided or ask.asked + HOUR
    moves = []
    if ask.decision == "cancelled":
        moves = [(decided, "Waiting for approval", "Cancelled", ask.requester.mail)]
    elif ask.decision in ("approved", "denied") and ask.approver:
        status = "Approved" if ask.decision == "approved" else "Declined"
        moves = [(decided, "Waiting for approval", status, ask.approver),
                 (decided + HOUR, status, "Done", f"access-desk@{DOMAIN}")]  # fmt: skip
    said = {"approved": "approved", "denied": "declined"}.get(ask.decision, "pending")
    approval: dict[str, Any] = {
        "id": ask.ticket[3:], "name": "Access approval", "finalDecision": said, "canAnswerApproval": False,
        "approvers": [{"approver": _user(ask.approver), "approverDecision": said}] if ask.approver else [],
        "createdDate": {"iso8601": _jira_time(ask.asked), "epochMillis": millis(ask.asked)},
    }  # fmt: skip
    if said != "pending":
        approval["completedDate"] = {"iso8601": _jira_time(decided), "epochMillis": millis(decided)}
    catalogue = {
        FIELDS["beneficiary"]: _user(who.address(ask.asked)) if isinstance(who, Person) else who.account(ask.system),
        FIELDS["system"]: {"value": ask.system, "id": "1"}, FIELDS["entitlement"]: {"value": ask.entitlement, "id": "2"},
        FIELDS["scope"]: ask.scope, FIELDS["expires_at"]: text(ask.until),
    }  # fmt: skip
    summary = f"Access request: {ask.entitlement}"
    if ask.free_text:
        summary = f"please give {who.id} {ask.entitlement} in {ask.system}"
        catalogue |= {FIELDS["system"]: None, FIELDS["entitlement"]: None, FIELDS["scope"]: None}
    books.add("jira", ask.asked, {
        "id": ask.ticket[3:], "key": ask.ticket, "self": f"https://northwind.example/rest/api/3/issue/{ask.ticket[3:]}",
        "fields": {
            "summary": summary, "issuetype": {"id": "10010", "name": "Access request"}, "project": {"key": "NW"},
            "created": _jira_time(ask.asked), "updated": _jira_time(max([decided, *(move[0] for move in moves)])),
            "status": {"name": moves[-1][2] if moves else "Waiting for approval"}, "reporter": _user(ask.requester.address(ask.asked)),
            "creator": _user(ask.requester.address(ask.asked)), "description": None, "labels": [], **catalogue,
            FIELDS["justification"]: ask.justification, FIELDS["approvals"]: [approval],
        },
        "changelog": {"startAt": 0, "maxResults": len(moves), "total": len(moves), "histories": [
            {"id": f"{ask.ticket[3:]}{n}", "author": _user(author), "created": _jira_time(at),
             "items": [{"field": "status", "fieldtype": "jira", "fromString": old, "toString": new}]}
            for n, (at, old, new, author) in reversed(list(enumerate(moves)))
        ]},
    })  # fmt: skip


def _sn_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _sn_user(name: str, mail: str) -> dict[str, Any]:
    return {
        name: {"link": f"https://northwind.example/api/now/table/sys_user/{code(mail, size=32)}", "value": code(mail, size=32)},
        f"{name}.email": mail, f"{name}.user_name": mail.split("@")[0],
    }  # fmt: skip


def _servicenow(books: Books, ask: Ask) -> None:
    who = ask.beneficiary
    mail = who.address(ask.asked) if isinstance(who, Person) else who.account(ask.system)
    number, key = f"RITM{ask.ticket[3:]:0>7}", code("ritm", ask.ticket, size=32)
    decided = ask.decided or ask.asked
    stage, state = {"approved": ("completed", "3"), "denied": ("request_rejected", "4"), "cancelled": ("Request Cancelled", "7")}.get(
        ask.decision, ("waiting_for_approval", "1")
    )  # fmt: skip
    books.add("servicenow-items", ask.asked, {
        "sys_id": key, "number": number, "short_description": f"Access to {ask.system}", "opened_at": _sn_time(ask.asked),
        **_sn_user("opened_by", ask.requester.address(ask.asked)), **_sn_user("requested_for", mail), "stage": stage, "state": state,
        "approval": {"approved": "approved", "denied": "rejected"}.get(ask.decision, "requested"),
        "u_target_system": "" if ask.free_text else ask.system, "u_entitlement": "" if ask.free_text else ask.entitlement,
        "u_scope": ask.scope or "", "u_access_until": _sn_time(ask.until) if ask.until else "",
        "u_justification": ask.justification or "", "sys_created_on": _sn_time(ask.asked), "sys_created_by": "system",
        "sys_updated_on": _sn_time(decided),
    })  # fmt: skip
    if ask.approver and ask.decision in ("approved", "denied"):
        item = {"link": f"https://northwind.example/api/now/table/sc_req_item/{key}", "value": key}
        books.add("servicenow-approvals", decided, {
            "sys_id": code("approval", ask.ticket, size=32), "sysapproval": item, "sysapproval.number": number,
            "source_table": "sc_req_item", "document_id": item, **_sn_user("approver", ask.approver),
            "state": "approved" if ask.decision == "approved" else "rejected", "comments": "",
            "sys_created_on": _sn_time(ask.asked), "sys_updated_on": _sn_time(decided), "sys_updated_by": ask.approver,
        })  # fmt: skip


def number(ask: Ask) -> str:
    """What the ticket is called in the system that it stands in."""
    return f"RITM{ask.ticket[3:]:0>7}" if ask.system == "crm" else ask.ticket
