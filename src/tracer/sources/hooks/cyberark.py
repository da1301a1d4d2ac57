"""CyberArk: the same words from the audit service's JSON, the vault's own JSON, and its LEEF and CEF lines.

https://docs.cyberark.com/pam-self-hosted/latest/en/content/pasref/vault%20audit%20action%20codes.htm
"""

import re
from typing import Any

from tracer.sources.paths import look_up, text_of

REFUSED = re.compile(r"(?<!\s)\s*+(?:\(unauthorized\)|failure|failed)$", re.IGNORECASE)
GROUP = re.compile(r"\bgroup member$|\buser (?:to|from) group$", re.IGNORECASE)

NAMES = {
    "action": (
        "action",
        "syslog.audit_record.Action",
        "syslog.audit_record.Desc",
        "Action",
        "act",
        "cef.name",
    ),
    "who": ("username", "syslog.audit_record.Issuer", "usrName", "suser"),
    "first": (
        "customData.user_name",
        "customData.PAM.target",
        "syslog.audit_record.SourceUser",
        "SourceUser",
        "Affected User Name",
        "cs1",
    ),
    "second": (
        "customData.PAM.new_target",
        "syslog.audit_record.TargetUser",
        "TargetUser",
        "Target User Name",
    ),
    "role": ("customData.role_name",),
    "group": ("syslog.audit_record.Group", "Group"),
    "safe": ("safe", "syslog.audit_record.Safe", "Safe", "Safe Name", "cs2"),
    "file": ("accountName", "syslog.audit_record.File", "File", "fname"),
    "account": (
        "targetAccount",
        "syslog.audit_record.CAProperties.CAProperty[Name=UserName].Value",
        "syslog.audit_record.UserName",
        "duser",
    ),
    "request": ("syslog.audit_record.RequestId", "RequestId", "Request Id", "cn1"),
    "why": ("syslog.audit_record.Reason", "Reason", "reason", "msg", "customData.reason"),
    "at": ("timestamp", "syslog.audit_record.IsoTimestamp", "syslog.time"),
    "key": ("uuid",),
    "app": ("customData.app_display_name", "customData.name"),
}
"""Where each shape of record has what the table of actions asks for.

The vault writes whom an action is about as the first user (SourceUser, `Affected User Name`), and names a second
(TargetUser) only where there are two: for a group's members the group is the first, and the member the second.
"""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with `said`: its values under one set of names, and `refused` where the action is the word for a failure."""
    said = {name: _first(record, paths) for name, paths in NAMES.items()}
    if "auditCode" in record:
        # In a line of text this is the whole of it.
        said["why"] = said["why"] or text_of(look_up(record, "json.message") or record.get("message"))
    action = said["action"] or ""
    said["refused"] = action if REFUSED.search(action) else None
    said["action"] = REFUSED.sub("", action) or None
    said |= _about(said)
    return [{"said": said}]


def _about(said: dict[str, str | None]) -> dict[str, str | None]:
    """Whom the action is about (`target`), and which group."""
    first, second, group = said["first"], said["second"], said["group"]
    if not GROUP.search(said["action"] or ""):
        return {"target": first or second, "group": group or first}
    if said["role"]:
        return {"target": first, "group": said["role"]}
    if second:
        return {"target": second, "group": first or group}
    return {"target": first if group else None, "group": group or first}


def _first(record: dict[str, Any], paths: tuple[str, ...]) -> str | None:
    found = (text_of(look_up(record, path)) for path in paths)
    return next((text.strip().strip('"') for text in found if text and text.strip('" ')), None)
