"""Microsoft 365: the commands of Exchange and Purview that give and take access, by their parameters."""

import re
from typing import Any

from tracer.sources.paths import text_of

Change = dict[str, str | None]

MADE = {"mailbox": None, "mailuser": None, "unifiedgroup": "group"}
"""What commands make and remove that is an account, and what kind of one."""

LISTED = re.compile(r"[;,]")


def commands(event: dict[str, Any]) -> list[Change]:
    """What a command changes; none for commands that give and take nothing."""
    said = parameters(event.get("Parameters"))
    name = (text_of(event.get("Operation")) or "").strip().casefold()
    verb, _, noun = name.partition("-")
    taking = verb == "remove"
    act = "revoke" if taking else "grant"
    thing = short(said.get("identity") or text_of(event.get("ObjectId")))
    if noun in ("mailboxpermission", "recipientpermission", "adpermission") and verb in ("add", "remove"):
        who = short(said.get("user") or said.get("trustee") or said.get("owner"))
        rights = said.get("extendedrights") or said.get("accessrights") or "Owner"
        # A permission that denies takes access away.
        act = "revoke" if taking or said.get("deny", "").casefold() in ("true", "$true") else "grant"
        return [change(act, who, f"mailbox:{thing}:{right}", "permission") for right in words(rights)]
    if noun == "mailboxfolderpermission" and verb in ("add", "set", "remove"):
        none = said.get("accessrights", "").strip(" {}").casefold() == "none"
        act = "revoke" if taking or none else "grant"
        return [change(act, short(said.get("user")), f"folder:{said.get('identity') or thing}", "permission")]
    if noun in (
        "rolegroupmember",
        "distributiongroupmember",
        "rolegroup",
        "distributiongroup",
        "unifiedgrouplinks",
    ):
        return _members(verb, noun, thing, said)
    if noun == "managementroleassignment" and verb in ("new", "remove"):
        holder = short(
            next((said[key] for key in ("user", "securitygroup", "app", "computer") if said.get(key)), None)
        )
        role = short(said.get("role"))
        label = said.get("name") or said.get("identity") or f"{role}-{holder}"
        kind = "group" if said.get("securitygroup") else None
        return [
            change(act, holder, f"role:{role}" if role else None, "role", kind)
            | {"binding": f"assignment:{short(label)}"}
        ]
    if noun in MADE and verb in ("new", "enable", "remove", "disable"):
        own = said.get("microsoftonlineservicesid") or said.get("userprincipalname")
        made = "create" if verb in ("new", "enable") else "delete"
        # The identity that was typed may be an old address; the object's id is what it is known by.
        return [
            change(made, own or short(text_of(event.get("ObjectId"))) or thing, None, "mailbox", MADE[noun])
        ]
    if name == "set-mailbox":
        return [
            change("grant", short(one), f"mailbox:{thing}:{right}", "permission")
            for key, right in (
                ("grantsendonbehalfto", "SendOnBehalf"),
                ("forwardingsmtpaddress", "Forward"),
                ("forwardingaddress", "Forward"),
            )
            for one in words(said.get(key, ""))
        ]
    return []


def _members(verb: str, noun: str, thing: str | None, said: dict[str, str]) -> list[Change]:
    """Who enters or leaves a group; `update` and `new` tell everybody who is in it from then on."""
    owners = said.get("linktype", "").casefold() == "owners"
    entitlement = f"owner:{thing}" if owners else thing
    bound: Change = {"binding": f"group:{entitlement}"}
    if noun in ("rolegroup", "distributiongroup"):
        if verb == "remove":
            return [change("revoke", None, entitlement, "group") | bound]
        if verb != "new":
            return []
        entitlement = short(said.get("name")) or thing
        bound = {"binding": f"group:{entitlement}"}
    named = words(said.get("member") or said.get("members") or said.get("links") or "")
    if verb not in ("add", "remove", "update", "new"):
        return []
    whole: Change = {"whole": "true" if verb == "update" else None}
    act = "revoke" if verb == "remove" else "grant"
    return [change(act, short(one), entitlement, "group") | bound | whole for one in named]


def parameters(value: Any) -> dict[str, str]:
    """The parameters by their case-folded names: a list of names and values, or the text of the command."""
    if isinstance(value, str):
        return {name.casefold(): text for name, text in re.findall(r'-(\w+):? "([^"]*)"', value)}
    found = {}
    for one in value if isinstance(value, list) else ():
        name = text_of(one.get("Name")) if isinstance(one, dict) else None
        text = text_of(one.get("Value")) if isinstance(one, dict) else None
        if name and text:
            found[name.casefold()] = text.strip()
    return found


def short(name: str | None) -> str | None:
    """What an object is called: the last part of its path, without the kind of address before an address."""
    if not name:
        return None
    name = name.strip().rstrip("/")
    if "@" not in name or "/" in name:
        name = name.rpartition("/")[2]
    return re.sub(r"^(?:smtp:|cn=)", "", name, flags=re.I) or None


def words(text: str) -> list[str]:
    """The members of a list that stands in a text."""
    return [one.strip(" '\"@{}") for one in LISTED.split(text) if one.strip(" '\"@{}")]


def change(
    verb: str, subject: str | None, entitlement: str | None, kind: str, holder: str | None = None
) -> Change:
    """One change as the rows read it."""
    return {"verb": verb, "subject": subject, "entitlement": entitlement, "kind": kind, "holder": holder}
