"""Linux: what a line of the authentication log says was changed, by the words of the program that wrote it.

The programs of shadow-utils (https://github.com/shadow-maint/shadow), sudo (https://www.sudo.ws/docs/man/sudoers.man),
su and sshd; from syslog's text or from the journal's JSON.
"""

import re
from typing import Any

from tracer.sources.paths import look_up, text_of

Change = dict[str, Any]

SHADOW = ("useradd", "usermod", "userdel", "groupadd", "groupdel", "groupmod", "newusers", "adduser")

RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (SHADOW, re.compile(r"^new user: name=(?P<subject>[^,\s]+)(?:, UID=(?P<uid>\d+))?"), "create"),
    (SHADOW, re.compile(r"^add '(?P<subject>[^']+)' to (?:group '(?P<group>[^']+)')"), "grant"),
    (SHADOW, re.compile(r"^delete '(?P<subject>[^']+)' from group '(?P<group>[^']+)'"), "revoke"),
    (SHADOW, re.compile(r"^delete user '(?P<subject>[^']+)'"), "delete"),
    (SHADOW, re.compile(r"^lock user '(?P<subject>[^']+)' password"), "disable"),
    (SHADOW, re.compile(r"^unlock user '(?P<subject>[^']+)' password"), "enable"),
    (SHADOW, re.compile(r"^change user '(?P<subject>[^']+)' UID from '\d+' to '(?P<uid>0)'"), "grant"),
    (SHADOW, re.compile(r"^change user '(?P<subject>[^']+)' UID from '(?P<uid>0)' to '\d+'"), "revoke"),
    (
        SHADOW,
        re.compile(r"^change user '(?P<subject>[^']+)' expiration from '.*' to '(?P<ends>[^']*)'"),
        "extend",
    ),
    (SHADOW, re.compile(r"^change user '(?P<subject>[^']+)' password"), "rotate"),
    (SHADOW, re.compile(r"^group '(?P<gone>[^']+)' removed(?: from /etc/group)?$"), "revoke"),
    (
        ("gpasswd",),
        re.compile(r"^user (?P<subject>\S+) added by (?P<actor>\S+) to group (?P<group>\S+)"),
        "grant",
    ),
    (
        ("gpasswd",),
        re.compile(r"^user (?P<subject>\S+) removed by (?P<actor>\S+) from group (?P<group>\S+)"),
        "revoke",
    ),
    (
        ("gpasswd",),
        re.compile(r"^members of group (?P<group>\S+) set by (?P<actor>\S+) to (?P<members>\S*)"),
        "grant",
    ),
    (
        ("gpasswd",),
        re.compile(r"^administrators of group (?P<of>\S+) set by (?P<actor>\S+) to (?P<members>\S*)"),
        "grant",
    ),
    (("passwd",), re.compile(r"^password for '(?P<subject>[^']+)' changed by '(?P<actor>[^']+)'"), "rotate"),
    (
        ("passwd", "chpasswd"),
        re.compile(r"^pam_unix\((?:passwd|chpasswd):chauthtok\): password changed for (?P<subject>\S+)"),
        "rotate",
    ),
    (
        ("sudo",),
        re.compile(
            r"^(?P<actor>\S+) : (?:(?P<problem>[^;=]+) ; )?(?:[A-Z]+=[^;]* ; )*?USER=(?P<runs_as>[^; ]+)"
            r"(?: ; [A-Z]+=[^;]*)*? ; COMMAND="
        ),
        "use",
    ),
    (("su",), re.compile(r"^\(to (?P<subject>\S+)\) (?P<actor>\S+) on "), "assume"),
    (("su",), re.compile(r"^(?P<problem>FAILED SU) \(to (?P<subject>\S+)\) (?P<actor>\S+) on "), "assume"),
    (("su",), re.compile(r"^Successful su for (?P<subject>\S+) by (?P<actor>\S+)"), "assume"),
    (("su",), re.compile(r"^(?P<problem>FAILED su) for (?P<subject>\S+) by (?P<actor>\S+)"), "assume"),
)
"""Programs, their words, and the verb; the first that fits counts. The shadow files' own lines repeat those of the group."""

SIGN_IN = re.compile(r"^(?P<how>Accepted|Failed) \S+ for (?:invalid user )?(?P<actor>\S+) from ")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """One record per change, with `at`, `host`, `who`, and `change` or `use`; none where the line is about something else."""
    message = text_of(record.get("MESSAGE")) or text_of(record.get("message")) or ""
    app = text_of(record.get("SYSLOG_IDENTIFIER")) or text_of(look_up(record, "syslog.app")) or ""
    message = message.strip()
    found = {
        "at": text_of(record.get("__REALTIME_TIMESTAMP")) or text_of(look_up(record, "syslog.time")),
        "host": text_of(record.get("_HOSTNAME")) or text_of(look_up(record, "syslog.host")),
        "said": message,
    }
    app = app.rpartition("/")[2]
    for programs, pattern, verb in RULES:
        match = pattern.search(message) if app in programs else None
        if match is not None:
            said = match.groupdict()
            who = {"who": said.get("actor"), "problem": (said.get("problem") or "").strip() or None}
            return [{**found, **who, "change": one} for one in _changes(verb, said)]
    match = SIGN_IN.search(message) if app == "sshd" or app.startswith("sshd-") else None
    if match is None:
        return []
    failed = "sign-in refused" if match["how"] == "Failed" else None
    return [{**found, "who": match["actor"], "problem": failed, "use": "ssh sign-in"}]


def _changes(verb: str, said: dict[str, str | None]) -> list[Change]:
    """What the words that fit mean."""
    subject, group = said.get("subject"), said.get("group")
    if said.get("gone"):
        return [{"verb": "group-gone", "binding": f"group/{said['gone']}"}]
    if "members" in said:
        held = group or f"{said['of']}:administrator"
        members: list[str | None] = [one for one in (said["members"] or "").split(",") if one]
        whole = {"verb": "whole", "entitlement": held, "kind": "group", "binding": f"group/{held}"}
        return [{**whole, "subject": one} for one in members or [None]]
    if verb in ("grant", "revoke") and group:
        return [
            {
                "verb": verb,
                "subject": subject,
                "entitlement": group,
                "kind": "group",
                "binding": f"group/{group}",
            }
        ]
    if verb == "rotate":
        return [
            {"verb": verb, "subject": subject, "entitlement": "credential:password", "kind": "credential"}
        ]
    if verb == "use":
        return [
            {"verb": verb, "subject": said["actor"], "entitlement": f"sudo:{said['runs_as']}", "kind": "role"}
        ]
    if verb == "extend":
        return [{"verb": verb, "subject": subject, "expires_at": said.get("ends")}]
    root = {"subject": subject, "entitlement": "uid:0", "kind": "role"}
    if verb in ("grant", "revoke"):
        return [{"verb": verb, **root}]
    change: list[Change] = [{"verb": verb, "subject": subject}]
    return [*change, {"verb": "grant", **root}] if said.get("uid") == "0" else change
