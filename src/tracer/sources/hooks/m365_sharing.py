"""Microsoft 365: groups and links of SharePoint and OneDrive, members of teams, permissions on folders of a mailbox."""

import re
from typing import Any

from tracer.sources.hooks.m365_commands import Change, change
from tracer.sources.paths import look_up, text_of

SHARED = {
    "sharingset": "grant",
    "sharingrevoked": "revoke",
    "addedtosecurelink": "grant",
    "removedfromsecurelink": "revoke",
    "accessrequestcreated": "request",
    "accessrequestapproved": "approve",
    "accessrequestaccepted": "approve",
    "accessrequestdenied": "deny",
    "accessrequestrejected": "deny",
    "sharinginvitationaccepted": "grant",
}
LINKS = {
    "anonymouslinkcreated": ("grant", "anyone"),
    "anonymouslinkremoved": ("revoke", "anyone"),
    "companylinkcreated": ("grant", "organisation"),
    "companylinkremoved": ("revoke", "organisation"),
}
OWNER = "2"
"""The role of a team's owner, as its log counts roles."""


def sharing(event: dict[str, Any]) -> list[Change]:
    """What an event changes; none for those that give and take nothing."""
    name = event["activity"]
    subject = text_of(event.get("TargetUserOrGroupName"))
    kind = (text_of(event.get("TargetUserOrGroupType")) or "").casefold()
    holder = "group" if "group" in kind else None
    site = (
        (text_of(event.get("SiteUrl")) or text_of(event.get("ObjectId")) or "").rstrip("/").rpartition("/")[2]
    )
    if name in ("addedtogroup", "removedfromgroup"):
        group = said(event, "Group")
        act = "grant" if name == "addedtogroup" else "revoke"
        return [change(act, subject, f"{site}/{group}" if group else None, "group", holder)]
    if name in ("sitecollectionadminadded", "sitecollectionadminremoved"):
        act = "grant" if name.endswith("added") else "revoke"
        return [change(act, subject, f"{site}/site-admin", "role", holder)]
    if name in SHARED:
        right = said(event, "Permissions granted") or said(event, "Type")
        if name.startswith(("accessrequest", "sharinginvitation")):
            subject = subject or text_of(event.get("UserId"))
        return [change(SHARED[name], subject, _thing(event, site, right), "permission", holder)]
    if name in LINKS:
        act, everybody = LINKS[name]
        return [change(act, everybody, _thing(event, site, said(event, "Type")), "permission", "group")]
    if name in ("groupadded", "groupremoved"):
        listed = event.get("ModifiedProperties")
        named = (
            next((one for one in listed if look_up(one, "Name") == "Name"), None)
            if isinstance(listed, list)
            else None
        )
        act, value = ("create", "NewValue") if name == "groupadded" else ("delete", "OldValue")
        return [change(act, text_of(look_up(named, value)), None, "group", "group")]
    if name in ("memberadded", "memberremoved", "memberrolechanged"):
        return _team(event, name)
    if name in ("addfolderpermissions", "modifyfolderpermissions", "removefolderpermissions"):
        return _folder(event, name)
    return []


def said(event: dict[str, Any], name: str) -> str | None:
    """What stands between `<name>` and its end in the event's data, which is no XML: names have blanks."""
    found = re.search(
        f"<{re.escape(name)}>(.*?)</{re.escape(name)}>", text_of(event.get("EventData")) or "", re.S
    )
    return found[1].strip() or None if found else None


def _thing(event: dict[str, Any], site: str, right: str | None) -> str | None:
    path = text_of(event.get("SourceRelativeUrl")) or text_of(event.get("SourceFileName"))
    name = f"{site}/{path}" if path else text_of(event.get("ObjectId"))
    return f"{name}:{right}" if name and right else name


def _team(event: dict[str, Any], name: str) -> list[Change]:
    """Members of a team; its owners hold another role besides."""
    team = text_of(event.get("TeamName")) or text_of(event.get("TeamGuid"))
    listed = event.get("Members")
    found: list[Change] = []
    for one in listed if isinstance(listed, list) else ():
        who = (text_of(one.get("UPN")) or text_of(one.get("DisplayName"))) if isinstance(one, dict) else None
        owner = isinstance(one, dict) and text_of(one.get("Role")) == OWNER
        act = "revoke" if name == "memberremoved" else "grant"
        if name != "memberrolechanged":
            found.append(change(act, who, team, "group"))
        elif not owner:
            act = "revoke"
        if owner or name == "memberrolechanged":
            found.append(change(act, who, f"{team}:owner", "role"))
    return found


def _folder(event: dict[str, Any], name: str) -> list[Change]:
    """Who may enter a folder of a mailbox; the rights `None` are none."""
    folder = look_up(event, "Item.ParentFolder")
    rights = (text_of(look_up(folder, "MemberRights")) or "").casefold()
    act = "revoke" if name.startswith("remove") or rights == "none" else "grant"
    who = text_of(look_up(folder, "MemberUpn")) or text_of(look_up(folder, "MemberSid"))
    place = f"folder:{text_of(event.get('MailboxOwnerUPN'))}:{text_of(look_up(folder, 'Path'))}"
    everybody = "group" if (who or "").casefold() in ("everyone", "default", "anonymous") else None
    return [change(act, who, place, "permission", everybody)]
