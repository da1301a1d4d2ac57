"""ServiceNow's Table API: requested items and their approvals."""

import json
from datetime import datetime
from pathlib import Path

from samples.generate.world import Ticket, token


def stamp(time: datetime) -> str:
    """A time as ServiceNow writes it, UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def reference(table: str, name: str) -> dict[str, object]:
    """A reference to a row of another table."""
    value = token("servicenow", table, name)
    return {"link": f"https://larkfield.example/api/now/table/{table}/{value}", "value": value}


def item(ticket: Ticket) -> dict[str, object]:
    """One requested item."""
    return {
        "sys_id": token("servicenow", "sc_req_item", ticket.id),
        "number": ticket.id,
        "short_description": f"Access to {ticket.system}",
        "opened_at": stamp(ticket.asked),
        "opened_by": reference("sys_user", ticket.requester),
        "opened_by.email": ticket.requester,
        "opened_by.user_name": ticket.requester.partition("@")[0],
        "requested_for": reference("sys_user", ticket.beneficiary),
        "requested_for.email": ticket.beneficiary,
        "cat_item": reference("sc_cat_item", "access"),
        "stage": "completed",
        "state": "3",
        "approval": ticket.decision,
        "u_target_system": ticket.system,
        "u_entitlement": ticket.entitlement,
        "u_scope": ticket.scope,
        "u_access_until": ticket.until,
        "u_justification": ticket.why,
        "sys_created_on": stamp(ticket.asked),
        "sys_created_by": ticket.requester.partition("@")[0],
        "sys_updated_on": stamp(ticket.decided),
    }


def approval(ticket: Ticket) -> dict[str, object]:
    """The approver's row of a requested item."""
    return {
        "sys_id": token("servicenow", "approver", ticket.id),
        "sysapproval": reference("sc_req_item", ticket.id),
        "sysapproval.number": ticket.id,
        "source_table": "sc_req_item",
        "document_id": reference("sc_req_item", ticket.id),
        "approver": reference("sys_user", ticket.approver),
        "approver.email": ticket.approver,
        "approver.user_name": ticket.approver.partition("@")[0],
        "state": ticket.decision,
        "comments": "",
        "sys_created_on": stamp(ticket.asked),
        "sys_updated_on": stamp(ticket.decided),
        "sys_updated_by": ticket.approver.partition("@")[0],
    }


def write(tickets: list[Ticket], folder: Path) -> None:
    """One file per table, as exported."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = sorted(tickets, key=lambda t: (t.asked, t.id))
    for name, make in (("sc_req_item", item), ("sysapproval_approver", approval)):
        # `sysapproval` holds the item's sys_id, which is what the item itself carries.
        body = [make(ticket) for ticket in rows]
        (folder / f"{name}.json").write_text(json.dumps({"result": body}, separators=(",", ":")) + "\n")
