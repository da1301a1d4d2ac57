"""WALLIX Bastion: what a line changed, from its words: lists in `infos`, and an approval as Python prints it.

https://doc.wallix.com/bastion (SIEM Logs Guide): `infos="groups [a, b], profile [user]"` of what was added (since 12:
`groups ['a', 'b']`), `groups ['a' to 'a, b']` of what was changed; a value that ends in dots was cut, and names nobody.
"""

import re
from typing import Any

from tracer.sources.paths import text_of
from tracer.sources.sentences import sentence

Change = dict[str, Any]

INFO = re.compile(r"([A-Za-z_][\w ]*?) \[((?:[^\[\]]|\[[^\]]*\])*)\]")
FROM_TO = re.compile(r"^'(.*)' to '(.*)'$", re.DOTALL)
APPROVAL = re.compile(r"uid='([^']+)'.*?status=(\d+)(?:.*?end=([\d-]+ [\d:]+))?")
MAPPING = re.compile(r"^<[^,]+, (?P<ldap>.+)> in (?P<group>.+) GROUP$")
APPROVED = {"1": "approve", "2": "deny", "4": "cancel"}
"""What an approval comes to; 3 is one that waits."""

RULES = (
    "AuthDomain",
    "ConfigOptions",
    "Profile",
    "Period",
    "Restriction",
    "ConnectionPolicy",
    "CheckoutPolicy",
    "CredChgPolicy",
    "Targetgroup",
    "Ldapdomain",
    "UserAuth",
)
"""Kinds of object that say who may do what, or how they sign in: as 12.4 names them, and as before."""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The line once per change, with `change`, and `infos` as a table."""
    infos = {key.strip(): value for key, value in INFO.findall(sentence(text_of(record.get("infos"))))}
    action, kind = text_of(record.get("action")) or "", text_of(record.get("type")) or ""
    found = {**record, "told": infos}
    if record.get("section") == "Vault Activity":
        result = text_of(record.get("result"))
        found["refused"] = result if result and not result.lower().endswith("successful") else None
    if record.get("section") == "sysaudit" and kind == "security-level":
        return [{**found, "change": {"verb": "change-rule", "entitlement": kind}}]
    if record.get("section") != "wabaudit":
        return [found]
    thing = sentence(text_of(record.get("object"))).strip()
    return [{**found, "change": one} for one in _changes(action, kind, thing, infos)] or [found]


def _changes(action: str, kind: str, thing: str, infos: dict[str, str]) -> list[Change]:
    if kind == "User":
        return _user(action, thing, infos)
    if kind == "Usergroup":
        return _group(action, thing, infos)
    if kind == "Authorization":
        group, _, targets = thing.partition(":")
        verb = {"add": "grant", "delete": "revoke", "edit": "change-rule"}.get(action)
        return [_held(verb, f"group:{group}", targets, "target-group", "group")] if verb else []
    if kind == "LdapMapping":
        match = MAPPING.match(thing)
        verb = {"add": "grant", "delete": "revoke"}.get(action)
        return (
            [_held(verb, match["ldap"], f"group:{match['group']}", "group", "group")]
            if match and verb
            else []
        )
    if kind == "AuthDomainMapping":
        return _mapping(action, thing, infos)
    if kind == "Apikey":
        verb = {"add": "grant", "delete": "revoke", "edit": "rotate"}.get(action)
        return [_held(verb, thing, f"credential:{thing}", "credential", "workload")] if verb else []
    if kind == "Approval":
        return _approval(action, thing, infos)
    if kind in RULES and action in ("add", "edit", "delete") and set(infos) != {"Description"}:
        return [{"verb": "change-rule", "entitlement": f"{kind}:{thing}"}]
    return []


def _user(action: str, name: str, infos: dict[str, str]) -> list[Change]:
    if action == "delete":
        return [{"verb": "delete", "subject": name}]
    if action not in ("add", "edit"):
        return []
    found: list[Change] = [{"verb": "create", "subject": name}] if action == "add" else []
    for key, label in (("profile", "profile"), ("groups", "group")):
        old, new = _sides(infos.get(key))
        found += [_held("revoke", name, f"{label}:{one}", label) for one in old if one not in new]
        found += [_held("grant", name, f"{label}:{one}", label) for one in new if one not in old]
    if action == "edit" and "userPassword" in infos:
        found.append(_held("rotate", name, "credential:password", "credential"))
    return found


def _group(action: str, name: str, infos: dict[str, str]) -> list[Change]:
    if action == "delete":
        return [{"verb": "group-gone", "binding": f"group/{name}"}]
    old, new = _sides(infos.get("Users"))
    left = [_held("revoke", one, f"group:{name}", "group") for one in old if one not in new]
    return left + [_held("grant", one, f"group:{name}", "group") for one in new if one not in old]


def _mapping(action: str, uid: str, infos: dict[str, str]) -> list[Change]:
    """A group of the directory that is one of the bastion, by the mapping's own id."""
    if action == "delete":
        return [{"verb": "group-gone", "binding": f"mapping/{uid}"}]
    outside, inside = (_name(infos.get(key) or "") for key in ("external_group", "local_group"))
    if action != "add" or outside is None or inside is None:
        return []
    held = _held("grant", outside, f"group:{inside}", "group", "group")
    return [{**held, "binding": f"mapping/{uid}"}]


def _approval(action: str, thing: str, infos: dict[str, str]) -> list[Change]:
    match = APPROVAL.search(thing)
    if match is None:
        return []
    if action == "add":
        verb: str | None = "request"
    elif action == "delete":
        verb = "cancel"
    else:
        old, new = _sides(infos.get("status"))
        verb = APPROVED.get(new[0]) if new and new != old else None
    return [{"verb": verb, "ticket": match[1], "expires_at": match[3]}] if verb else []


def _held(verb: str | None, subject: str, entitlement: str, kind: str, who: str | None = None) -> Change:
    change: Change = {"verb": verb, "subject": subject or None, "subject_kind": who, "kind": kind}
    held = f"group/{entitlement[6:]}" if entitlement.startswith("group:") else None
    return {**change, "entitlement": entitlement, "binding": held if verb == "grant" else None}


def _sides(value: str | None) -> tuple[list[str], list[str]]:
    """The names before and after; of what was added there is no before. A list that was cut says nothing for sure."""
    if value is None:
        return [], []
    match = FROM_TO.match(value)
    sides = (match[1], match[2]) if match else ("", value)
    if any(side.endswith("...") or re.search(r" and \d+ other", side) for side in sides) and match:
        return [], []
    old, new = ([one for name in side.split(",") if (one := _name(name))] for side in sides)
    return old, new


def _name(text: str) -> str | None:
    text = re.sub(r" and \d+ other.*$", "", text.strip().strip("'"))
    return None if text in ("", "None") or text.endswith("...") else text
